"""`ganstyle stylize` on pictures and folders."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from ganstyle.files import find_images
from ganstyle.images.tensors import read_image
from ganstyle.models.pretrained import save_generator
from ganstyle.stylize.manifest import MANIFEST
from tests.cli.running import ENVIRONMENT, GANSTYLE, pipe, run
from tests.conftest import HEIC_HEAD, PAINTING, heic, info_for, lively_generator, picture

MakeFolder = Callable[..., Path]


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
    assert again.returncode == 0, again.stderr
    assert "0 done, 1 skipped" in again.stderr


@pytest.fixture
def painting(tmp_path: Path) -> Path:
    """Checkpoint of a style that paints photos and drafts, each in its way."""
    path, generator = tmp_path / "painting.safetensors", lively_generator(PAINTING)
    save_generator(path, generator, info_for(generator))
    return path


def test_what_a_picture_is_taken_for_and_how_freely_it_is_painted(
    tmp_path: Path, painting: Path
) -> None:
    picture(64, 48).save(tmp_path / "a.png")

    def painted(*options: object) -> bytes:
        asked = ["stylize", "a.png", "b.png", "--style", painting, "--no-faces", "--overwrite"]
        done = run(*asked, *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return read_image(tmp_path / "b.png").tobytes()

    assert painted("--as", "photo") != painted("--as", "draft")
    assert painted("--invention", 0, "--seed", 1) == painted("--invention", 0, "--seed", 2)
    assert painted("--seed", 1) != painted("--seed", 2)


def test_that_no_faces_can_be_found_is_told_where_it_matters(
    tmp_path: Path, painting: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganstyle.painting.faces.faces_available", lambda: False)
    picture(40, 30).save(tmp_path / "a.png")

    def told(style: Path, *options: object) -> int:
        asked = ["stylize", "a.png", "b.png", "--style", style, "--overwrite"]
        done = run(*asked, *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stderr.count('pip install "ganstyle[faces]"')

    assert told(painting) == 1
    assert told(painting, "--no-faces") == told(painting, "--as", "draft") == told(checkpoint) == 0


def test_one_photo_in_all_styles(tmp_path: Path) -> None:
    picture(32, 24).save(tmp_path / "a.png")
    asked = ["stylize", "a.png", "--all-styles", "sheet.jpg", "--no-faces", "--brush", 8]
    done = run(*asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert read_image(tmp_path / "sheet.jpg").width > 64
    folder = run("stylize", ".", "--all-styles", "sheet.jpg", cwd=tmp_path)
    assert folder.returncode == 2
    assert "--all-styles takes one photo" in folder.stderr


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


def test_heic_becomes_jpeg(tmp_path: Path, checkpoint: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.HEIC").write_bytes(heic(picture(40, 30)))
    done = run("stylize", "in", "out", "--style", checkpoint, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "out" / "a.jpg") as result:
        assert (result.format, result.size) == ("JPEG", (40, 30))
    again = run("stylize", "in", "out", "--style", checkpoint, cwd=tmp_path)
    assert "0 done, 1 skipped" in again.stderr
    replaced = run("stylize", "in", "--in-place", "--style", checkpoint, cwd=tmp_path)
    assert replaced.returncode == 1
    assert ".HEIC is not a format that can be written; leave --in-place out." in replaced.stderr


@pytest.mark.usefixtures("no_pillow_heif")
def test_what_no_package_reads_is_told_in_a_line_and_the_rest_done(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    folder = make_folder("photos", 2)
    for name in ("a.heic", "b.heic", "c.HIF"):
        (folder / name).write_bytes(HEIC_HEAD)
    done = run("stylize", folder, tmp_path / "out", "--style", checkpoint, "--json")
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if "heif" in line] == [
        "3 pictures cannot be read for want of a package: pip install pillow-heif"
    ]
    assert "2 done, 0 skipped, 3 failed" in done.stderr
    records = {Path(line["input"]).name: line for line in map(json.loads, done.stdout.splitlines())}
    assert records["b.heic"]["status"] == "failed"
    assert "b.heic: cannot be read for want of a package" in records["b.heic"]["reason"]


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


def test_inputs_from_a_list(tmp_path: Path, make_folder: MakeFolder, checkpoint: Path) -> None:
    make_folder("photos", 3)
    style = ["--style", checkpoint]
    for separator, out in ((b"\n", "lines"), (b"\0", "nuls")):
        data = separator.join([b"photos/00.png", b"photos/02.png", b""])
        done = pipe(data, "stylize", out, "--files-from", "-", *style, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert [p.name for p in find_images(tmp_path / out / "photos")] == ["00.png", "02.png"]


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
def test_a_kill_leaves_whole_files_and_the_next_run_goes_on(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    make_folder("photos", 40, size=(300, 200))
    options = ["--style", str(checkpoint), "--json"]

    def kill_after(seconds: float) -> list[str]:
        """Arguments of a command that was killed so long after its first picture."""
        arguments = ["stylize", "photos", f"out {seconds}", *options]
        with subprocess.Popen(
            [*GANSTYLE, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=tmp_path,
            env=ENVIRONMENT,
        ) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(seconds)
            process.kill()
        return arguments

    with ThreadPoolExecutor() as pool:
        killed = list(pool.map(kill_after, (0.0, 0.1, 0.3)))
    for arguments in killed:
        out = tmp_path / arguments[2]
        whole = [path for path in out.glob("*.png") if not path.name.startswith(".")]
        assert len(whole) > 0
        for path in whole:
            assert read_image(path).size == (300, 200)
        for path in out.glob(".ganstyle-*-*"):
            os.utime(path, (0, 0))  # as if it had lain there for a while
        done = run(*arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert len(list(out.glob("*.png"))) == 40
        assert not list(out.glob(".ganstyle-*-*"))
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
    assert process.stderr
    assert process.stderr.readline().startswith("Waiting for pictures")
    picture(20, 10).save(folder / "a.png")
    assert json.loads(process.stdout.readline())["status"] == "done"
    picture(20, 10).save(folder / "b.png")
    assert json.loads(process.stdout.readline())["input"].endswith("b.png")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "2 done" in errors
    assert "Traceback" not in errors


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


def test_variations_of_each_picture_and_a_sheet_of_them(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    folder = make_folder("drafts", 2)
    (folder / "broken.png").write_text("no picture")
    arguments = ["stylize", "drafts", "out", "--style", checkpoint, "--variations", 3]
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("broken.png: cannot be read") == 1
    assert "8 done, 0 skipped, 1 failed" in done.stderr
    names = [f"0{index}-{what}.png" for index in range(2) for what in (1, 2, 3, "sheet")]
    assert sorted(path.name for path in find_images(tmp_path / "out")) == names
    sheet = read_image(tmp_path / "out" / "00-sheet.png")
    assert min(sheet.size) > 2 * 80
    (tmp_path / "out" / "00-2.png").unlink()
    (tmp_path / "out" / "01-sheet.png").unlink()
    again = run(*arguments, cwd=tmp_path)
    assert "3 done, 5 skipped, 1 failed" in again.stderr  # a sheet of a new result is a new one
    (folder / "broken.png").unlink()
    fewer = run(*arguments[:-1], 2, cwd=tmp_path)
    assert "2 done, 4 skipped, 0 failed" in fewer.stderr  # other sheets of the same results
    assert run("stylize", "drafts/00.png", "a.jpg", *arguments[3:], cwd=tmp_path).returncode == 0
    assert {path.name for path in tmp_path.glob("a*")} == {
        *("a-1.jpg", "a-2.jpg", "a-3.jpg", "a-sheet.jpg")
    }


@pytest.mark.parametrize(
    ("others", "named"),
    [
        (["drafts", "--in-place"], "--in-place"),
        (["drafts", "out", "--watch"], "--watch"),
        (["-", "-"], "-"),
        (["-", "-", "--raw", "8x8"], "--raw"),
    ],
)
def test_variations_need_room(
    tmp_path: Path, checkpoint: Path, others: list[str], named: str
) -> None:
    (tmp_path / "drafts").mkdir()
    options = ["--style", checkpoint, "--variations", 2]
    done = run("stylize", *others, *options, cwd=tmp_path)
    assert done.returncode == 2
    assert f"--variations writes several results per picture: leave {named} out." in done.stderr


def test_nothing_is_replaced_before_all_paths_are_known_to_be_good(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    folder = make_folder("cp", 2)
    before = {path: path.read_bytes() for path in find_images(folder)}
    done = run("stylize", "--in-place", "cp/", "cp_out/", "--style", checkpoint, cwd=tmp_path)
    assert done.returncode == 2
    assert "cp_out: no such file or folder" in done.stderr
    assert {path: path.read_bytes() for path in find_images(folder)} == before


def test_results_of_another_style_or_precision_are_kept(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path, painting: Path
) -> None:
    make_folder("photos", 2)
    arguments = ["stylize", "photos", "out", "--no-faces", "--style"]
    assert run(*arguments, checkpoint, cwd=tmp_path).returncode == 0
    before = {path: path.read_bytes() for path in find_images(tmp_path / "out")}
    for other in ([painting], [checkpoint, "--precision", "float32"], [checkpoint, "--brush", 2]):
        done = run(*arguments, *other, cwd=tmp_path)
        assert done.returncode == 2
        [line] = done.stderr.splitlines()
        assert "2 of 2 results exist" in line
        assert all(way in line for way in ("--overwrite", "--suffix", "another folder"))
    assert {path: path.read_bytes() for path in find_images(tmp_path / "out")} == before
    assert run(*arguments, painting, "--suffix", "-x", cwd=tmp_path).returncode == 0
    assert run(*arguments, painting, "--overwrite", cwd=tmp_path).returncode == 0


def test_a_single_result_that_was_retouched_is_kept(tmp_path: Path, checkpoint: Path) -> None:
    picture(40, 30).save(tmp_path / "a.jpg")
    arguments = ["stylize", "a.jpg", "b.jpg", "--style", checkpoint]
    assert run(*arguments, cwd=tmp_path).returncode == 0
    with Image.open(tmp_path / "b.jpg") as result:
        result.rotate(180).save(tmp_path / "b.jpg", exif=result.getexif())
    retouched = (tmp_path / "b.jpg").read_bytes()
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert "b.jpg: exists and is not an unchanged result of ganstyle" in done.stderr
    assert (tmp_path / "b.jpg").read_bytes() == retouched


def test_a_slash_makes_a_folder_also_for_variations(tmp_path: Path, checkpoint: Path) -> None:
    picture(40, 30).save(tmp_path / "a.jpg")
    arguments = ["stylize", "a.jpg", "new/", "--variations", 2, "--style", checkpoint]
    assert run(*arguments, cwd=tmp_path).returncode == 0
    names = ["a-1.jpg", "a-2.jpg", "a-sheet.jpg"]
    assert [path.name for path in find_images(tmp_path / "new")] == names
    assert run("stylize", "a.jpg", "-o", "b.jpg", "-s", checkpoint, cwd=tmp_path).returncode == 0


def test_what_is_passed_over_is_told_by_kind(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    folder = make_folder("photos", 1)
    for name in ("a.avi", "b.wmv", "c.pdf"):
        (folder / name).touch()
    done = run("stylize", "photos", "out", "--style", checkpoint, "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert "2 videos passed over." in done.stderr
    assert "1 PDF passed over." in done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["reason"] for record in records if record["status"] == "passed over"] == [
        *("video", "video", "PDF")
    ]


def test_quiet_and_verbose(tmp_path: Path, make_folder: MakeFolder, checkpoint: Path) -> None:
    (make_folder("photos", 1) / "bad.png").write_text("no picture")
    arguments = ["stylize", "photos", "out", "--style", checkpoint]
    quiet = run(*arguments, "--quiet", cwd=tmp_path)
    assert len(quiet.stderr.splitlines()) == 1
    assert "bad.png: cannot be read" in quiet.stderr
    verbose = run(*arguments, "-v", "--overwrite", cwd=tmp_path).stderr
    assert "photos/00.png -> out/00.png (96x80 px" in verbose
    assert "Device cpu" in verbose


@pytest.mark.parametrize(
    ("named", "written"), [("jpeg", ".jpg"), (".JPG", ".jpg"), ("tif", ".tiff")]
)
def test_formats_have_other_names(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path, named: str, written: str
) -> None:
    make_folder("photos", 1)
    arguments = ["stylize", "photos", "out", "--style", checkpoint, "--format", named]
    assert run(*arguments, cwd=tmp_path).returncode == 0
    assert (tmp_path / "out" / f"00{written}").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_an_interruption_counts_what_is_on_disk(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path
) -> None:
    make_folder("photos", 60, size=(300, 200))
    command = [*GANSTYLE, "stylize", "photos", "out", "--json", "--style", str(checkpoint)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
    )
    assert process.stdout
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    count = len(find_images(tmp_path / "out"))
    assert f"{count} done, 0 skipped, 0 failed" in errors
    assert "The same command resumes." in errors


def test_each_of_several_styles_gets_a_subfolder(
    tmp_path: Path, make_folder: MakeFolder, checkpoint: Path, painting: Path
) -> None:
    make_folder("photos", 2)
    other = tmp_path / "other.safetensors"
    generator = lively_generator(PAINTING)
    save_generator(other, generator, info_for(generator, style="other"))
    styles = ["-s", checkpoint, "-s", other]
    done = run("stylize", "photos", "out", *styles, "--no-faces", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    written = [path.relative_to(tmp_path / "out") for path in find_images(tmp_path / "out")]
    assert [path.name for path in written] == ["00.png", "01.png"] * 2
    assert {path.parent.name for path in written} == {"test", "other"}
    assert done.stderr.count("2 done, 0 skipped, 0 failed") == 2
    for wrong, message in (
        (["photos/00.png", "a.png", *styles], "name a folder"),
        (["-", "-", *styles], "several styles"),
        (["photos", "out2", "-s", checkpoint, "-s", checkpoint], "share a subfolder"),
    ):
        refused = run("stylize", *wrong, cwd=tmp_path)
        assert refused.returncode == 2
        assert message in refused.stderr


def test_a_mixture_of_styles_is_a_style_like_any(
    tmp_path: Path, make_folder: MakeFolder, painting: Path
) -> None:
    make_folder("photos", 1)
    other = tmp_path / "other.safetensors"
    generator = lively_generator(replace(PAINTING, widths=(16, 32)))
    save_generator(other, generator, info_for(generator, style="other"))
    mix = f"{painting}:0.75,{other}:0.25"
    arguments = ["stylize", "photos", "out", "--no-faces", "-s"]
    done = run(*arguments, mix, "-v", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"Style test, weight 0.75: {painting}" in done.stderr
    assert "1 done, 0 skipped, 0 failed" in done.stderr
    with Image.open(tmp_path / "out" / "00.png") as result:
        software = result.getexif()[ExifTags.Base.Software]
    assert software.endswith("style test:0.75,other:0.25")
    again = run(*arguments, f"{other}:1,{painting}:3", cwd=tmp_path)
    assert "0 done, 1 skipped" in again.stderr
    refused = run(*arguments, f"{painting}:0.7,{other}:0.3", cwd=tmp_path)
    assert "made in the style test:0.75,other:0.25" in refused.stderr
    both = run("stylize", "photos", "both", "--no-faces", "-s", mix, "-s", other, cwd=tmp_path)
    assert both.returncode == 0, both.stderr
    folders = {path.parent.name for path in find_images(tmp_path / "both")}
    assert folders == {"test-0.75+other-0.25", "other"}
    exported = run("export", mix, "a.onnx", cwd=tmp_path)
    assert (exported.returncode, "only stylize mixes" in exported.stderr) == (2, True)


def test_options_of_a_file_give_way_to_the_command_line(
    tmp_path: Path, make_folder: MakeFolder, painting: Path
) -> None:
    make_folder("photos", 1)
    picture(20, 20, seed=5).save(tmp_path / "sun.png")
    (tmp_path / "my.toml").write_text(
        f"style = '{painting.as_posix()}'\npalette = 'sun.png'\nlook = 'bold'\nas = 'photo'\n"
        "faces = false\nformat = 'jpg'\nsuffix = '-a'\njson = true\n"
    )
    arguments = ["stylize", "photos", "out", "--config", "my.toml"]
    done = run(*arguments, "--suffix=-b", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["output"] == str(Path("out") / "00-b.jpg")
    same = ["--style", painting, "--look", "bold", "--no-faces", "--as", "photo", "--format", "jpg"]
    same = [*same, "--suffix=-b", "--palette", "sun.png"]
    assert "0 done, 1 skipped" in run("stylize", "photos", "out", *same, cwd=tmp_path).stderr
    picture(20, 20, seed=6).save(tmp_path / "sun.png")  # other colours under the same name
    assert "made with other options" in run("stylize", "photos", "out", *same, cwd=tmp_path).stderr
    (tmp_path / "my.toml").write_text("keep_tones = 1\n")
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "my.toml: unknown option: keep_tones; did you mean keep_tone?" in done.stderr


def test_a_palette_that_is_no_picture_is_named(
    tmp_path: Path, make_folder: MakeFolder, painting: Path
) -> None:
    make_folder("photos", 1)
    (tmp_path / "text.jpg").write_text("no picture")
    for wrong, message in (
        ("none.jpg", "--palette none.jpg: cannot be read"),
        ("photos", "--palette photos: cannot be read"),
        ("text.jpg", "text.jpg: cannot be read"),
        ("1.5", "palette is 1.5; it must be from 0 to 1, or a picture."),
    ):
        done = run("stylize", "photos", "out", "-s", painting, "--palette", wrong, cwd=tmp_path)
        assert done.returncode == 2
        assert message in done.stderr
        assert not (tmp_path / "out").exists()
