"""`ganstyle export`: a style as a model for other programs, or as a page."""

from collections.abc import Iterable
from dataclasses import Field, asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from ganstyle.cli.display import say
from ganstyle.cli.options import set_up_runtime, with_options
from ganstyle.config import Dials, check_ranges, option
from ganstyle.errors import ConfigError, GanstyleError
from ganstyle.files import is_file, is_folder
from ganstyle.styles import CheckpointFile, find_style, read_checkpoint

EXAMPLES = """\
ganstyle export oil oil.onnx
ganstyle export my-style/ my-style.onnx --brush 1.5
ganstyle export oil --web page/ --onnxruntime-web onnxruntime-web-1.30.0.tgz"""

NEEDED = ("onnx", "onnxruntime")
"""Packages of the extra `onnx`."""

_PAGE = "A page"
_PACKAGE = Path("node_modules") / "onnxruntime-web"


def _dial(name: str) -> Any:
    """The dial of that name, declared once."""
    of: Field[Any] = Dials.__dataclass_fields__[name]
    return field(default=of.default, metadata=of.metadata)


@dataclass(frozen=True, kw_only=True)
class ExportedDials:
    """Dials that a model knows."""

    look: str = _dial("look")
    brush: float | None = _dial("brush")
    invention: float | None = _dial("invention")
    abstraction: float | None = _dial("abstraction")
    keep_tone: float | None = _dial("keep_tone")
    palette: float | None = option(
        None,
        "How far the photo's colours are brought to the style's, from 0 to 1. "
        "Default: the style's own value.",
        min=0,
        max=1,
        group="Look",
    )
    treat_as: str = option(
        "photo",
        "Kind of picture that the model takes what it gets for, unless its input `draft` says "
        "otherwise.",
        choices=("photo", "draft"),
        spelled="--as",
        group="Look",
    )
    seed: int = _dial("seed")

    def __post_init__(self) -> None:
        check_ranges(self)


@with_options
def export(
    style: Annotated[
        str,
        typer.Argument(
            metavar="STYLE",
            help="Name of a style (see `ganstyle styles`), a checkpoint file, or the folder of a "
            "training run.",
        ),
    ],
    path: Annotated[
        Path | None,
        typer.Argument(metavar="OUT.onnx", help="File for the model; none with --web."),
    ] = None,
    *,
    web: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder for a page that paints photos in the browser, and all that it needs.",
            rich_help_panel=_PAGE,
        ),
    ] = None,
    onnxruntime_web: Annotated[
        Path | None,
        typer.Option(
            metavar="PACKAGE",
            help="The npm package onnxruntime-web, which runs the model in the page: its folder, "
            "or the file that `npm pack onnxruntime-web` makes. "
            f"Default: {_PACKAGE}, if it exists.",
            rich_help_panel=_PAGE,
        ),
    ] = None,
    dials: ExportedDials,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that already exist.")
    ] = False,
) -> None:
    """Write a style as an ONNX model, which other programs run without ganstyle or torch.

    The model takes the pixels of a picture of any size and returns those of the painting.
    """
    checkpoint = read_checkpoint(find_style(style))  # a bad file is named before torch is loaded
    _check(path, web, overwrite=overwrite)
    if path:
        _export_model(checkpoint, path, Dials(**asdict(dials)))
    elif web:
        _export_page(checkpoint, web, Dials(**asdict(dials)), onnxruntime_web)


def _check(path: Path | None, web: Path | None, *, overwrite: bool) -> None:
    """Raise an error for wrong arguments, for files that exist, and for packages that do not."""
    if (path is None) == (web is None):
        raise ConfigError("expected STYLE OUT.onnx, or STYLE --web FOLDER.")
    if path:
        _refuse(path, overwrite=overwrite)
    elif web and not overwrite and web.exists() and (is_file(web) or any(web.iterdir())):
        raise ConfigError(f"{web}: already exists; --overwrite replaces what is in it.")
    for package in NEEDED:
        if not find_spec(package):
            raise GanstyleError(
                f'export needs the package {package}: pip install "ganstyle[onnx]".'
            )


def _export_model(checkpoint: CheckpointFile, path: Path, dials: Dials) -> None:
    set_up_runtime("cpu", "float32")
    from ganstyle.export.run import export_style

    _show(export_style(checkpoint, path, dials))
    say(f"Done: {path}, {path.stat().st_size / 1e6:.1f} MB")


def _export_page(
    checkpoint: CheckpointFile, folder: Path, dials: Dials, package: Path | None
) -> None:
    if package is None and not is_folder(_PACKAGE):
        raise GanstyleError(
            "the page needs the npm package onnxruntime-web: run `npm pack onnxruntime-web`, and "
            "name the file that it makes with --onnxruntime-web."
        )
    set_up_runtime("cpu", "float32")
    from ganstyle.export.web import export_page, read_runtime

    _show(export_page(checkpoint, folder, dials, read_runtime(package or _PACKAGE)))
    say(f"Done: {folder}. To see it: python -m http.server --directory {folder}")


def _show(differences: Iterable[object]) -> None:
    for difference in differences:
        say(f"Checked: {difference}")


def _refuse(path: Path, *, overwrite: bool) -> None:
    if path.suffix.lower() != ".onnx":
        raise ConfigError(f"{path}: the file of a model has the extension .onnx.")
    if is_folder(path):
        raise ConfigError(f"{path}: is a folder; name a file.")
    if path.exists() and not overwrite:
        raise ConfigError(f"{path}: already exists; --overwrite replaces it.")
