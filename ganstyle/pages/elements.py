"""Elements of a page in a single file: frame, comparisons of images, tables, lists.

The page fetches nothing. The templates escape any str; Markup is inserted as it is. The types keep
the two apart.
"""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

_FOLDER = Path(__file__).parent


def page(title: str, *parts: Markup) -> str:
    """A whole HTML document."""
    script = Markup((_FOLDER / "page.js").read_text(encoding="utf-8"))
    return (
        _templates()
        .get_template("page.html.j2")
        .render(
            title=title,
            parts=parts,
            style=Markup((_FOLDER / "page.css").read_text(encoding="utf-8")),
            script=script,
            # Of everything between the tags, including the first line break.
            script_hash=base64.b64encode(hashlib.sha256(f"\n{script}".encode()).digest()).decode(),
        )
    )


def section(title: str, *parts: Markup) -> Markup:
    """A section of the page under a heading."""
    return render("section", title, parts)


def paragraph(text: str) -> Markup:
    """A paragraph of text."""
    return Markup("<p>{}</p>").format(text)


def grid(*parts: Markup, most: int = 4) -> Markup:
    """Parts side by side, as many as fit. most: 4, 3 or 2."""
    return render("grid", {4: "grid", 3: "grid medium", 2: "grid wide"}[most], parts)


def folded(summary: str, *parts: Markup) -> Markup:
    """Parts that a click on the summary unfolds."""
    return render("folded", summary, parts)


def headline(
    title: str, subtitle: str, progress: float, facts: Sequence[tuple[str, str]]
) -> Markup:
    """Title, progress in [0, 1], and facts: values and their names."""
    return render("headline", title, subtitle, progress, facts)


def bullets(items: Sequence[str], *, empty: str) -> Markup:
    """A list, or the sentence `empty` if there are no items."""
    return render("bullets", items, empty)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """A table whose first column names the rows."""
    return render("table", header, rows)


def figure(title: str, inner: Markup) -> Markup:
    """A framed part under a caption."""
    return render("figure", title, inner)


def comparison(before: Image.Image, after: Image.Image, name: str) -> Markup:
    """Two RGB images of the same shape on top of each other, with a movable divider.

    It follows the pointer and the arrow keys, because it is an ordinary range input.
    """
    images = data_uri(before), data_uri(after)
    return render("comparison", before.width, before.height, *images, name)


def data_uri(image: Image.Image, *, quality: int = 85) -> str:
    """An RGB image as a data URI of WebP."""
    buffer = BytesIO()
    image.save(buffer, "WEBP", quality=quality)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def render(macro: str, *values: Any) -> Markup:
    """Result of a macro of elements.html.j2 for some values."""
    module = _templates().get_template("elements.html.j2").module
    part: Markup = getattr(module, macro)(*values)
    return part.strip()


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
