"""`ganstyle stylize` between pipes."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from ganstyle.cli.streams import parse_size
from ganstyle.errors import ConfigError
from ganstyle.images.read import format_within
from tests.cli.running import ENVIRONMENT, GANSTYLE, pipe, spawn
from tests.conftest import heic, picture


def test_a_picture_through_a_pipe(tmp_path: Path, checkpoint: Path) -> None:
    picture(40, 30).save(tmp_path / "a.jpg")
    data = (tmp_path / "a.jpg").read_bytes()
    style = ["--style", checkpoint]
    done = spawn("stylize", "-", "-", *style, "--format", "png", data=data, cwd=tmp_path)
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


def test_a_heic_through_a_pipe(tmp_path: Path, checkpoint: Path) -> None:
    data = heic(picture(40, 30))
    done = pipe(data, "stylize", "-", "-", "--style", checkpoint, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with Image.open(BytesIO(done.stdout)) as result:
        assert (result.format, result.size) == ("JPEG", (40, 30))


def test_raw_frames_through_a_pipe(tmp_path: Path, checkpoint: Path) -> None:
    frames = b"".join(picture(32, 24, seed=seed).tobytes() for seed in range(3))
    arguments = ["stylize", "-", "-", "--raw", "32x24", "--style", checkpoint]
    done = spawn(*arguments, data=frames, cwd=tmp_path)
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


def test_sizes_are_read_or_refused() -> None:
    assert parse_size("1280x720") == (1280, 720)
    for wrong in ("1280", "x", "0x10", "-1x3", "1.5x2", "axb"):
        with pytest.raises(ConfigError, match="WIDTHxHEIGHT"):
            parse_size(wrong)
