from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ganstyle.config import OutputConfig
from ganstyle.errors import ConfigError, DataError, ImageError
from ganstyle.stylize.jobs import Destination, Job, parse_destination, parse_path
from ganstyle.stylize.plan import plan_jobs
from tests.conftest import picture

MakeFolder = Callable[..., Path]
KEEP = OutputConfig()


def _plan(
    inputs: list[Path], output: Path | None, config: OutputConfig = KEEP, *, listed: bool = False
) -> list[Job]:
    """Jobs for an output as a user names it."""
    if output is None:
        return list(plan_jobs(inputs, None, config).jobs)
    destination = parse_destination(str(output), inputs, config, listed=listed)
    return list(plan_jobs(inputs, destination, config, listed=listed).jobs)


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
    jobs = _plan([photos], out, KEEP)
    assert _targets(jobs, out) == ["00.png", "sub/b.jpg"]
    assert [job.kind for job in jobs] == ["PNG", "JPEG"]


def test_single_pictures_go_to_a_file_or_into_a_folder(
    tmp_path: Path, make_folder: MakeFolder
) -> None:
    source = make_folder("photos", 1) / "00.png"
    assert _plan([source], tmp_path / "b.jpg", KEEP) == [Job(source, tmp_path / "b.jpg", "JPEG")]
    assert _targets(_plan([source], tmp_path, KEEP), tmp_path) == ["00.png"]
    asked = replace(KEEP, format="webp")
    assert _plan([source], tmp_path / "b.jpg", asked)[0].kind == "WEBP"


def test_several_inputs_keep_their_names_below_the_output(
    tmp_path: Path, make_folder: MakeFolder
) -> None:
    one, two = make_folder("one", 1), make_folder("two", 1)
    picture(4, 4).save(tmp_path / "c.png")
    jobs = _plan([one, two, tmp_path / "c.png"], tmp_path / "out", KEEP)
    assert _targets(jobs, tmp_path / "out") == ["one/00.png", "two/00.png", "c.png"]


