"""Styles: where they lie, and their descriptions, read without torch."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, BinaryIO

from platformdirs import user_config_path

from ganstyle.errors import CheckpointError, did_you_mean
from ganstyle.files import is_file, is_folder

FORMAT = 2
"""Number of the checkpoint format that this version writes and reads."""

METADATA_KEY = "ganstyle"
"""The one metadata key of a checkpoint: several would be written in varying order."""

_ARCHITECTURE = "encoder-decoder"
_MAX_HEADER = 100_000_000  # bytes; the limit of the safetensors library itself


@dataclass(frozen=True, kw_only=True)
class StyleInfo:
    """Description of a style in its checkpoint, beside the weights."""

    style: str
    """Name of the style."""
    title: str = ""
    """The style in a few words."""
    licence: str = ""
    """Licence of the style images."""
    attribution: str = ""
    """Who made the style images and where they come from."""
    takes: str = "picture"
    """Kind of its content images: picture, a photo or a draft, or source, of pairs."""
    config: dict[str, Any]
    """Fields of the generator's config."""
    receptive_field: int
    """Reach of an output pixel, px."""
    images_seen: int = 0
    """Generated crops of the training."""
    version: str = ""
    """Version of ganstyle that wrote the file."""
    held_out: tuple[str, ...] = ()
    """Names, without ending, of the style images that were kept out of training."""
    trained_on: tuple[str, ...] = ()
    """Hashes of the files of style images that were trained on: 12 digits of SHA-256 each."""
    scores: dict[str, float] = field(default_factory=dict)
    """Scores measured at the end of the training on held-out images."""

    def to_json(self) -> str:
        """The info, with format and architecture, as JSON with sorted keys."""
        record = {"format": FORMAT, "architecture": _ARCHITECTURE, **asdict(self)}
        return json.dumps(record, sort_keys=True)


@dataclass(frozen=True)
class CheckpointFile:
    """A checkpoint, read whole and once: its description, and all its bytes."""

    path: Path
    info: StyleInfo
    data: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def read_info(path: Path) -> StyleInfo:
    """Read the description of the checkpoint at path, and not its weights.

    Raises CheckpointError, naming the file, when it is missing, damaged or of another program.
    """
    with _opened(path) as file:
        return _parse_info(path, file)


def read_checkpoint(path: Path) -> CheckpointFile:
    """Read the checkpoint at path; whether its weights are whole, load_generator finds out.

    Raises CheckpointError as read_info does, before the weights are read.
    """
    with _opened(path) as file:
        info = _parse_info(path, file)
        file.seek(0)
        return CheckpointFile(path, info, file.read())


def shipped_styles() -> dict[str, Path]:
    """Checkpoints that come with ganstyle, by name."""
    package = Path(__file__).parent
    for folder in (package / "weights", package.parent / "weights"):  # a wheel; a checkout
        if folder.is_dir():
            return _checkpoints_in(folder)
    return {}


def own_styles() -> dict[str, Path]:
    """Checkpoints in the user's folder of styles, by name."""
    return _checkpoints_in(styles_folder())


def styles_folder() -> Path:
    """Folder of the user's own styles: ~/.config/ganstyle/styles, or the platform's place."""
    return user_config_path("ganstyle", appauthor=False) / "styles"


def _checkpoints_in(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*.safetensors"))}


_FORMER_NAMES = {"draft2landscape": "landscape"}
"""Shipped styles that had other names."""

_RUN_CHECKPOINT = "checkpoint.safetensors"
"""File in the folder of a training run that holds its style."""


def find_style(name_or_file: str) -> Path:
    """Path of a style's checkpoint.

    name_or_file: name of a shipped style or of one in the user's folder, in any case, a checkpoint
    file, or the folder of a training run. Raises CheckpointError for anything else.
    """
    if found := _named_style(name_or_file):
        return found
    path = Path(name_or_file)
    if path.is_file() and name_or_file:
        return path
    if path.is_dir() and name_or_file:
        if (path / _RUN_CHECKPOINT).is_file():
            return path / _RUN_CHECKPOINT
        raise CheckpointError(
            f"{name_or_file}: a folder without a {_RUN_CHECKPOINT}; name a style, a checkpoint "
            "file or the folder of a training run."
        )
    if "," in name_or_file:
        raise CheckpointError(f"{name_or_file}: no single style; only stylize mixes several.")
    known = own_styles() | shipped_styles()
    raise CheckpointError(f"unknown style: {name_or_file}; {did_you_mean(name_or_file, known)}")


def names_style(name_or_file: str) -> bool:
    """Whether it is the name of a style, or a path that exists."""
    path = Path(name_or_file)
    return bool(_named_style(name_or_file) or (name_or_file and (is_file(path) or is_folder(path))))


def _named_style(name: str) -> Path | None:
    """Checkpoint of the style of that name, in any case."""
    known = own_styles() | shipped_styles()
    by_case = {each.lower(): path for each, path in known.items()}
    return by_case.get(_FORMER_NAMES.get(name.lower(), name.lower()))


def common_held_out(paths: Sequence[Path]) -> tuple[str, ...]:
    """Names, without ending, of the style images that no training of these checkpoints has seen.

    Raises CheckpointError when a checkpoint names none, or they have none in common.
    """
    common: set[str] | None = None
    for path in paths:
        found = set(read_info(path).held_out)
        if not found:
            raise CheckpointError(f"{path}: names no held-out pictures; leave --held-out out.")
        common = found if common is None else common & found
    if not common:
        raise CheckpointError(
            "--held-out: no style picture was held out from all of these trainings; "
            "leave it out, or score the styles one by one."
        )
    return tuple(sorted(common))


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror}).") from error


def _parse_info(path: Path, file: BinaryIO) -> StyleInfo:
    """The description in an opened checkpoint; path is for the messages."""
    text = _read_metadata(path, file).get(METADATA_KEY)
    if text is None:
        raise CheckpointError(
            f"{path}: a safetensors file, but not a ganstyle checkpoint "
            f"(no metadata key {METADATA_KEY!r}); use a file that `ganstyle train` wrote."
        )
    try:
        record = json.loads(text)
        found = record.pop("format"), record.pop("architecture")
        if found == (1, _ARCHITECTURE):
            raise CheckpointError(
                f"{path}: made by an earlier ganstyle, whose way of painting has been retired; "
                "train the style again, or use a shipped one."
            )
        if found != (FORMAT, _ARCHITECTURE):
            raise CheckpointError(
                f"{path}: format {found[0]} of architecture {found[1]!r}; this version reads "
                f"format {FORMAT} of {_ARCHITECTURE!r}. Update ganstyle or train again."
            )
        for name in ("held_out", "trained_on"):
            record[name] = tuple(record.get(name, ()))
        return StyleInfo(**record)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        known = ", ".join(f.name for f in fields(StyleInfo))
        raise CheckpointError(
            f"{path}: its description is damaged ({error}); expected the fields {known}."
        ) from error


def _read_metadata(path: Path, file: BinaryIO) -> Mapping[str, str]:
    """The metadata of a safetensors file: 8 bytes of length, then that many bytes of JSON."""
    try:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= _MAX_HEADER:
            raise ValueError("no safetensors header")
        header = file.read(length)
        if len(header) < length:
            raise ValueError("cut off within its header")
        metadata = json.loads(header).get("__metadata__", {})
        return metadata if isinstance(metadata, dict) else {}
    except (ValueError, AttributeError) as error:
        raise CheckpointError(
            f"{path}: not a safetensors file, or damaged ({error}); "
            "copy it again, or train the style again."
        ) from error
