import math

import pytest

from ganstyle.pages import elements as html
from ganstyle.pages.charts import Series, bars, line_chart, number, thin
from tests.pages.test_elements import Page, check_page


def points_of(chart: str) -> list[str]:
    return [line["points"] for line in Page(chart).all("polyline")]


def test_a_known_line_has_known_points() -> None:
    line = Series("rate", [(0, 0), (1, 25), (2, 100)])
    chart = line_chart("Rates", [line], x_label="time", y_range=(0, 100), unit="%")
    assert points_of(chart) == ["0,1000 500,750 1000,0"]
    page = Page(chart)
    assert page.all("svg")[0]["aria-label"] == "Rates; rate 100 %"
    assert page.all("path")[-1]["d"] == "M0,1000h0M500,750h0M1000,0h0"
    assert page.texts_of("y") == ["0 %", "25 %", "50 %", "75 %", "100 %"]


def test_an_axis_without_range_ends_at_whole_steps() -> None:
    line = Series("loss", [(0, -0.7), (3000, 1.1)])
    page = Page(line_chart("Loss", [line], x_label="images"))
    assert page.texts_of("y") == ["-1", "-0.5", "0", "0.5", "1", "1.5"]
    assert page.texts_of("x") == ["0", "1k", "2k", "3k"]
    assert page.all("polyline")[0]["points"] == "0,880 1000,160"


def test_target_mark_and_events_are_where_they_belong() -> None:
    chart = line_chart(
        "Rates",
        [Series("rate", [(0, 10), (200, 90)])],
        x_label="",
        y_range=(0, 100),
        target=(50, "balance"),
        mark=(150, "best"),
        events=[(20, "slower"), (math.nan, "never")],
    )
    spans = Page(chart).all("span")
    assert {"class": "target", "style": "bottom:50%"} in spans
    assert {"class": "mark left", "style": "left:75%"} in spans
    events = [span for span in spans if span["class"] == "event"]
    assert events == [{"class": "event", "style": "left:10%", "title": "slower"}]


def test_what_is_not_finite_is_left_out() -> None:
    points = [(0, 0), (1, math.nan), (math.inf, 1), (2, -math.inf), (3, 1e308), (4, 10)]
    chart = line_chart("", [Series("a", points), Series("b", [(0, math.nan)])], x_label="")
    assert points_of(chart) == ["0,1000 1000,0"]
    assert "nan" not in chart
    assert "No values yet." in line_chart("", [Series("b", [(0, math.nan)])], x_label="")
    assert "nan" not in bars("", [("a", math.nan), ("b", 1)])
    assert number(math.inf) == "none"


@pytest.mark.parametrize("value", [0, 1, -3, 1e-300, -1e99, 5e-324])
def test_a_single_point_is_a_dot_in_the_middle(value: float) -> None:
    chart = line_chart("", [Series("a", [(value, value)])], x_label="")
    assert Page(chart).all("path")[-1]["d"] == "M500,500h0"


def test_what_lies_outside_a_given_range_is_drawn_at_its_edge() -> None:
    line = Series("a", [(-5, -5), (5, 50), (20, 900)])
    chart = line_chart("", [line], x_label="", x_range=(0, 10), y_range=(0, 100))
    assert points_of(chart) == ["0,1000 500,500 1000,0"]


def test_thinning_keeps_short_lines_and_the_mean_of_long_ones() -> None:
    short = [(float(x), x % 7.0) for x in range(400)]
    assert thin(short) == short
    long = [(float(x), x % 7.0) for x in range(100_000)]
    thinned = thin(long)
    assert len(thinned) == 400
    for axis in (0, 1):
        mean = sum(point[axis] for point in long) / len(long)
        assert sum(point[axis] for point in thinned) / 400 == pytest.approx(mean)
    assert len(thin(long[:401])) <= 400
    chart = line_chart("", [Series("a", long)], x_label="")
    assert len(points_of(chart)[0].split()) == 400
    assert f"{long[-1][1]:g}</b>" in chart  # the latest value is no mean


def test_bars_begin_at_zero() -> None:
    page = Page(bars("KID", [("photos", 50), ("results", 20), ("floor", -1)]))
    widths = [bar["style"] for bar in page.all("i") if "style" in bar]
    assert widths == ["width:100.0%", "width:40.0%", "width:0.0%"]
    check_page(html.page("", bars("nothing", []), bars("", [("a", 0), ("b", -1)])))


def test_intervals_are_beams_and_count_for_the_width() -> None:
    values = [("photos", 50), ("results", 20), ("alone", 10), ("sure", 5)]
    ends = {"photos": (40, 100), "results": (-5, 25), "alone": (math.nan, 1), "sure": (5, 5)}
    page = Page(bars("KID", values, intervals=ends, anchors=["photos"]))
    assert next(bar["style"] for bar in page.all("i") if "style" in bar) == "width:50.0%"
    beams = [beam["style"] for beam in page.all("s")]
    assert beams == ["left:40.0%;right:0.0%", "left:0.0%;right:75.0%"]
    assert [row.get("class") for row in page.all("li")] == ["anchor", None, None, None]


def test_bars_may_have_a_full_width_of_their_own() -> None:
    page = Page(bars("", [("a", 25), ("b", 200)], full=100))
    widths = [bar["style"] for bar in page.all("i") if "style" in bar]
    assert widths == ["width:25.0%", "width:100.0%"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "", "0"),
        (0.0123456, "", "0.0123"),
        (18.36, "", "18.4"),
        (-1.5, "", "-1.5"),
        (1234567, "", "1,234,567"),
        (999.9, "", "1,000"),
        (47.52, "%", "48 %"),
    ],
)
def test_numbers_read_well(value: float, unit: str, text: str) -> None:
    assert number(value, unit) == text