def test_a_list_keeps_relative_paths(
    tmp_path: Path, make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = make_folder("photos", 2)
    listed = [Path("photos/00.png"), folder / "01.png"]
    jobs = _plan(listed, Path("out"), KEEP, listed=True)
    assert _targets(jobs, Path("out")) == ["photos/00.png", "01.png"]


def test_format_and_suffix_make_the_name(tmp_path: Path, make_folder: MakeFolder) -> None:
    config = replace(KEEP, format="jpg", suffix="-print")
    jobs = _plan([make_folder("photos", 1)], tmp_path / "out", config)
    assert _targets(jobs, tmp_path / "out") == ["00-print.jpg"]
    assert jobs[0].kind == "JPEG"


def test_what_is_made_of_a_heic_is_a_jpeg_unless_told_otherwise(tmp_path: Path) -> None:
    for name in ("a.heic", "b.HIF", "c.avif"):
        (tmp_path / "in" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "in" / name).touch()
    jobs = _plan([tmp_path / "in"], tmp_path / "out", KEEP)
    assert _targets(jobs, tmp_path / "out") == ["a.jpg", "b.jpg", "c.avif"]
    assert [job.kind for job in jobs[:2]] == ["JPEG", "JPEG"]
    jobs = _plan([tmp_path / "in"], tmp_path / "out", replace(KEEP, format="webp"))
    assert _targets(jobs, tmp_path / "out") == ["a.webp", "b.webp", "c.webp"]
    assert [job.kind for job in _plan([tmp_path / "in"], None, KEEP)][:2] == ["", ""]
    (tmp_path / "in" / "a.jpg").touch()
    with pytest.raises(DataError, match="both would be written"):
        _plan([tmp_path / "in"], tmp_path / "out", KEEP)


def test_one_strange_ending_does_not_stop_the_others(tmp_path: Path) -> None:
    for name in ("a.png", "b.xyz"):
        picture(4, 4).save(tmp_path / name, "PNG")
    inputs = [tmp_path / "a.png", tmp_path / "b.xyz"]
    assert [job.kind for job in _plan(inputs, tmp_path / "out", KEEP)] == ["PNG", ""]
    asked = replace(KEEP, format="png")
    assert [job.kind for job in _plan(inputs, tmp_path / "out", asked)] == ["PNG", "PNG"]


def test_in_place_every_picture_is_its_own_output(tmp_path: Path, make_folder: MakeFolder) -> None:
    photos = make_folder("photos", 2)
    assert all(job.source == job.target for job in _plan([photos], None))
    with pytest.raises(DataError, match="nowhere: no such file"):  # before any is replaced
        _plan([photos, tmp_path / "nowhere"], None)


def test_wrong_usage_is_named(tmp_path: Path, make_folder: MakeFolder) -> None:
    folder, empty = make_folder("in", 2), make_folder("empty", 0)
    picture(4, 4).save(folder / "00.jpg")
    (folder / "link.png").symlink_to(folder / "01.png")
    png, one = replace(KEEP, format="png"), folder / "00.png"
    for inputs, output, config, message in (
        ([folder], folder, KEEP, "would be overwritten"),
        ([one], one, KEEP, "would be overwritten"),
        ([one], folder, KEEP, "would be overwritten"),
        ([one], folder / "link.png", KEEP, None),
        ([folder / "01.png"], folder / "link.png", KEEP, "would be overwritten"),
        ([folder], one, KEEP, "must be a folder"),
        ([one, folder / "01.png"], folder / "00.jpg", KEEP, "must be a folder"),
        ([one, folder / "01.png"], tmp_path / "new.jpg", KEEP, "looks like a picture"),
        ([tmp_path / "nowhere"], tmp_path / "out.png", KEEP, "no such file or folder"),
        ([one, tmp_path / "nowhere"], tmp_path / "out", KEEP, "no such file or folder"),
        ([empty], tmp_path / "out", KEEP, "no pictures found"),
        ([folder], tmp_path / "out", png, "both would be written"),
        ([one], tmp_path / "out", KEEP, "the output has no extension; add one such as .jpg"),
        ([one], tmp_path / "out", png, None),
        ([], tmp_path / "out.png", KEEP, "no pictures to stylize"),
    ):
        if message is None:
            assert _plan(inputs, output, config)
            continue
        with pytest.raises((ConfigError, DataError), match=message):
            _plan(inputs, output, config)
    with pytest.raises(ImageError, match=r"\.xyz"):  # the user named it
        _plan([one], tmp_path / "a.xyz")


def test_a_slash_at_the_end_means_a_folder(tmp_path: Path, make_folder: MakeFolder) -> None:
    one = make_folder("in", 1) / "00.png"
    for name in ("new/", "new.jpg/"):
        destination = parse_destination(f"{tmp_path}/{name}", [one], KEEP)
        assert destination == Destination(tmp_path / name, is_folder=True)
        assert _targets(list(plan_jobs([one], destination, KEEP).jobs), tmp_path / name) == [
            "00.png"
        ]
    with pytest.raises(ConfigError, match="a file, not a folder"):
        parse_path(f"{one}/")
    with pytest.raises(ConfigError, match="a file, not a folder"):
        parse_destination(f"{one}/", [one], KEEP)


def test_an_empty_argument_is_not_the_current_folder() -> None:
    with pytest.raises(ConfigError, match="a path is empty"):
        parse_path("")


def test_names_that_differ_in_case_only_are_one_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("IMG_1.HEIC", "IMG_1.JPG"):
        (tmp_path / "in" / name).touch()
    with pytest.raises(DataError, match=r"both would be written to .*one file on many systems"):
        _plan([tmp_path / "in"], tmp_path / "out")


def test_what_is_passed_over_is_listed_with_its_kind(
    tmp_path: Path, make_folder: MakeFolder
) -> None:
    folder = make_folder("in", 1)
    for name in ("a.AVI", "b.pdf", "c.svg", "d.CR2", "e", "f.psd", "notes.txt"):
        (folder / name).touch()
    plan = plan_jobs([folder], Destination(tmp_path / "out", is_folder=True), KEEP)
    assert [(path.name, kind) for path, kind in plan.passed_over] == [
        ("a.AVI", "video"),
        ("b.pdf", "PDF"),
        ("c.svg", "SVG"),
        ("d.CR2", "camera raw file"),
        ("e", "extensionless file"),
        ("f.psd", "unsupported picture"),
    ]
