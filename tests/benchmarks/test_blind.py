"""The page for blind comparisons, in a real browser, where there is one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import picture
from tests.pages.test_browser import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser"]  # a fixture

PAGE = Path(__file__).parents[2] / "benchmarks" / "blind.html"


def test_pairs_are_judged_undone_and_counted(browser: "Browser", tmp_path: Path) -> None:
    for name, seed in (("ours", 1), ("theirs", 2)):
        (tmp_path / name).mkdir()
        for index in range(6):
            picture(40, 30, seed=seed).save(tmp_path / name / f"{index}.png")
    picture(40, 30).save(tmp_path / "ours" / "alone.png")
    page = browser.new_page()
    page.goto(PAGE.as_uri())
    page.click("#start")
    assert "Choose two folders" in page.inner_text("#problem")
    page.set_input_files("#first", str(tmp_path / "ours"))
    page.set_input_files("#second", str(tmp_path / "theirs"))
    page.click("#start")
    for key in ("1", "2", "u", "1", "1", "2", "1", "1"):
        page.keyboard.press(key)
    result = json.loads(page.inner_text("#json"))
    assert (result["first"], result["second"], result["pairs"]) == ("ours", "theirs", 6)
    preferred = [answer["preferred"] for answer in result["answers"]]
    assert result["first_preferred"] == preferred.count("ours")
    assert sorted(answer["picture"] for answer in result["answers"]) == list("012345")
    assert 0 <= result["low"] <= result["share"] <= result["high"] <= 1
    page.keyboard.press("u")
    assert page.is_visible("#judging")
