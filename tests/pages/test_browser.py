"""The reports in a real browser, where there is one."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ganstyle.evaluate.candidates import Candidate
from ganstyle.evaluate.report import write_evaluation
from ganstyle.evaluate.run import Evaluation
from ganstyle.train.report import write_report
from tests.conftest import picture
from tests.evaluate.conftest import _quick_views
from tests.evaluate.test_report import candidates, evaluation, sets

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["_quick_views", "candidates", "evaluation", "sets"]  # fixtures

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if not program:
        pytest.skip(f"there is no browser here: none of {', '.join(NAMES)}")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
    with playwright.sync_playwright() as session:
        browser = session.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def training_page(tmp_path: Path) -> Path:
    values = {"fooled/patch": 0.4, "held_out/fooled_patch": 0.3, "loss/generator": 0.1}
    report = {
        "share": 0.5,
        "seconds": 60.0,
        "images_seen": 100,
        "images_per_second": 2.0,
        "values": values,
        "actions": ["The patch discriminators are fooled by 20%: too strong."],
    }
    photo, result = picture(64, 48), picture(64, 48, seed=1)
    write_report(
        tmp_path / "training.html",
        name="blobs",
        config={"crop": 64},
        data=["photos: 8 pictures to train on, 2 held out."],
        reports=[report, {**report, "share": 1.0, "images_seen": 200}],
        scorings=[],
        best_images_seen=0,
        pictures=[(photo, result)],
        shown_are="photos",
        final="",
    )
    return tmp_path / "training.html"


@pytest.fixture
def evaluation_page(evaluation: Evaluation, candidates: list[Candidate], tmp_path: Path) -> Path:
    write_evaluation(tmp_path / "evaluation.html", evaluation, candidates)
    return tmp_path / "evaluation.html"


@pytest.mark.parametrize("kind", ["training_page", "evaluation_page"])
def test_a_report_shows_its_pictures_and_its_slider_moves(
    kind: str, browser: "Browser", request: pytest.FixtureRequest
) -> None:
    page = browser.new_page(color_scheme="light")
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda asked: problems.extend(_foreign(asked.url)))
    page.goto(request.getfixturevalue(kind).as_uri())
    images = page.locator("img")
    assert images.count() >= 2
    for index in range(images.count()):
        assert images.nth(index).evaluate("image => image.complete && image.naturalWidth > 0")
    before = _cut(page)
    frame = page.locator(".compare").first
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 5, box["y"] + box["height"] / 2)
    dragged = _cut(page)
    page.keyboard.press("ArrowRight")
    assert len({before, dragged, _cut(page)}) == 3
    assert not problems
    page.close()


def _foreign(address: str) -> list[str]:
    return [] if address.startswith(("data:", "file:")) else [f"asks for {address}"]


def _cut(page: "Page") -> str:
    """How the upper picture of the first comparison is cut."""
    upper = page.locator(".compare img").nth(1)
    cut: str = upper.evaluate("image => getComputedStyle(image).clipPath")
    return cut
