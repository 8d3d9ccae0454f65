import base64
import hashlib
import math
import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from ganstyle import html
from ganstyle.html import Series

HOSTILE = """</script></style><b onload="x">'&"""

VOID = {"meta", "link", "img", "input", "br"}


class Page(HTMLParser):
    """A document taken apart, in which every tag must be closed by its own kind."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.classes: list[str] = []
        self.feed(document)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"{tag}: {names}"
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        self.classes.append(self.tags[-1][1].get("class", "") if self.tags else "")

    def texts_of(self, kind: str) -> list[str]:
        """The texts right behind the start of a tag of that class."""
        pairs = zip(self.texts, self.classes, strict=True)
        return [text for text, found in pairs if found == kind and text.strip()]

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def check_page(document: str) -> Page:
    """The page taken apart, if it is well-formed and asks nothing of anybody."""
    page = Page(document)
    for tag, attributes in page.tags:
        assert tag not in {"iframe", "object", "embed", "base", "form"}
        for name, value in attributes.items():
            assert not name.startswith("on"), name
            if name in {"src", "href", "srcset", "xlink:href", "poster", "action", "data"}:
                assert value.startswith(("data:", "#")), value[:80]
    (style,) = re.findall("<style>(.*?)</style>", document, re.DOTALL)
    assert "url(" not in style
    assert "@import" not in style
    assert len(page.all("script")) == len(page.all("style")) == len(page.all("main")) == 1
    return page


def points_of(chart: str) -> list[str]:
    return [line["points"] for line in Page(chart).all("polyline")]


def picture_of(address: str) -> Image.Image:
    kind, _, data = address.partition(",")
    assert kind == "data:image/webp;base64"
    return Image.open(BytesIO(base64.b64decode(data, validate=True)))


def test_everything_foreign_is_escaped() -> None:
    picture = Image.new("RGB", (8, 6))
    line = Series(HOSTILE, [(0, 1), (1, 2)])
    page = check_page(
        html.page(
            HOSTILE,
            html.headline(HOSTILE, HOSTILE, 0.5, [(HOSTILE, HOSTILE)]),
            html.section(HOSTILE, html.paragraph(HOSTILE), html.folded(HOSTILE)),
            html.bullets([HOSTILE], empty=""),
            html.bullets([], empty=HOSTILE),
            html.table([HOSTILE], [[HOSTILE, HOSTILE]]),
            html.bars(HOSTILE, [(HOSTILE, 1)], unit=HOSTILE),
            html.comparison(picture, picture, HOSTILE),
            html.line_chart(
                HOSTILE,
                [line],
                x_label=HOSTILE,
                y_label=HOSTILE,
                y_range=(1, 2),
                unit=HOSTILE,
                target=(1, HOSTILE),
                mark=(1, HOSTILE),
                events=[(1, HOSTILE)],
            ),
        )
    )
    # All that is shown, with the unit beside the bar, in the legend and at five ticks.
    assert "".join(page.texts).count(HOSTILE) == 21 + 7
    assert {"title": HOSTILE, "class": "event", "style": "left:100%"} in page.all("span")
    assert not any("onload" in attributes for _, attributes in page.tags)


def test_a_page_lets_no_other_script_run() -> None:
    document = html.page("A page")
    (script,) = re.findall("<script>(.*?)</script>", document, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [tag["content"] for tag in Page(document).all("meta") if "http-equiv" in tag]
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


def test_a_known_line_has_known_points() -> None:
    line = Series("rate", [(0, 0), (1, 25), (2, 100)])
    chart = html.line_chart("Rates", [line], x_label="time", y_range=(0, 100), unit="%")
    assert points_of(chart) == ["0,1000 500,750 1000,0"]
    page = Page(chart)
    assert page.all("svg")[0]["aria-label"] == "Rates; rate 100 %"
    assert page.all("path")[-1]["d"] == "M0,1000h0M500,750h0M1000,0h0"
    assert page.texts_of("y") == ["0 %", "25 %", "50 %", "75 %", "100 %"]


def test_an_axis_without_range_ends_at_whole_steps() -> None:
    line = Series("loss", [(0, -0.7), (3000, 1.1)])
    page = Page(html.line_chart("Loss", [line], x_label="images"))
    assert page.texts_of("y") == ["-1", "-0.5", "0", "0.5", "1", "1.5"]
    assert page.texts_of("x") == ["0", "1k", "2k", "3k"]
    assert page.all("polyline")[0]["points"] == "0,880 1000,160"


def test_target_mark_and_events_are_where_they_belong() -> None:
    chart = html.line_chart(
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
    chart = html.line_chart("", [Series("a", points), Series("b", [(0, math.nan)])], x_label="")
    assert points_of(chart) == ["0,1000 1000,0"]
    assert "nan" not in chart
    assert "Nothing to draw yet." in html.line_chart("", [Series("b", [(0, math.nan)])], x_label="")
    assert "nan" not in html.bars("", [("a", math.nan), ("b", 1)])
    assert html.number(math.inf) == "none"


@pytest.mark.parametrize("value", [0, 1, -3, 1e-300, -1e99, 5e-324])
def test_a_single_point_is_a_dot_in_the_middle(value: float) -> None:
    chart = html.line_chart("", [Series("a", [(value, value)])], x_label="")
    assert Page(chart).all("path")[-1]["d"] == "M500,500h0"


def test_what_lies_outside_a_given_range_is_drawn_at_its_edge() -> None:
    line = Series("a", [(-5, -5), (5, 50), (20, 900)])
    chart = html.line_chart("", [line], x_label="", x_range=(0, 10), y_range=(0, 100))
    assert points_of(chart) == ["0,1000 500,500 1000,0"]


def test_thinning_keeps_short_lines_and_the_mean_of_long_ones() -> None:
    short = [(float(x), x % 7.0) for x in range(400)]
    assert html.thin(short) == short
    long = [(float(x), x % 7.0) for x in range(100_000)]
    thinned = html.thin(long)
    assert len(thinned) == 400
    for axis in (0, 1):
        mean = sum(point[axis] for point in long) / len(long)
        assert sum(point[axis] for point in thinned) / 400 == pytest.approx(mean)
    assert len(html.thin(long[:401])) <= 400
    chart = html.line_chart("", [Series("a", long)], x_label="")
    assert len(points_of(chart)[0].split()) == 400
    assert f"{long[-1][1]:g}</b>" in chart  # the latest value is no mean


def test_a_comparison_holds_both_pictures_and_is_a_range_input() -> None:
    before, after = Image.new("RGB", (40, 30), "navy"), Image.new("RGB", (40, 30), "tomato")
    page = Page(html.comparison(before, after, "Lake"))
    images = page.all("img")
    assert [image["alt"] for image in images] == ["Lake: after", "Lake: before"]
    for image, original in zip(images, (after, before), strict=True):
        found = picture_of(image["src"])
        assert found.size == (40, 30)
        color, wanted = found.getpixel((20, 15)), original.getpixel((20, 15))
        assert isinstance(color, tuple)
        assert isinstance(wanted, tuple)
        assert max(abs(a - b) for a, b in zip(color, wanted, strict=True)) < 8
    (slider,) = page.all("input")
    assert slider["type"] == "range"
    assert "Lake" in slider["aria-label"]


def test_pictures_take_no_metadata_along(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "somebody at home"
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.jpg", exif=exif)
    with Image.open(tmp_path / "photo.jpg") as photo:
        assert photo.getexif()
        assert not picture_of(html.data_uri(photo)).getexif()


def test_bars_begin_at_zero() -> None:
    page = Page(html.bars("KID", [("photos", 50), ("results", 20), ("floor", -1)]))
    widths = [bar["style"] for bar in page.all("i") if "style" in bar]
    assert widths == ["width:100.0%", "width:40.0%", "width:0.0%"]
    check_page(html.page("", html.bars("nothing", []), html.bars("", [("a", 0), ("b", -1)])))


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
    assert html.number(value, unit) == text
