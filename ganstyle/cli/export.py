"""`ganstyle export`: a style as a model for other programs."""

from dataclasses import Field, asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from ganstyle.cli.display import say
from ganstyle.cli.options import set_up_runtime, with_options
from ganstyle.config import Dials, check_ranges, option
from ganstyle.errors import ConfigError, GanstyleError
from ganstyle.files import is_folder
from ganstyle.styles import CheckpointFile, find_style, read_checkpoint

EXAMPLES = """\
ganstyle export oil oil.onnx
ganstyle export my-style/ my-style.onnx --brush 1.5"""

NEEDED = ("onnx", "onnxruntime")
"""Packages of the extra `onnx`."""


def _dial(name: str) -> Any:
    """The dial of that name, declared once."""
    of: Field[Any] = Dials.__dataclass_fields__[name]
    return field(default=of.default, metadata=of.metadata)


@dataclass(frozen=True, kw_only=True)
class ExportedDials:
    """Dials that a model knows."""

    brush: float = _dial("brush")
    invention: float | None = _dial("invention")
    abstraction: float | None = _dial("abstraction")
    keep_tone: float | None = _dial("keep_tone")
    palette: float | None = _dial("palette")
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
    path: Annotated[Path, typer.Argument(metavar="OUT.onnx", help="File for the model.")],
    *,
    dials: ExportedDials,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file that already exists.")
    ] = False,
) -> None:
    """Write a style as an ONNX model, which other programs run without ganstyle or torch.

    The model takes the pixels of a picture of any size and returns those of the painting.
    """
    checkpoint = read_checkpoint(find_style(style))  # a bad file is named before torch is loaded
    _refuse(path, overwrite=overwrite)
    for package in NEEDED:
        if not find_spec(package):
            raise GanstyleError(
                f'export needs the package {package}: pip install "ganstyle[onnx]".'
            )
    _export(checkpoint, path, Dials(**asdict(dials)))


def _export(checkpoint: CheckpointFile, path: Path, dials: Dials) -> None:
    set_up_runtime("cpu", "float32")
    from ganstyle.export.run import export_style

    for difference in export_style(checkpoint, path, dials):
        say(f"Checked: {difference}")
    say(f"Done: {path}, {path.stat().st_size / 1e6:.1f} MB")


def _refuse(path: Path, *, overwrite: bool) -> None:
    if path.suffix.lower() != ".onnx":
        raise ConfigError(f"{path}: the file of a model has the extension .onnx.")
    if is_folder(path):
        raise ConfigError(f"{path}: is a folder; name a file.")
    if path.exists() and not overwrite:
        raise ConfigError(f"{path}: already exists; --overwrite replaces it.")
