import base64
import hashlib
import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image

from ganstyle.pages import charts
from ganstyle.pages import elements as html
from ganstyle.pages.charts import Series

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
            charts.bars(HOSTILE, [(HOSTILE, 1)], unit=HOSTILE),
            html.comparison(picture, picture, HOSTILE),
            charts.line_chart(
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
