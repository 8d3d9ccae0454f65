import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from ganstyle.config import Dials, OutputConfig
from ganstyle.errors import DataError
from ganstyle.files import file_signature
from ganstyle.stylize.jobs import Job
from ganstyle.stylize.manifest import MANIFEST, Manifest, Recipe, recipe
from tests.conftest import picture

KEEP = OutputConfig()
MADE, OPTIONS, OIL = Recipe("print", "r"), Recipe("print", "other"), Recipe("oil", "o")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    job = Job(tmp_path / "a.png", tmp_path / "out" / "a.png", "PNG")
    job.target.parent.mkdir()
    picture(4, 4).save(job.source)
    return job


def _make(job: Job) -> None:
    """What a run by the recipe MADE does."""
    picture(4, 4, seed=1).save(job.target)
    Manifest(MADE).record(job, file_signature(job.source), file_signature(job.target))


def _standing(job: Job, by: Recipe = MADE) -> str:
    """What a run would do with a job: do it, skip it, or the reason why it is refused."""
    outcome = Manifest(by).settled(job)
    if outcome is None:
        return "do"
    return "skip" if outcome.status == "skipped" else outcome.reason


def test_a_manifest_knows_what_is_done(job: Job) -> None:
    assert _standing(job) == "do"
    _make(job)
    assert _standing(job) == "skip"
    os.utime(job.source, ns=(1, 1))
    assert _standing(job) == "do"  # the input has changed


def test_a_result_of_another_recipe_is_not_replaced(job: Job) -> None:
    _make(job)
    for by, difference in ((OPTIONS, "with other options"), (OIL, "in the style print")):
        assert _standing(job, by) == (
            f"{job.target}: exists and was made {difference}; --overwrite replaces it, "
            "--suffix or another folder keeps both."
        )
        with pytest.raises(DataError, match=f"was made {difference}; --overwrite replaces it"):
            Manifest(by).check([job])
    other = replace(job, target=job.target.with_name("new.png"))
    with pytest.raises(DataError, match="1 of 2 results exist and was made in the style print"):
        Manifest(OIL).check([other, job])
    Manifest(MADE).check([other, job])


def test_a_result_of_another_input_is_not_replaced(job: Job, tmp_path: Path) -> None:
    _make(job)
    namesake = replace(job, source=tmp_path / "b.png")
    picture(5, 5).save(namesake.source)
    assert f"was made from {job.source}" in _standing(namesake)
    job.source.rename(tmp_path / "moved.png")
    assert _standing(replace(job, source=tmp_path / "moved.png")) == "skip"


def test_a_result_that_was_changed_is_not_replaced_and_a_removed_one_made_again(job: Job) -> None:
    _make(job)
    picture(9, 9).save(job.target)
    assert "is not an unchanged result of ganstyle" in _standing(job)
    job.target.unlink()
    assert _standing(job) == "do"


def test_in_place_an_original_is_stylized_once_and_by_one_recipe(job: Job) -> None:
    in_place = replace(job, target=job.source)
    assert _standing(in_place) == "do"
    _make(in_place)
    assert _standing(in_place) == "skip"
    assert "--overwrite paints over it" in _standing(in_place, OIL)


def test_a_kill_before_the_result_took_its_place_leaves_the_old_one_known(job: Job) -> None:
    _make(job)
    Manifest(OPTIONS).record(job, file_signature(job.source), [1, 1])
    assert _standing(job) == "skip"
    assert "was made with other options" in _standing(job, OPTIONS)


def test_half_a_line_of_a_killed_process_is_not_read(job: Job) -> None:
    _make(job)
    with (job.target.parent / MANIFEST).open("a") as file:
        file.write('{"target": "b.png", "sou')
    assert _standing(job) == "skip"


def test_a_recipe_changes_with_style_dials_output_and_precision() -> None:
    recipes = {
        recipe("s", "a", Dials(), KEEP, "auto"),
        recipe("s", "b", Dials(), KEEP, "auto"),
        recipe("s", "a", Dials(strength=0.5), KEEP, "auto"),
        recipe("s", "a", Dials(), replace(KEEP, quality=80), "auto"),
        recipe("s", "a", Dials(), KEEP, "float32"),
    }
    assert len(recipes) == 5
    assert recipe("s", "a", Dials(), KEEP, "auto") in recipes


def test_a_recipe_knows_looks_by_what_they_do_and_a_palette_by_its_bytes(tmp_path: Path) -> None:
    names = ("a.png", "copy.png", "b.png")
    for name, seed in zip(names, (0, 0, 1), strict=True):
        picture(4, 4, seed=seed).save(tmp_path / name)
    a, copy, b = (
        recipe("s", "x", Dials(palette=tmp_path / name), KEEP, "auto").digest for name in names
    )
    assert a == copy != b
    plain, broad, bold = (
        recipe("s", "x", dials, KEEP, "auto").digest
        for dials in (Dials(look="classic", brush=1.0), Dials(brush=1.6), Dials(look="bold"))
    )
    assert plain == recipe("s", "x", Dials(), KEEP, "auto").digest
    assert len({a, b, plain, broad, bold}) == 5
    missing = tmp_path / "none.png"
    for wrong in (missing, tmp_path):
        with pytest.raises(DataError, match=r"--palette .*: cannot be read .*; name a picture"):
            recipe("s", "x", Dials(palette=wrong), KEEP, "auto")


def test_a_recipe_stays_what_it_was() -> None:
    """Or every folder that is finished would be refused."""
    digest = sha256(b"a").hexdigest()
    assert recipe("s", digest, Dials(), KEEP, "auto") == Recipe("s", "d4e5293392dcbafc")
