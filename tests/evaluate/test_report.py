from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ganstyle.evaluate.candidates import Candidate, FolderCandidate
from ganstyle.evaluate.report import evaluation_page, write_evaluation
from ganstyle.evaluate.run import Evaluation, evaluate
from ganstyle.features.extractor import FeatureExtractor
from ganstyle.pages.charts import number
from tests.conftest import TINY, lively_generator
from tests.evaluate.test_run import CPU, SMALL, folder_of, make_gray, make_sets, ours
from tests.pages.test_elements import HOSTILE, check_page, picture_of


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_sets(tmp_path_factory.mktemp("sets"))


@pytest.fixture(scope="module")
def candidates(sets: tuple[Path, Path]) -> list[Candidate]:
    return [ours(lively_generator(TINY)), folder_of(make_gray(sets[0]), sets[0])]


@pytest.fixture(scope="module")
def evaluation(sets: tuple[Path, Path], candidates: list[Candidate]) -> Evaluation:
    return evaluate(*sets, candidates, FeatureExtractor(CPU.device), SMALL)


def test_several_are_ranked_and_shown(
    evaluation: Evaluation, candidates: list[Candidate], tmp_path: Path
) -> None:
    write_evaluation(tmp_path / "report.html", evaluation, candidates)
    page = check_page((tmp_path / "report.html").read_text())
    text = " ".join(page.texts)
    for heading in ("Ranking", "Warnings", "gray, by style", "gray, by content", "Plausibility"):
        assert heading in text
    assert "Pictures of ours" in text
    assert all(warning in text for warning in evaluation.warnings)
    assert str(evaluation.comparisons[0]) in text
    assert str(evaluation.measured["sha256"]) in text
    assert len(page.all("input")) == 2 * 6  # best, median and worst, twice, of each


def test_one_alone_has_no_ranking(
    sets: tuple[Path, Path],
    candidates: list[Candidate],
) -> None:
    found = evaluate(*sets, candidates[1:], FeatureExtractor(CPU.device), SMALL)
    page = check_page(evaluation_page(found, candidates[1:]))
    assert "Ranking" not in page.texts
    assert len(page.all("input")) == 6


def test_best_median_and_worst_are_those_of_the_scores(
    evaluation: Evaluation, candidates: list[Candidate]
) -> None:
    first = evaluation.candidates[0]
    order = sorted(range(6), key=lambda index: -first.content_by_picture[index])
    page = check_page(evaluation_page(evaluation, candidates))
    texts = page.texts
    for word, index in (("Best", order[0]), ("Median", order[3]), ("Worst", order[5])):
        label = f"{word}: content {number(first.content_by_picture[index])}"
        start = texts.index(label)
        names = [text for text in texts[start:] if text.endswith(".png")]
        assert names[0] == first.photos[index].name


def test_before_is_the_photo_and_after_the_result_at_its_size(
    evaluation: Evaluation, candidates: list[Candidate]
) -> None:
    page = check_page(evaluation_page(evaluation, candidates))
    after, before = (picture_of(image["src"]) for image in page.all("img")[:2])
    assert before.size == after.size == (96, 80)
    colors = [np.asarray(image).std(2).mean() for image in (before, after)]
    assert colors[0] > 20
    assert colors[1] < 3


def test_error_bars_show_the_intervals_and_anchors_are_marked(
    evaluation: Evaluation, candidates: list[Candidate]
) -> None:
    page = check_page(evaluation_page(evaluation, candidates))
    assert page.all("s")
    anchors = [row for row in page.all("li") if row.get("class") == "anchor"]
    charts = 5 + 5 + len(evaluation.photos.frechet)
    assert len(anchors) == 2 * charts


def test_without_halves_and_intervals_the_page_still_stands(
    evaluation: Evaluation, candidates: list[Candidate]
) -> None:
    page = check_page(evaluation_page(replace(evaluation, floor=None, comparisons=()), candidates))
    assert "style halves" not in page.texts
    assert "Too few photos to compare." in page.texts


def test_hostile_names_are_escaped(evaluation: Evaluation, candidates: list[Candidate]) -> None:
    standing = replace(evaluation.candidates[0], name=HOSTILE)
    found = replace(evaluation, candidates=(standing,), warnings=(HOSTILE,))
    assert isinstance(candidates[1], FolderCandidate)
    gray_one = replace(candidates[1], name=HOSTILE)
    page = check_page(evaluation_page(found, [gray_one]))
    assert page.texts.count(HOSTILE) >= 2
