"""The page in a real browser, where there is one, with the npm package onnxruntime-web."""

import base64
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from ganstyle.config import Dials
from ganstyle.export.web import export_page, read_runtime
from ganstyle.painting.painter import Painter
from ganstyle.styles import CheckpointFile
from tests.conftest import picture
from tests.export.test_run import style
from tests.pages.test_browser import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser", "style"]  # fixtures

PACKAGE = Path(__file__).parents[2] / "node_modules" / "onnxruntime-web"

DROP = """async address => {
    const blob = await (await fetch(address)).blob();
    const dropped = new DataTransfer();
    dropped.items.add(new File([blob], "lake.png", {type: "image/png"}));
    const event = new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true});
    document.getElementById("drop").dispatchEvent(event);
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def address(style: CheckpointFile, tmp_path: Path) -> Iterator[str]:
    """Address of a page with a tiny style, served as by `python -m http.server`."""
    if not PACKAGE.is_dir():
        pytest.skip("needs `npm install onnxruntime-web` in this checkout")
    export_page(style, tmp_path / "page", Dials(treat_as="photo"), read_runtime(PACKAGE))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "page"))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_dropped_photo_is_painted_compared_and_saved(
    browser: "Browser", address: str, style: CheckpointFile, tmp_path: Path
) -> None:
    page = browser.new_page()
    page.set_default_timeout(120_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda asked: problems.extend(_foreign(asked.url, address)))
    page.goto(address)
    _wait(page, "Ready, on the CPU")
    assert page.evaluate("crossOriginIsolated")
    photo = picture(90, 70)
    stream = BytesIO()
    photo.save(stream, "PNG")
    data = base64.b64encode(stream.getvalue()).decode()
    page.evaluate(DROP, f"data:image/png;base64,{data}")
    _wait(page, "Painted 90")
    painter = Painter(style, Dials(faces=False, treat_as="photo"), precision="float32")
    wanted = np.asarray(painter.paint([photo])[0]).astype(int)
    assert np.abs(_saved(page, tmp_path) - wanted).mean() < 0.5
    page.select_option("#kind", "draft")
    _wait(page, "Painting")
    _wait(page, "Painted")
    assert np.abs(_saved(page, tmp_path) - wanted).mean() > 1
    box = page.locator("#compare").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    assert abs(float(page.input_value("#slider")) - 25) < 3
    assert not problems
    page.close()


def _wait(page: "Page", text: str) -> None:
    condition = "text => document.getElementById('status').textContent.startsWith(text)"
    page.wait_for_function(condition, arg=text)


def _saved(page: "Page", folder: Path) -> np.ndarray:
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "lake-test.png"
    download.value.save_as(folder / "saved.png")
    with Image.open(folder / "saved.png") as image:
        return np.asarray(image.convert("RGB")).astype(int)


def _foreign(asked: str, address: str) -> list[str]:
    own = (address, "data:", "blob:")
    return [] if asked.startswith(own) else [f"asks for {asked}"]
