"""A style as a page: drop a photo, see it painted in the browser, on the visitor's own machine."""

import json
import math
import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import ganstyle
from ganstyle.config import Dials
from ganstyle.errors import DataError
from ganstyle.export.check import Difference
from ganstyle.export.model import BRUSH, DRAFT, INPUT, SEED
from ganstyle.export.run import export_style, writing
from ganstyle.sources.looks import brush_of
from ganstyle.styles import CheckpointFile

PAGE = "index.html"
MODEL = "model.onnx"
RUNTIME = "onnxruntime-web"
"""Names in the folder of a page: the page, the model, and the folder of what runs it."""

_ENTRIES = ("ort.webgpu.min.mjs", "ort.wasm.min.mjs")
"""Files of the package that a page loads, with a GPU and without."""

_BINARY = re.compile(rb"ort-wasm-simd-threaded[a-z.]*?(?=\.mjs)")
"""What these files load in turn: a module, and a program of the same name."""

_FOLDER = Path(__file__).parent / "page"
_STATIC = ("page.css", "page.js", "worker.js", "headers.js")


def read_runtime(package: Path) -> dict[str, bytes]:
    """Files of the npm package onnxruntime-web that a page needs, by name.

    package: its folder, or the file that `npm pack` makes. Raises DataError when it is another.
    """
    try:
        if package.is_dir():
            return _needed(lambda name: (package / name).read_bytes())
        with tarfile.open(package) as archive:
            return _needed(lambda name: _member(archive, f"package/{name}"))
    except (OSError, KeyError, ValueError, tarfile.TarError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DataError(
            f"{package}: not the npm package {RUNTIME}, as a folder or a file ({reason})."
        ) from error


def _needed(read: Callable[[str], bytes]) -> dict[str, bytes]:
    files = {"package.json": read("package.json")}
    if json.loads(files["package.json"]).get("name") != RUNTIME:
        raise ValueError("its package.json names another")
    for entry in _ENTRIES:
        files[entry] = read(f"dist/{entry}")
        for stem in set(_BINARY.findall(files[entry])):
            for suffix in ("mjs", "wasm"):
                name = f"{stem.decode()}.{suffix}"
                files[name] = read(f"dist/{name}")
    return files


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise ValueError(f"{name} is no file")
    return file.read()


def export_page(
    checkpoint: CheckpointFile, folder: Path, dials: Dials, runtime: dict[str, bytes]
) -> list[Difference]:
    """Write a page for a style into a folder; returns how far its model is from the painter.

    dials: where the page's own begin. runtime: see read_runtime(). Raises as export_style() does.
    """
    found = export_style(checkpoint, folder / MODEL, dials, optional=False)
    files = {f"{RUNTIME}/{name}": data for name, data in runtime.items()}
    files |= {name: (_FOLDER / name).read_bytes() for name in _STATIC}
    files[PAGE] = _page(checkpoint, dials, runtime).encode()  # last: what it names is there
    for name, data in files.items():
        with writing(folder / name) as temporary:
            temporary.write_bytes(data)
    return found


def _page(checkpoint: CheckpointFile, dials: Dials, runtime: dict[str, bytes]) -> str:
    info = checkpoint.info
    has_levels = info.config.get("easel") is not None
    facts: dict[str, Any] = {
        "style": info.style,
        "model": MODEL,
        "inputs": [INPUT, SEED, *([BRUSH, DRAFT] if has_levels else [])],
        "brush": brush_of(dials),
        "seed": dials.seed,
        "draft": dials.treat_as == "draft",
    }
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("index.html.j2").render(
        facts=facts,
        style=info.style,
        title=info.title,
        licence=info.licence,
        attribution=info.attribution,
        has_levels=has_levels,
        brush=f"{brush_of(dials):g}",
        brush_step=round(math.log2(brush_of(dials)), 2),
        draft=facts["draft"],
        version=ganstyle.__version__,
        runtime=json.loads(runtime["package.json"]).get("version", ""),
    )
