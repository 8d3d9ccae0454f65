"""A style exported: built, written, checked, and kept only if it paints as ganstyle does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import onnx

from ganstyle.config import Dials
from ganstyle.errors import DataError
from ganstyle.export.check import Difference, check_model
from ganstyle.export.model import build_model
from ganstyle.files import atomic_path
from ganstyle.painting.painter import Painter
from ganstyle.runtime import pick_runtime
from ganstyle.styles import CheckpointFile


def export_style(
    checkpoint: CheckpointFile, path: Path, dials: Dials, *, optional: bool = True
) -> list[Difference]:
    """Write a style as a model of ONNX; returns how far it is from the painter.

    dials: built in, or defaults of the model's inputs. optional: see build_model(). Raises
    DataError when the file cannot be
    written, and GanstyleError when model and painter differ; then there is no file.
    """
    with writing(path) as temporary:
        painter = Painter(
            checkpoint, replace(dials, faces=False), runtime=pick_runtime("cpu", "float32")
        )
        model = build_model(painter.generator, painter.dials, checkpoint.info, optional=optional)
        onnx.save(model, temporary)
        return check_model(temporary, painter)


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """A temporary path that becomes `path`, as atomic_path() yields it. Raises DataError."""
    try:
        with atomic_path(path) as temporary:
            yield temporary
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}).") from error
