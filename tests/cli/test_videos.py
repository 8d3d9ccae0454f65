"""`ganstyle stylize` on videos."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ganstyle.cli.progress import stylizing_display
from ganstyle.stylize.jobs import Job
from tests.cli.running import ENVIRONMENT, GANSTYLE, run
from tests.conftest import picture
from tests.videos.clips import clip, frames_of, moving

MakeFolder = Callable[..., Path]


def test_a_folder_of_photos_and_videos(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    clip(make_folder("in", 2) / "sea.MP4", moving(4), sound="aac")
    arguments = ["stylize", "in", "out", "--style", checkpoint, "--json", "--suffix", "-p"]
    done = run(*arguments, "--format", "webp", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3 done (4 frames of video), 0 skipped, 0 failed" in done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(record["output"]).name for record in records] == [
        *("00-p.webp", "01-p.webp", "sea-p.MP4")
    ]
    assert [record.get("frames") for record in records] == [None, None, 4]
    again = run(*arguments, "--format", "webp", cwd=tmp_path)
    assert "0 done, 3 skipped" in again.stderr


def test_the_dial_of_videos_is_part_of_their_recipe_alone(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    clip(make_folder("in", 1) / "sea.mp4", moving(2))
    arguments = ["stylize", "in", "out", "--style", checkpoint]
    assert run(*arguments, cwd=tmp_path).returncode == 0
    changed = run(*arguments, "--steady", "1", cwd=tmp_path)
    assert changed.returncode == 2
    assert "out/sea.mp4: exists and was made with other options" in changed.stderr
    (tmp_path / "out" / "sea.mp4").unlink()
    done = run(*arguments, "--steady", "1", cwd=tmp_path)
    assert "1 done (2 frames of video), 1 skipped" in done.stderr


def test_without_the_package_videos_are_passed_over_with_a_line(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip(make_folder("in", 1) / "sea.mp4", moving(2))
    monkeypatch.setattr("ganstyle.stylize.plan.videos_readable", lambda: False)
    monkeypatch.setattr("ganstyle.videos.read.videos_readable", lambda: False)
    done = run("stylize", "in", "out", "--style", checkpoint, cwd=tmp_path)
    assert done.returncode == 0
    assert "1 video passed over.\nTo paint videos: pip install av\n1 done" in done.stderr
    named = run("stylize", "in/sea.mp4", "b.mp4", "--style", checkpoint, cwd=tmp_path)
    assert named.returncode == 1
    assert "1 video cannot be read for want of a package: pip install av" in named.stderr
    (tmp_path / "in" / "00.png").unlink()
    nothing = run("stylize", "in", "out", "--style", checkpoint, cwd=tmp_path)
    assert nothing.returncode == 2
    assert "no pictures to stylize.\nTo paint videos: pip install av" in nothing.stderr


def test_options_for_pictures_only(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    sea = clip(make_folder("in", 1) / "sea.mp4", moving(2))
    before = sea.read_bytes()
    style = ["--style", checkpoint]
    for option, arguments in (
        ("--in-place", ["in/sea.mp4", "--in-place"]),
        ("--variations", ["in/sea.mp4", "b.mp4", "--variations", 2]),
    ):
        refused = run("stylize", *arguments, *style, cwd=tmp_path)
        assert refused.returncode == 2
        assert f"in/sea.mp4: a video, and {option} is for pictures only." in refused.stderr
    done = run("stylize", "in", "--in-place", *style, cwd=tmp_path)
    assert done.returncode == 0
    assert "1 video passed over.\nTo paint videos: leave --in-place out" in done.stderr
    assert sea.read_bytes() == before
    piped = run("stylize", "in/sea.mp4", "-", *style, cwd=tmp_path)
    assert piped.returncode == 2
    assert "a video is written to a file" in piped.stderr


def test_wrong_names_are_told(tmp_path: Path, checkpoint: Path) -> None:
    clip(tmp_path / "sea.mp4", moving(2)).rename(tmp_path / "sea.jpg")
    clip(tmp_path / "sea.mp4", moving(2))
    picture(40, 30).save(tmp_path / "a.jpg")
    style = ["--style", checkpoint]
    named = run("stylize", "sea.jpg", "b.jpg", *style, cwd=tmp_path)
    assert named.returncode == 1
    assert "sea.jpg: a video, by its contents; rename it" in named.stderr
    for target in ("b.jpg", "b.gif", "b"):
        wrong = run("stylize", "sea.mp4", target, *style, cwd=tmp_path)
        assert wrong.returncode == 2
        assert f"{target}: " in wrong.stderr
    photo = run("stylize", "a.jpg", "b.mp4", *style, cwd=tmp_path)
    assert photo.returncode == 2
    assert "unsupported extension .mp4" in photo.stderr
    several = run("stylize", "a.jpg", "sea.mp4", "b.mp4", *style, cwd=tmp_path)
    assert "b.mp4: looks like a video, but the output of several pictures is a folder" in (
        several.stderr
    )


def test_ctrl_c_leaves_no_half_file_and_the_same_command_resumes(
    tmp_path: Path, checkpoint: Path
) -> None:
    clip(tmp_path / "a.mp4", moving(400, (160, 120)))
    command = [*GANSTYLE, "stylize", "a.mp4", "b.mp4", "--style", str(checkpoint), "--steady", "0"]
    started = subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE)
    parts = tmp_path / ".b.mp4.ganstyle-parts"
    while not list(parts.glob("*.nut")):
        assert started.poll() is None, started.communicate()
        time.sleep(0.02)
    started.send_signal(signal.SIGINT)
    _, stderr = started.communicate()
    assert started.returncode == 130, stderr
    assert b"The same command resumes." in stderr
    assert not (tmp_path / "b.mp4").exists()
    assert not list(parts.glob(".*"))
    done = run(*command[len(GANSTYLE) :], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(frames_of(tmp_path / "b.mp4")) == 400
    assert not parts.exists()


def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path: Path, checkpoint: Path) -> None:
    """A limit on the size of files stands in for the end of the disk."""
    clip(tmp_path / "a.mp4", moving(120, (160, 120)))
    arguments = f"stylize a.mp4 b.mp4 --style {checkpoint} --steady 0"
    limited = subprocess.run(
        ["bash", "-c", f"ulimit -f 20; exec {' '.join(GANSTYLE)} {arguments}"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert limited.returncode == 1, limited.stderr
    assert "b.mp4: cannot be written (File too large)" in limited.stderr
    assert not (tmp_path / "b.mp4").exists()
    assert (tmp_path / "a.mp4").is_file()
    done = run(*arguments.split(), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(frames_of(tmp_path / "b.mp4")) == 120


def test_without_a_terminal_a_line_a_minute_says_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 10_000, 30))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    job = Job(Path("sea.mp4"), Path("out.mp4"), "mp4")
    with stylizing_display(1) as (_, on_frame):
        for done in range(1, 6):
            on_frame(job, done, 10)
    assert capsys.readouterr().err.splitlines() == [
        "sea.mp4: 3 of 10 frames, 3:30 left",
        "sea.mp4: 5 of 10 frames, 2:30 left",
    ]
