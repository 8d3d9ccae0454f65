import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from ganstyle.config import Dials, OutputConfig
from ganstyle.files import file_signature
from ganstyle.stylize.jobs import Job
from ganstyle.stylize.manifest import MANIFEST, Manifest, recipe
from tests.conftest import picture

KEEP = OutputConfig()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    job = Job(tmp_path / "a.png", tmp_path / "out" / "a.png", "PNG")
    job.target.parent.mkdir()
    picture(4, 4).save(job.source)
    return job


def _make(job: Job) -> None:
    """What a run by recipe r does."""
    picture(4, 4, seed=1).save(job.target)
    Manifest(job.target.parent, "r").record(
        job, file_signature(job.source), file_signature(job.target)
    )


def test_a_manifest_knows_what_is_done(job: Job) -> None:
    folder = job.target.parent
    assert not Manifest(folder, "r").is_done(job)
    _make(job)
    assert Manifest(folder, "r").is_done(job)
    assert not Manifest(folder, "r").is_foreign(job)
    assert not Manifest(folder, "other options").is_done(job)
    os.utime(job.source, ns=(1, 1))
    assert not Manifest(folder, "r").is_done(job)  # another input


def test_a_result_that_was_changed_or_removed_is_not_done(job: Job) -> None:
    folder = job.target.parent
    _make(job)
    picture(9, 9).save(job.target)
    assert not Manifest(folder, "r").is_done(job)
    assert Manifest(folder, "r").is_foreign(job)
    job.target.unlink()
    assert not Manifest(folder, "r").is_done(job)
    assert not Manifest(folder, "r").is_foreign(job)


def test_a_kill_before_the_result_took_its_place_leaves_the_old_one_known(job: Job) -> None:
    folder = job.target.parent
    _make(job)
    Manifest(folder, "other options").record(job, file_signature(job.source), [1, 1])
    assert Manifest(folder, "r").is_done(job)
    assert not Manifest(folder, "other options").is_done(job)
    assert not Manifest(folder, "other options").is_foreign(job)


def test_half_a_line_of_a_killed_process_is_not_read(job: Job) -> None:
    folder = job.target.parent
    _make(job)
    with (folder / MANIFEST).open("a") as file:
        file.write('{"target": "b.png", "sou')
    assert Manifest(folder, "r").is_done(job)


def test_a_recipe_changes_with_style_dials_and_output() -> None:
    recipes = {
        recipe("a", "1", Dials(), KEEP),
        recipe("b", "1", Dials(), KEEP),
        recipe("a", "2", Dials(), KEEP),
        recipe("a", "1", Dials(strength=0.5), KEEP),
        recipe("a", "1", Dials(), replace(KEEP, quality=80)),
    }
    assert len(recipes) == 5
    assert recipe("a", "1", Dials(), KEEP) in recipes


def test_a_recipe_stays_what_it_was() -> None:
    """Or every folder that is finished would be done again."""
    digest = sha256(b"a").hexdigest()
    assert recipe(digest, "1", Dials(), KEEP) == "5b841cd00e3a0250"
