from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ganstyle.config import OutputConfig
from ganstyle.errors import DataError, ImageError
from ganstyle.stylize.jobs import Job, output_folder, plan_jobs
from tests.conftest import picture

MakeFolder = Callable[..., Path]
KEEP = OutputConfig()


def _targets(jobs: list[Job], below: Path) -> list[str]:
    return [job.target.relative_to(below).as_posix() for job in jobs]


def test_a_tree_is_mirrored_and_the_output_left_out(
    tmp_path: Path, make_folder: MakeFolder
) -> None:
    photos = make_folder("photos", 1)
    (photos / "sub").mkdir()
    picture(4, 4).save(photos / "sub" / "b.jpg")
    out = photos / "out"
    out.mkdir()
    picture(4, 4).save(out / "old.png")
    jobs = plan_jobs([photos], out, KEEP)
    assert _targets(jobs, out) == ["00.png", "sub/b.jpg"]
    assert [job.kind for job in jobs] == ["PNG", "JPEG"]


def test_single_pictures_go_to_a_file_or_into_a_folder(
    tmp_path: Path, make_folder: MakeFolder
) -> None:
    source = make_folder("photos", 1) / "00.png"
    assert plan_jobs([source], tmp_path / "b.jpg", KEEP) == [
        Job(source, tmp_path / "b.jpg", "JPEG")
    ]
    assert _targets(plan_jobs([source], tmp_path, KEEP), tmp_path) == ["00.png"]
    asked = replace(KEEP, format="webp")
    assert plan_jobs([source], tmp_path / "b.jpg", asked)[0].kind == "WEBP"


def test_several_inputs_keep_their_names_below_the_output(
    tmp_path: Path, make_folder: MakeFolder
) -> None:
    one, two = make_folder("one", 1), make_folder("two", 1)
    picture(4, 4).save(tmp_path / "c.png")
    jobs = plan_jobs([one, two, tmp_path / "c.png"], tmp_path / "out", KEEP)
    assert _targets(jobs, tmp_path / "out") == ["one/00.png", "two/00.png", "c.png"]


def test_a_list_keeps_relative_paths(
    tmp_path: Path, make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = make_folder("photos", 2)
    listed = [Path("photos/00.png"), folder / "01.png"]
    jobs = plan_jobs(listed, Path("out"), KEEP, listed=True)
    assert _targets(jobs, Path("out")) == ["photos/00.png", "01.png"]


def test_format_and_suffix_make_the_name(tmp_path: Path, make_folder: MakeFolder) -> None:
    config = replace(KEEP, format="jpg", suffix="-print")
    jobs = plan_jobs([make_folder("photos", 1)], tmp_path / "out", config)
    assert _targets(jobs, tmp_path / "out") == ["00-print.jpg"]
    assert jobs[0].kind == "JPEG"


def test_what_is_made_of_a_heic_is_a_jpeg_unless_told_otherwise(tmp_path: Path) -> None:
    for name in ("a.heic", "b.HIF", "c.avif"):
        (tmp_path / "in" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "in" / name).touch()
    jobs = plan_jobs([tmp_path / "in"], tmp_path / "out", KEEP)
    assert _targets(jobs, tmp_path / "out") == ["a.jpg", "b.jpg", "c.avif"]
    assert [job.kind for job in jobs[:2]] == ["JPEG", "JPEG"]
    jobs = plan_jobs([tmp_path / "in"], tmp_path / "out", replace(KEEP, format="webp"))
    assert _targets(jobs, tmp_path / "out") == ["a.webp", "b.webp", "c.webp"]
    assert [job.kind for job in plan_jobs([tmp_path / "in"], None, KEEP)][:2] == ["", ""]
    (tmp_path / "in" / "a.jpg").touch()
    with pytest.raises(DataError, match="both would be written"):
        plan_jobs([tmp_path / "in"], tmp_path / "out", KEEP)


def test_one_strange_ending_does_not_stop_the_others(tmp_path: Path) -> None:
    for name in ("a.png", "b.xyz"):
        picture(4, 4).save(tmp_path / name, "PNG")
    inputs = [tmp_path / "a.png", tmp_path / "b.xyz"]
    assert [job.kind for job in plan_jobs(inputs, tmp_path / "out", KEEP)] == ["PNG", ""]
    asked = replace(KEEP, format="png")
    assert [job.kind for job in plan_jobs(inputs, tmp_path / "out", asked)] == ["PNG", "PNG"]


def test_in_place_every_picture_is_its_own_output(tmp_path: Path, make_folder: MakeFolder) -> None:
    photos = make_folder("photos", 2)
    assert all(job.source == job.target for job in plan_jobs([photos], None, KEEP))
    assert output_folder([photos], None) == photos
    assert output_folder([photos / "00.png"], None) == photos


def test_wrong_usage_is_named(tmp_path: Path, make_folder: MakeFolder) -> None:
    folder, empty = make_folder("in", 2), make_folder("empty", 0)
    picture(4, 4).save(folder / "00.jpg")
    (folder / "link.png").symlink_to(folder / "01.png")
    png = replace(KEEP, format="png")
    for inputs, output, config, message in (
        ([folder], folder, KEEP, "would be overwritten"),
        ([folder / "00.png"], folder / "00.png", KEEP, "would be overwritten"),
        ([folder / "00.png"], folder, KEEP, "would be overwritten"),
        ([folder / "00.png"], folder / "link.png", KEEP, None),
        ([folder / "01.png"], folder / "link.png", KEEP, "would be overwritten"),
        ([folder], folder / "00.png", KEEP, "must be a folder"),
        ([folder / "00.png", folder / "01.png"], folder / "00.jpg", KEEP, "must be a folder"),
        ([tmp_path / "nowhere"], tmp_path / "out", KEEP, "no such file or folder"),
        ([empty], tmp_path / "out", KEEP, "no pictures found"),
        ([folder], tmp_path / "out", png, "both would be written"),
        ([], tmp_path / "out", KEEP, "no pictures to redraw"),
    ):
        if message is None:
            assert plan_jobs(inputs, output, config)
            continue
        with pytest.raises(DataError, match=message):
            plan_jobs(inputs, output, config)
    with pytest.raises(ImageError, match="no picture format"):  # the user named it
        plan_jobs([folder / "00.png"], tmp_path / "a.xyz", KEEP)
