"""The command line as a user runs it."""

import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from ganstyle import __version__
from ganstyle.config import DEFAULT_STYLE
from ganstyle.files import find_images
from ganstyle.images.read import format_within
from ganstyle.images.tensors import read_image
from ganstyle.models.generator import Generator
from ganstyle.models.pretrained import save_generator
from ganstyle.stylize.manifest import MANIFEST
from tests.conftest import info_for, picture
from tests.features.test_torchscript import Means, scripted

MakeFolder = Callable[..., Path]


GANSTYLE = [sys.executable, "-m", "ganstyle"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [*GANSTYLE, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=ENVIRONMENT)


def pipe(data: bytes, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run with data on stdin; stdout and stderr are bytes."""
    command = [*GANSTYLE, *map(str, arguments)]
    return subprocess.run(command, input=data, capture_output=True, cwd=cwd, env=ENVIRONMENT)


def test_help_version_and_no_arguments() -> None:
    assert f"ganstyle {__version__}\n" == run("--version").stdout
    for command in ("stylize", "train", "evaluate", "styles"):
        assert command in run("--help").stdout
    assert run().returncode == 2


def test_styles_are_listed_on_stdout() -> None:
    lines = run("styles").stdout.splitlines()
    assert sum(line.startswith(f"{DEFAULT_STYLE} (default): ") for line in lines) == 1
    assert DEFAULT_STYLE in [style["style"] for style in json.loads(run("styles", "--json").stdout)]


def test_a_difficult_folder_is_worked_through(tmp_path: Path) -> None:
    source = tmp_path / "in put"
    (source / "sub").mkdir(parents=True)
    (source / "text.jpg").write_text("not a picture")
    (source / "empty.jpg").touch()
    picture(64, 64).save(source / "whole.jpg")
    (source / "cut.jpg").write_bytes((source / "whole.jpg").read_bytes()[:-300])
    picture(32, 32).convert("CMYK").save(source / "cmyk.jpg")
    picture(32, 32).convert("P").save(source / "palette.png")
    picture(1, 1).save(source / "one.png")
    picture(5000, 20).save(source / "strip.png")
    picture(30, 20).save(source / "sub" / "Übung 1 köln.webp")
    done = run("stylize", source, tmp_path / "out")
    assert done.returncode == 1
    assert done.stdout == ""
    for name in ("text.jpg", "empty.jpg", "cut.jpg"):
        assert name in done.stderr
        assert not (tmp_path / "out" / name).exists()
    assert "6 done, 0 skipped, 3 failed" in done.stderr
    assert "Traceback" not in done.stderr
    sizes = {p.name: read_image(p).size for p in find_images(tmp_path / "out")}
    assert sizes == {
        "whole.jpg": (64, 64),
        "cmyk.jpg": (32, 32),
        "palette.png": (32, 32),
        "one.png": (1, 1),
        "strip.png": (5000, 20),
        "Übung 1 köln.webp": (30, 20),
    }


def test_one_picture_by_a_checkpoint_file(tmp_path: Path, checkpoint: Path) -> None:
    picture(40, 30).save(tmp_path / "a.jpg")
    done = run("stylize", "a.jpg", "b.png", "--style", checkpoint, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert read_image(tmp_path / "b.png").size == (40, 30)
    again = run("stylize", "a.jpg", "b.png", "--style", checkpoint, cwd=tmp_path)
    assert again.returncode == 0, again.stderr  # it is ours


def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path, checkpoint: Path) -> None:
    for name in ("a.jpg", "precious.jpg"):
        picture(40, 30).save(tmp_path / name)
    before = (tmp_path / "precious.jpg").read_bytes()
    for arguments in (["a.jpg", "precious.jpg"], ["-", "precious.jpg"]):
        command = ["stylize", *arguments, "--style", checkpoint]
        done = pipe((tmp_path / "a.jpg").read_bytes(), *command, cwd=tmp_path)
        assert done.returncode != 0
        assert b"precious.jpg: exists" in done.stderr
        assert (tmp_path / "precious.jpg").read_bytes() == before
        assert pipe(before, *command, "--overwrite", cwd=tmp_path).returncode == 0
        (tmp_path / "precious.jpg").write_bytes(before)


def test_names_that_are_no_utf8(tmp_path: Path, checkpoint: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/in"
    os.mkdir(folder)  # noqa: PTH102, bytes are the point
    try:
        with open(folder + b"/caf\xe9.png", "wb") as file:  # noqa: PTH123
            picture(20, 10).save(file, "PNG")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    arguments = ["stylize", tmp_path / "in", tmp_path / "out", "--style", checkpoint, "--json"]
    assert run(*arguments).returncode == 0
    assert "0 done, 1 skipped" in run(*arguments).stderr


def test_wrong_usage_is_one_line_and_exit_code_2(tmp_path: Path, checkpoint: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    picture(8, 8).save(folder / "a.png")
    half = tmp_path / "half.safetensors"
    half.write_bytes(checkpoint.read_bytes()[: checkpoint.stat().st_size // 2])
    for arguments, message in (
        (["stylize", folder, folder], "would be overwritten"),
        (["stylize", folder, tmp_path / "out", "--style", "nobody"], "neither a shipped style"),
        (["stylize", folder, tmp_path / "out", "--style", half], "damaged"),
        (["stylize", folder, tmp_path / "out", "--device", "cuda:99"], "sees"),
        (["stylize", folder, tmp_path / "out", "--precision", "int4"], "unknown"),
        (["stylize", folder, tmp_path / "out", "--strength", "2"], "strength is 2.0"),
        (["stylize", folder, tmp_path / "out", "--format", "heic"], "format is heic"),
        (["stylize", folder, tmp_path / "out", "--tile", "7"], "tile is 7"),
        (["stylize", folder, tmp_path / "out", "--raw", "8x8"], "give - and -"),
        (["stylize", "-", "-", "--raw", "8"], "raw is 8"),
        (["stylize", folder, "-"], "no folder"),
        (["stylize", folder], "and then the output"),
        (["stylize", folder, "--in-place", "--suffix", "-x"], "keeps names"),
        (["stylize", folder, half / "out"], "cannot be made"),
        (["stylize", tmp_path / "out", "--files-from", tmp_path / "no.txt"], "cannot be read"),
        (["stylize", tmp_path / "nowhere", tmp_path / "out"], "no such file"),
        (["train", folder, folder, tmp_path / "run"], "one of --minutes and --images"),
        (["train", folder, folder, tmp_path / "run", "--images", 1, "--preset", "x"], "preset"),
        (["train", folder, tmp_path / "run", "--images", 1], "2 folders are named"),
        (["train", folder, "run", "--images", 1, "--sketch", "--paired"], "give one"),
        (["train", folder, folder, "run", "--images", 1, "--sketch"], "it takes PHOTOS RUN"),
        (["train", folder, folder, "run", "--images", 1], "there is no style to learn"),
        (["evaluate", folder, folder, "--style", checkpoint, "--held-out"], "held-out"),
        (["evaluate", folder, folder, "--held-out", "--results", folder], "no style picture"),
        (["evaluate", folder, tmp_path / "nowhere"], "not a folder"),
        (["evaluate", folder, folder, "--require", "kid"], "not a requirement"),
        (["evaluate", folder, folder, "--require", "fid<20"], "known are kid"),
    ):
        done = run(*arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert message in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "run").exists()


def test_train_then_stylize_then_evaluate(tmp_path: Path, make_folder: MakeFolder) -> None:
    """The whole path on tiny pictures: two steps of the real generator."""
    make_folder("photos", 6)
    make_folder("prints", 10)
    small = ["--crop", 64, "--batch", 1, "--content-size", 128, "--style-size", 80]
    done = run("train", "photos", "prints", "run", "--images", 2, *small, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "fooled: " in done.stderr
    checkpoint = tmp_path / "run" / "checkpoint.safetensors"
    assert run("stylize", "photos", "out", "--style", checkpoint, cwd=tmp_path).returncode == 0
    size = ["--size", 64, "--crop", 48, "--grid", 2, "--held-out", "--json"]
    scored = run("evaluate", "photos", "prints", "--style", checkpoint, *size, cwd=tmp_path)
    assert scored.returncode == 0, scored.stderr
    scores = json.loads(scored.stdout)
    expected = {"kid", "kid_photos", "kid_floor", "style_progress", "content", "pictures"}
    assert scores.keys() >= expected
    assert scores["pictures"] == 6


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_training_killed_at_any_moment_gives_the_same_bits(
    tmp_path: Path, make_folder: MakeFolder
) -> None:
    make_folder("photos", 5, (110, 100))
    make_folder("prints", 10, (110, 100))
    small = "--crop 64 --content-size 100 --style-size 100 --batch 2 --preset fast --images 24"
    options = [*small.split(), "--precision", "float32", "--name", "killed"]
    assert run("train", "photos", "prints", "whole", *options, cwd=tmp_path).returncode == 0
    command = [*GANSTYLE, "train", "photos", "prints", "run", *options]
    kills = 0
    for _ in range(3):
        with subprocess.Popen(command, stderr=subprocess.PIPE, cwd=tmp_path, env=ENVIRONMENT) as p:
            while p.poll() is None and not (tmp_path / "run" / "state.safetensors").is_file():
                time.sleep(0.02)
            time.sleep(random.uniform(0, 3 * kills + 1))
            kills += p.poll() is None
            p.kill()
    assert kills
    done = run("train", "photos", "prints", "run", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in ("checkpoint.safetensors", "best.safetensors"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_options_from_a_file_give_way_to_the_command_line(
    tmp_path: Path, make_folder: MakeFolder
) -> None:
    make_folder("photos", 6)
    make_folder("prints", 10)
    text = "crop = 64\nbatch = 1\ncontent_size = 128\nstyle_size = 80\nimages = 7\n"
    (tmp_path / "run.toml").write_text(text)
    arguments = ["train", "photos", "prints", "run", "--config", "run.toml", "--dry-run"]
    done = run(*arguments, "--images", 5, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"crop": 64' in done.stdout
    assert '"images": 5' in done.stdout
    (tmp_path / "run.toml").write_text("crops = 64\n")
    assert "crops is no option" in run(*arguments, cwd=tmp_path).stderr
    (tmp_path / "run.toml").write_text("crop = 'wide'\n")
    assert "crop is 'wide'; it must be of type int" in run(*arguments, cwd=tmp_path).stderr


def test_a_dry_run_looks_and_writes_nothing(tmp_path: Path, make_folder: MakeFolder) -> None:
    (make_folder("photos", 6) / "broken.jpg").write_text("broken")
    make_folder("prints", 10)
    small = ["--crop", 64, "--batch", 1, "--content-size", 128, "--style-size", 80]
    done = run(
        "train", "photos", "prints", "run", "--images", 90, *small, "--dry-run", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "photos: 6 pictures to train on, 1 held out." in done.stdout
    assert "broken.jpg" in done.stdout
    assert "90 crops at" in done.stdout
    assert '"crop": 64' in done.stdout
    assert not (tmp_path / "run").exists()


def test_evaluate_prints_a_table(make_folder: MakeFolder, checkpoint: Path) -> None:
    done = run("evaluate", make_folder("a", 2), make_folder("b", 2), "--style", checkpoint)
    assert done.returncode == 0, done.stderr
    assert "style progress" in done.stdout


def test_evaluate_ranks_writes_a_report_and_says_what_was_missed(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    photos, prints = make_folder("photos", 6), make_folder("prints", 6, (100, 90))
    options = ["--style", checkpoint, "--results", photos, "--report", tmp_path / "report.html"]
    small = ["--size", 64, "--crop", 32, "--grid", 2, "--crops", 2]
    wanted = ["--require", "content>0.99", "--require", "pictures>=6"]
    done = run("evaluate", photos, prints, *options, *small, *wanted)
    assert done.returncode == 1, done.stderr
    assert "untouched photos" in done.stdout
    assert "Warning: 6 of 6 photos are among the style pictures too" in done.stderr
    missed = [line for line in done.stderr.splitlines() if "is required" in line]
    assert len(missed) == 1
    assert missed[0].startswith("test: content>0.99 is required, but content is 0.")
    page = (tmp_path / "report.html").read_text()
    assert "test, by style" in page or "photos, by style" in page
    held = run("evaluate", photos, prints, "--results", photos, *small, "--require", "edges>0.9")
    assert held.returncode == 0, held.stderr


def test_evaluate_takes_an_extractor_and_tells_equal_names_apart(
    tmp_path: Path, make_folder: MakeFolder, lively: Generator
) -> None:
    photos, prints = make_folder("photos", 3), make_folder("prints", 4)
    paths = [tmp_path / "a" / "x.safetensors", tmp_path / "b" / "x.safetensors"]
    for path in paths:
        path.parent.mkdir()
        save_generator(path, lively, info_for(lively))
    features = scripted(tmp_path, Means())
    small = ["--size", 64, "--crop", 32, "--grid", 2, "--json", "--features", features]
    done = run("evaluate", photos, prints, "--style", paths[0], "--style", paths[1], *small)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {entry["name"] for entry in found["candidates"]} == {str(path) for path in paths}
    assert found["measured"]["extractor"] == "Means.pt"
    broken = run("evaluate", photos, prints, "--features", photos / "00.png")
    assert broken.returncode == 2
    assert "TorchScript" in broken.stderr


def test_a_picture_through_a_pipe(tmp_path: Path, checkpoint: Path) -> None:
    picture(40, 30).save(tmp_path / "a.jpg")
    data = (tmp_path / "a.jpg").read_bytes()
    style = ["--style", checkpoint]
    done = pipe(data, "stylize", "-", "-", *style, "--format", "png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with Image.open(BytesIO(done.stdout)) as result:
        assert (result.format, result.size) == ("PNG", (40, 30))
    done = pipe(b"", "stylize", "a.jpg", "-", *style, cwd=tmp_path)
    assert format_within(done.stdout) == "JPEG"
    assert pipe(data, "stylize", "-", "b.webp", *style, cwd=tmp_path).returncode == 0
    assert format_within(tmp_path / "b.webp") == "WEBP"
    for ending in ("jpg", "tiff"):  # Pillow goes back and forth in some formats
        asked = pipe(data, "stylize", "-", "-", *style, "--format", ending, cwd=tmp_path)
        assert asked.returncode == 0, asked.stderr
    failed = pipe(b"no picture", "stylize", "-", "-", *style, "--format", "png", cwd=tmp_path)
    assert failed.returncode == 1
    assert b"stdin: cannot be read" in failed.stderr
    assert failed.stdout == b""


def test_inputs_from_a_list(tmp_path: Path, make_folder: MakeFolder, checkpoint: Path) -> None:
    make_folder("photos", 3)
    style = ["--style", checkpoint]
    for separator, out in ((b"\n", "lines"), (b"\0", "nuls")):
        data = separator.join([b"photos/00.png", b"photos/02.png", b""])
        done = pipe(data, "stylize", out, "--files-from", "-", *style, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert sorted(p.name for p in (tmp_path / out / "photos").iterdir()) == ["00.png", "02.png"]


def test_a_json_line_for_each_picture(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    (make_folder("photos", 2) / "bad.png").write_text("bad")
    arguments = ["stylize", "photos", "out", "--style", checkpoint, "--json"]
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    lines = {Path(line["input"]).name: line for line in map(json.loads, done.stdout.splitlines())}
    assert lines.keys() == {"00.png", "01.png", "bad.png"}
    assert lines["00.png"]["status"] == "done"
    assert lines["00.png"]["size"] == [96, 80]
    assert lines["00.png"]["seconds"] > 0
    assert Path(lines["00.png"]["output"]) == Path("out/00.png")
    assert "cannot be read" in lines["bad.png"]["reason"]
    again = run(*arguments, cwd=tmp_path)
    assert "0 done, 2 skipped, 1 failed" in again.stderr


def test_a_reader_that_goes_away_makes_no_traceback(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    make_folder("photos", 12)
    command = [*GANSTYLE, "stylize", "photos", "out", "--style", str(checkpoint), "--json"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=ENVIRONMENT
    )
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    with process.stderr:
        errors = process.stderr.read().decode()
    process.wait(60)
    assert "Traceback" not in errors
    assert "Exception" not in errors


@pytest.mark.skipif(sys.platform == "win32", reason="no limits")
def test_a_disk_that_is_full_is_named_and_nothing_half_is_left(
    tmp_path: Path, checkpoint: Path
) -> None:
    (tmp_path / "photos").mkdir()
    picture(20, 10).save(tmp_path / "photos" / "small.png")
    noise = Image.effect_noise((200, 200), 100)
    noise.save(tmp_path / "photos" / "large.png")
    # No file may grow beyond 16 blocks, which is what a full disk looks like to the writer.
    command = shlex.join([*GANSTYLE, "stylize", "photos", "out", "--style", str(checkpoint)])
    done = subprocess.run(
        f"ulimit -f 16; exec {command}",
        shell=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
    )
    assert done.returncode == 1, done.stderr
    assert "large.png: cannot be written" in done.stderr
    assert "1 done, 0 skipped, 1 failed" in done.stderr
    left = {p.name for p in (tmp_path / "out").iterdir()}
    assert left == {"small.png", MANIFEST}


def test_in_place_replaces_the_inputs_once(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    folder = make_folder("photos", 2)
    before = (folder / "00.png").read_bytes()
    arguments = ["stylize", folder, "--in-place", "--style", checkpoint]
    assert run(*arguments).returncode == 0
    after = (folder / "00.png").read_bytes()
    assert after != before
    again = run(*arguments)
    assert "0 done, 2 skipped" in again.stderr
    assert (folder / "00.png").read_bytes() == after


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.3])
def test_a_kill_leaves_whole_files_and_the_next_run_goes_on(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path, seconds: float
) -> None:
    make_folder("photos", 40, size=(300, 200))
    command = [*GANSTYLE, "stylize", "photos", "out", "--style", str(checkpoint), "--json"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=tmp_path, env=ENVIRONMENT
    )
    assert process.stdout
    process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    process.wait()
    process.stdout.close()
    whole = [path for path in (tmp_path / "out").glob("*.png") if not path.name.startswith(".")]
    assert len(whole) > 0
    for path in whole:
        assert read_image(path).size == (300, 200)
    for path in (tmp_path / "out").glob(".ganstyle-*-*"):
        os.utime(path, (0, 0))  # as if it had lain there for a while
    done = run(*command[3:], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").glob("*.png"))) == 40
    assert not list((tmp_path / "out").glob(".ganstyle-*-*"))
    assert f"{40 - len(whole)} done, {len(whole)} skipped, 0 failed" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_watch_takes_what_appears_until_it_is_interrupted(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    folder = make_folder("inbox", 0)
    command = [*GANSTYLE, "stylize", "inbox", "out", "--watch", "--style", str(checkpoint)]
    process = subprocess.Popen(
        [*command, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
    )
    assert process.stdout
    picture(20, 10).save(folder / "a.png")
    assert json.loads(process.stdout.readline())["status"] == "done"
    picture(20, 10).save(folder / "b.png")
    assert json.loads(process.stdout.readline())["input"].endswith("b.png")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "2 done" in errors
    assert "Traceback" not in errors


def test_raw_frames_through_a_pipe(tmp_path: Path, checkpoint: Path) -> None:
    frames = b"".join(picture(32, 24, seed=seed).tobytes() for seed in range(3))
    arguments = ["stylize", "-", "-", "--raw", "32x24", "--style", checkpoint]
    done = pipe(frames, *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) == len(frames)
    assert b"3 frames done" in done.stderr


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
def test_video_with_a_real_ffmpeg(tmp_path: Path, checkpoint: Path) -> None:
    source = "ffmpeg -v error -f lavfi -i testsrc=size=64x48:duration=1:rate=5"
    raw = "-f rawvideo -pix_fmt rgb24"
    style = f"{' '.join(GANSTYLE)} stylize - - --raw 64x48 --style {checkpoint}"
    back = f"ffmpeg -v error {raw} -s 64x48 -r 5 -i - out.mkv"
    command = f"{source} {raw} - | {style} | {back}"
    subprocess.run(command, shell=True, check=True, cwd=tmp_path, env=ENVIRONMENT)
    probe = "ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 out.mkv"
    done = subprocess.run(probe.split(), capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip().rstrip(",") == "5"


def test_two_processes_share_a_folder(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    (make_folder("photos", 5) / "bad.png").write_text("bad")
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command = [*torchrun, "--nproc-per-node", "2", "-m", "ganstyle", "stylize", "photos", "out"]
    done = subprocess.run(
        [*command, "--style", str(checkpoint), "--json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
    )
    assert done.returncode == 1
    names = [Path(json.loads(line)["input"]).name for line in done.stdout.splitlines()]
    assert sorted(names) == ["00.png", "01.png", "02.png", "03.png", "04.png", "bad.png"]
    assert done.stderr.count("5 done, 0 skipped, 1 failed") == 1
    assert len(list((tmp_path / "out").glob("*.png"))) == 5


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_is_exit_code_130(
    tmp_path: Path, make_folder: MakeFolder, number: signal.Signals
) -> None:
    photos, prints = make_folder("photos", 6), make_folder("prints", 6)
    command = [
        sys.executable,
        "-m",
        "ganstyle",
        "train",
        str(photos),
        str(prints),
        str(tmp_path / "run"),
    ]
    options = ["--minutes", "5", "--crop", "64", "--content-size", "128", "--style-size", "80"]
    process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "run" / "metrics.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert (tmp_path / "run" / "checkpoint.safetensors").is_file()
