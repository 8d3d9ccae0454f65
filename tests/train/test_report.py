import math
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ganstyle.train.report import Run, training_report, write_report
from tests.pages.test_elements import HOSTILE, check_page, picture_of


def made_up(count: int) -> Run:
    """A run with so many reports, a scoring at every tenth of them, and two pictures."""
    reports = [report(index) for index in range(1, count + 1)]
    scorings = [
        {
            "images_seen": 120.0 * index,
            "seconds": 7.0 * index,
            "kid": 20.0,
            "kid_photos": 50.0,
            "kid_floor": 5.0,
            "content": 0.5,
            "style_progress": 0.66,
            "merit": 0.33,
        }
        for index in range(1, count + 1, max(1, count // 10))
    ]
    pair = (Image.new("RGB", (60, 40), "navy"), Image.new("RGB", (60, 40), "tomato"))
    return Run(
        name="hiroshige",
        config={"batch": 6, "title": "Prints", "minutes": None},
        data=["photos: 90 pictures to train on, 11 held out."],
        reports=reports,
        scorings=scorings,
        best_images_seen=120 if count else 0,
        pictures=[pair, pair],
        shown_are="photos",
        final="",
    )


def report(index: int) -> dict[str, Any]:
    return {
        "share": min(1.0, index / 100),
        "seconds": 7.0 * index,
        "images_seen": 120 * index,
        "images_per_second": 17.8,
        "values": {
            "loss/content": 0.5,
            "loss/color": 0.001 * index,
            "fooled/patch": 0.25,
            "held_out/fooled_patch": 0.75,
            "real/patch": 0.9,
            "pilot/rate": 2.0,
        },
    }


def empty() -> Run:
    return Run(
        name="new",
        config={},
        data=[],
        reports=[],
        scorings=[],
        best_images_seen=0,
        pictures=[],
        shown_are="photos",
        final="",
    )


def test_a_run_is_shown_in_order() -> None:
    document = training_report(**made_up(40))
    page = check_page(document)
    for fact in ("40 %", "4,800", "4 min 40 s", "17.8"):
        assert fact in page.texts
    order = ("Before and after", "Balance", "Losses", "More", "Scores", "Training pictures")
    places = [page.texts.index(title) for title in (*order, "Configuration")]
    assert places == sorted(places)
    assert "photos: 90 pictures to train on, 11 held out." in page.texts
    assert {"class": "target", "style": "bottom:50%"} in page.all("span")
    assert [picture_of(image["src"]).size for image in page.all("img")] == [(60, 40)] * 4


def test_held_out_and_training_rates_share_a_chart() -> None:
    page = check_page(training_report(**made_up(2)))
    chart = next(svg for svg in page.all("svg") if svg["aria-label"].startswith("Generated"))
    assert chart["aria-label"].endswith("; patch, training 25 %; patch, held out 75 %")
    training, held_out = page.all("polyline")[:2]
    assert training["points"] == "500,750 1000,750"
    assert held_out == {"class": "dashed", "points": "500,250 1000,250"}


def test_a_small_loss_fills_its_own_chart() -> None:
    page = check_page(training_report(**made_up(5)))
    heights = [
        [float(point.split(",")[1]) for point in line["points"].split()]
        for line in page.all("polyline")
    ]
    assert [1000, 750, 500, 250, 0] in heights  # loss/color


@pytest.mark.parametrize("count", [0, 1])
def test_a_run_that_has_just_begun_has_a_page(count: int) -> None:
    check_page(training_report(**made_up(count)))
    page = check_page(training_report(**empty()))
    assert "No values yet." in page.texts
    assert "It has not acted." in page.texts


@pytest.mark.parametrize("pilot", [False, True])
def test_a_pilot_that_was_switched_off_is_told_from_an_idle_one(pilot: bool) -> None:
    run = made_up(1)
    run["config"] = {"pilot": pilot}
    page = check_page(training_report(**run))
    assert ("The pilot is off." in page.texts) is not pilot
    assert ("It has not acted." in page.texts) is pilot


def test_the_best_scoring_is_marked() -> None:
    run = made_up(20)
    run["best_images_seen"] = 120 * 5
    page = check_page(training_report(**run))
    assert {"class": "mark", "style": "left:25%"} in page.all("span")
    assert "600 (best)" in page.texts
    assert "Distance to the style pictures after 600 images (KID x 1000)" in page.texts


@pytest.mark.parametrize(
    ("shown_are", "words"),
    [
        ("photos", "Photos. They are never trained on."),
        ("held-out drafts", "Drafts of style pictures that are held out from training."),
        ("training drafts", "Drafts of style pictures that are trained on"),
        ("held-out pairs", "Sources of pairs that are held out from training."),
    ],
)
def test_it_says_whether_the_shown_pictures_are_trained_on(shown_are: str, words: str) -> None:
    run = made_up(2)
    run["shown_are"] = shown_are
    texts = check_page(training_report(**run)).texts
    assert any(text.startswith(words) for text in texts)


def test_the_last_scores_stand_beside_those_of_the_way() -> None:
    run = made_up(2)
    run["final"] = "style progress 61 %, content 0.52, KID 20.1 (photos 50.2, style halves 5.3)"
    texts = check_page(training_report(**run)).texts
    assert any(run["final"] in text for text in texts)


def test_the_pilot_is_heard_newest_first_and_marked() -> None:
    run = made_up(30)
    reports = [dict(line) for line in run["reports"]]
    for index, line in enumerate(reports[:20]):
        line["actions"] = [f"step {index}", "and more"] if index == 2 else [f"step {index}"]
    run["reports"] = reports
    page = check_page(training_report(**run))
    lines = [text for text in page.texts if text.startswith("After ")]
    assert lines[0] == "After 2,400 images: step 19"
    assert lines[-1] == "After 120 images: step 0"
    assert len(lines) == 21
    assert "9 older" in page.texts
    events = [span["title"] for span in page.all("span") if span.get("class") == "event"]
    assert events[:20] == [*("step 0", "step 1", "step 2\nand more"), *events[3:20]]
    assert len(events) == 2 * 20  # in the charts of generated and of real pictures


def test_a_pilot_that_acts_all_the_time_leaves_a_readable_page() -> None:
    run = made_up(1000)
    run["reports"] = [dict(line, actions=["again"]) for line in run["reports"]]
    page = check_page(training_report(**run))
    events = [span for span in page.all("span") if span.get("class") == "event"]
    assert len(events) <= 2 * 101
    assert sum(span["title"].count("again") for span in events) == 2 * 1000
    assert len([text for text in page.texts if text.endswith(": again")]) == 400
    assert "600 even older ones are in metrics.jsonl." in page.texts


def test_values_that_are_not_finite_are_skipped() -> None:
    run = made_up(3)
    run["reports"][1]["values"]["loss/content"] = math.nan
    run["reports"][2]["values"].update({"fooled/patch": math.inf, "loss/bad": -math.inf})
    run["scorings"] = [dict(run["scorings"][0], kid=math.nan, style_progress=math.inf)]
    bad = dict(run["reports"][2], images_seen=math.nan, seconds=math.inf, share=math.nan)
    run["reports"] = [*run["reports"], bad]
    page = check_page(training_report(**run))
    drawn = {"points", "d", "style", "value"}
    for _, attributes in page.tags:
        for name in drawn & set(attributes):
            assert "nan" not in attributes[name]
            assert "inf" not in attributes[name]


def test_hostile_names_do_no_harm() -> None:
    run = made_up(3)
    run["name"] = HOSTILE
    run["config"] = {HOSTILE: HOSTILE, "title": HOSTILE}
    run["data"] = [HOSTILE]
    for line in run["reports"]:
        line["values"].update({f"loss/{HOSTILE}": 1, f"held_out/{HOSTILE}": 2, HOSTILE: 3})
    run["reports"] = [dict(line, actions=[HOSTILE]) for line in run["reports"]]
    page = check_page(training_report(**run))
    assert not any("onload" in attributes for _, attributes in page.tags)
    assert page.texts.count(HOSTILE) >= 5


def test_a_long_run_stays_small() -> None:
    document = training_report(**made_up(20_000))
    page = check_page(document)
    assert max(len(line["points"].split()) for line in page.all("polyline")) == 400
    assert len(document) < 200_000


def test_the_report_is_written_whole(tmp_path: Path) -> None:
    run = made_up(2)
    run["data"] = ["photos: caf\udce9.jpg cannot be read."]  # a name from a Latin-1 disk
    write_report(tmp_path / "run" / "report.html", **run)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["report.html"]
    text = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "caf?.jpg" in text
    check_page(text)
