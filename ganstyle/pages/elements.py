"""Parts of a page that is one file: shell, comparisons of pictures, tables, lists.

Nothing is fetched from anywhere. What is given as str is text and gets escaped here; what is
Html is ready, and mypy keeps the two apart.
"""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import NewType

from PIL import Image

from ganstyle.pages.style import SCRIPT, STYLE

Html = NewType("Html", str)
"""Text in which everything foreign is escaped."""


def page(title: str, *parts: Html) -> Html:
    """A whole HTML document."""
    # Even if foreign text got through: no other script runs, and nothing can be fetched.
    script = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{script}'"
    )
    return Html(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + f"\n</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def section(title: str, *parts: Html) -> Html:
    """A part of the page under a heading."""
    return Html(f"<section>\n<h2>{escape(title)}</h2>\n" + "\n".join(parts) + "\n</section>")


def paragraph(text: str) -> Html:
    """A few sentences that explain what is shown."""
    return Html(f"<p>{escape(text)}</p>")


def grid(*parts: Html, most: int = 4) -> Html:
    """Parts side by side, as many as fit. most: four, three or two."""
    kind = {4: "grid", 3: "grid medium", 2: "grid wide"}[most]
    return Html(f'<div class="{kind}">\n' + "\n".join(parts) + "\n</div>")


def folded(summary: str, *parts: Html) -> Html:
    """Parts that a click on the summary shows."""
    inner = "\n".join(parts)
    return Html(f"<details>\n<summary>{escape(summary)}</summary>\n{inner}\n</details>")


def headline(title: str, subtitle: str, share: float, facts: Sequence[tuple[str, str]]) -> Html:
    """Title, how much is done, and what is counted. share: in [0, 1]. facts: values and names."""
    cells = "".join(f"<div><dt>{escape(n)}</dt><dd>{escape(v)}</dd></div>" for v, n in facts)
    done = f'<progress value="{share:.4f}" max="1" aria-label="How much is done"></progress>'
    below = f"<p>{escape(subtitle)}</p>" if subtitle else ""
    return Html(f"<header>\n<h1>{escape(title)}</h1>{below}\n{done}\n<dl>{cells}</dl>\n</header>")


def bullets(items: Sequence[str], *, empty: str) -> Html:
    """A list; the sentence `empty` when there is nothing in it."""
    if not items:
        return Html(f'<p class="empty">{escape(empty)}</p>')
    return Html("<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    """A table whose first column names the rows."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "\n".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    # It may be wider than a phone; then it scrolls in its place, with the keyboard too.
    return Html(
        f'<div class="scroll" tabindex="0"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def figure(title: str, inner: Html) -> Html:
    """A framed part under a caption."""
    return Html(f"<figure>\n<figcaption>{escape(title)}</figcaption>\n{inner}\n</figure>")


def comparison(before: Image.Image, after: Image.Image, name: str) -> Html:
    """Two RGB pictures of one shape on top of each other, with a divider to be moved.

    It follows the pointer, and the arrow keys, for beneath it is an ordinary range input.
    """
    named = escape(name)
    return Html(
        f'<figure class="compare" style="aspect-ratio:{before.width}/{before.height}">\n'
        f'<img src="{data_uri(after)}" alt="{named}: after" draggable="false">\n'
        f'<img src="{data_uri(before)}" alt="{named}: before" draggable="false">\n'
        '<input type="range" min="0" max="100" value="50" '
        f'aria-label="{named}: where before ends and after begins, percent">\n'
        '<span class="divider"></span><span class="tag">before</span>'
        '<span class="tag">after</span>\n</figure>'
    )


def data_uri(image: Image.Image, *, quality: int = 85) -> str:
    """An RGB picture as a WebP inside an address."""
    buffer = BytesIO()
    image.save(buffer, "WEBP", quality=quality)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
