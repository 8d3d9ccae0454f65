"""Saving and loading networks: safetensors with one JSON metadata key.

No file that ganstyle writes holds a pickle, which could run code when it is loaded.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save_file
from torch import Tensor

from ganstyle.errors import CheckpointError
from ganstyle.files import atomic_path
from ganstyle.styles import METADATA_KEY


def save_state(path: Path, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    """Write the state of a training: tensors as they are, values as JSON."""
    save_tensors(path, tensors, json.dumps(values, sort_keys=True))


def load_state(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and values that save_state wrote. Raises CheckpointError when path is damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise _damaged(path, error) from error
    try:
        return tensors, json.loads(metadata[METADATA_KEY])
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"{path}: not a training state of ganstyle ({error}).") from error


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors under the names "prefix.name", so that one file can hold several groups."""
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def taken_from(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors that under() has put under a prefix, with their own names."""
    start = f"{prefix}."
    return {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}


def save_tensors(path: Path, tensors: Mapping[str, Tensor], description: str) -> None:
    """Write tensors and their JSON description, whole or not at all. Raises CheckpointError."""
    stored = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        with atomic_path(path) as temporary:
            save_file(stored, temporary, metadata={METADATA_KEY: description})
    except (OSError, SafetensorError) as error:
        hint = " Make room; the same command goes on." if "No space" in str(error) else ""
        raise CheckpointError(f"{path}: cannot be written ({error}).{hint}") from error


def parse_tensors(path: Path, data: bytes) -> dict[str, Tensor]:
    """The tensors in a safetensors file's bytes. Raises CheckpointError, naming the file."""
    try:
        return load(data)
    except (SafetensorError, KeyError, ValueError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(f"{path}: damaged ({error}); copy it again, or train the style again.")
