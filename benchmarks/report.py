"""Tables of figures as Markdown: printed, and put between the markers of a page."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ganstyle.errors import DataError
from ganstyle.files import atomic_path


def markers(name: str) -> tuple[str, str]:
    """The lines between which the tables of that name stand."""
    return f"<!-- {name}:start -->", f"<!-- {name}:end -->"


Write = Annotated[Path | None, typer.Option(help="Page with the markers between which to write.")]
"""The option by which a benchmark puts its tables into a page."""

BENCH = "bench"
"""Name of the markers that benchmarks/stylize.py writes between."""

START, END = markers(BENCH)


@dataclass(frozen=True)
class Sheet:
    """A table of figures with its caption."""

    caption: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def markdown(self) -> str:
        """The caption, an empty line, and a Markdown table."""
        lines = [self.columns, ("---",) * len(self.columns), *self.rows]
        table = ["| " + " | ".join(cell or "-" for cell in line) + " |" for line in lines]
        return "\n".join([self.caption, "", *table])


def split_at_markers(path: Path, name: str = BENCH) -> tuple[str, str]:
    """What stands in path up to the start marker and from the end marker on, both included.

    name: that of the markers. Raises DataError when the file or one of its markers is missing, or
    the markers are doubled.
    """
    start, end = markers(name)
    if not path.is_file():
        raise DataError(f"{path}: no such file.")
    text = path.read_text(encoding="utf-8")
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        raise DataError(f"{path}: needs the lines {start} and {end}, once each and in this order.")
    head, _, rest = text.partition(start)
    return head + start, end + rest.partition(end)[2]


def write_between_markers(path: Path, content: str, name: str = BENCH) -> None:
    """Replace what stands between the markers in path, the rest stays. Raises DataError."""
    head, tail = split_at_markers(path, name)
    with atomic_path(path) as temporary:
        temporary.write_text(f"{head}\n{content.strip()}\n{tail}", encoding="utf-8")


def publish(parts: Sequence[Sheet | str], file: str, name: str, write: Path | None) -> None:
    """Print tables and sentences and, with write, put them there between the markers of that name.

    file: of the benchmark, for the line that tells how they were measured. Raises DataError.
    """
    texts = [part.markdown() if isinstance(part, Sheet) else part for part in parts]
    measured = f"Measured by `{command_line(file)}`: {describe_machine()}."
    content = "\n\n".join([*texts, measured])
    print(content)
    if write:
        write_between_markers(write, content, name)


def command_line(file: str) -> str:
    """The command of a benchmark as it was given, paths shortened to their names."""
    words = (Path(word).name for word in sys.argv[1:])
    return " ".join([f"python benchmarks/{file}", *words])


def describe_machine() -> str:
    """The torch version and the kind of machine, in words that name no particular one."""
    import torch

    if torch.cuda.is_available():
        return f"torch {torch.__version__}, {torch.cuda.get_device_name()}"
    # torch asks the processor, under names that are not promised to stay.
    asks = {
        "_is_amx_tile_supported": "bfloat16 instructions (AMX)",
        "_is_avx512_bf16_supported": "bfloat16 instructions (AVX-512, no AMX)",
        "_is_avx512_supported": "AVX-512, without bfloat16 instructions",
    }
    kinds = [words for ask, words in asks.items() if getattr(torch.cpu, ask, bool)()]
    kind = f"with {kinds[0]}" if kinds else "without bfloat16 instructions"
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = "one core" if count == 1 else f"{count} cores"
    return f"torch {torch.__version__}, {cores} of a processor {kind}"
