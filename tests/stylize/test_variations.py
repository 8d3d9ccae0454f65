from pathlib import Path

import pytest

from ganstyle.config import Dials, OutputConfig
from ganstyle.errors import ConfigError
from ganstyle.stylize.jobs import Destination, Job
from ganstyle.stylize.plan import plan_jobs
from ganstyle.stylize.variations import captioned_results, plan_variations
from tests.conftest import picture

PLAIN, SEVENTH = OutputConfig(suffix="-print"), Dials(seed=7)


def test_a_single_variation_is_what_was_asked_for(tmp_path: Path) -> None:
    out = Destination(tmp_path / "out", is_folder=True)
    [only] = plan_variations(1, SEVENTH, PLAIN, out)
    assert (only.dials, only.output, only.destination) == (SEVENTH, PLAIN, out)
    assert not only.is_sheet


def test_results_are_numbered_and_seeds_follow_each_other(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    picture(8, 8).save(tmp_path / "in" / "a.png")
    inputs, out = [tmp_path / "in"], tmp_path / "out"
    variations = plan_variations(3, SEVENTH, PLAIN, Destination(out, is_folder=True))
    assert [v.dials.seed for v in variations] == [7, 8, 9, 7]
    assert [v.is_sheet for v in variations] == [False, False, False, True]
    jobs = [plan_jobs(inputs, v.destination, v.output).jobs for v in variations]
    names = ["a-print-1.png", "a-print-2.png", "a-print-3.png", "a-print-sheet.png"]
    assert [job.target for [job] in jobs] == [out / name for name in names]
    captions = ["1: --seed 7", "2: --seed 8", "3: --seed 9"]
    results = [(out / name, caption) for name, caption in zip(names[:3], captions, strict=True)]
    assert captioned_results(zip(variations, jobs, strict=True)) == {inputs[0] / "a.png": results}


def test_a_named_output_is_numbered_too(tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    picture(8, 8).save(source)
    named = Destination(tmp_path / "b.jpg", is_folder=False)
    variations = plan_variations(2, Dials(), OutputConfig(), named)
    jobs = [plan_jobs([source], v.destination, v.output).jobs for v in variations]
    names = ("b-1.jpg", "b-2.jpg", "b-sheet.jpg")
    assert jobs == [[Job(source, tmp_path / name, "JPEG")] for name in names]


def test_seeds_end_where_they_end(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="seed is 16777217"):
        plan_variations(2, Dials(seed=2**24), PLAIN, Destination(tmp_path, is_folder=True))
