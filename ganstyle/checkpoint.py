"""Saving and loading networks: safetensors with one JSON metadata key, no pickle."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from ganstyle.errors import CheckpointError, ConfigError
from ganstyle.files import atomic_path
from ganstyle.models.generator import Generator, GeneratorConfig
from ganstyle.styles import METADATA_KEY, StyleInfo, read_info


def save_generator(path: Path, generator: Generator, info: StyleInfo) -> None:
    """Write a generator in float16 with its description; the same content gives the same bytes."""
    weights = {name: tensor.half() for name, tensor in generator.state_dict().items()}
    _save(path, weights, info.to_json())


def load_generator(path: Path | str) -> Generator:
    """The generator in a checkpoint, in float32, on the CPU, ready for inference.

    Strict: raises CheckpointError, naming the file, for a damaged or foreign file, an unknown
    format, a missing key, a key too many, and a shape that does not fit the description.
    """
    path = Path(path)
    info = read_info(path)
    try:
        with torch.device("meta"):  # no memory until the weights are known to fit
            generator = Generator(GeneratorConfig(**info.config))
    except (TypeError, ConfigError) as error:
        names = ", ".join(f.name for f in fields(GeneratorConfig))
        raise CheckpointError(
            f"{path}: its config is damaged ({error}); expected {names}."
        ) from error
    expected = {name: tensor.shape for name, tensor in generator.state_dict().items()}
    weights = _load(path)
    missing, surplus = expected.keys() - weights.keys(), weights.keys() - expected.keys()
    if missing or surplus:
        raise CheckpointError(
            f"{path}: does not fit its description: {len(missing)} weights missing"
            f"{_examples(missing)}, {len(surplus)} too many{_examples(surplus)}."
        )
    for name, shape in expected.items():
        if weights[name].shape != shape:
            raise CheckpointError(
                f"{path}: {name} has the shape {tuple(weights[name].shape)}; "
                f"its description asks for {tuple(shape)}."
            )
        if not weights[name].is_floating_point() or not weights[name].isfinite().all():
            raise CheckpointError(
                f"{path}: {name} holds values that are no numbers; copy the file again."
            )
    generator.load_state_dict({k: w.float() for k, w in weights.items()}, assign=True)
    generator.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return generator.requires_grad_(False).eval()


def save_state(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write all that a training needs to go on: tensors as they are, facts as JSON."""
    _save(path, tensors, json.dumps(facts, sort_keys=True))


def load_state(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and facts that save_state wrote. Raises CheckpointError when path is damaged."""
    tensors = _load(path)
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
    try:
        return tensors, json.loads(metadata[METADATA_KEY])
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"{path}: not a training state of ganstyle ({error}).") from error


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors under the names "prefix.name", beside which others can stand in one file."""
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def taken_from(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What under() put there, under its own names."""
    start = f"{prefix}."
    return {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}


def _save(path: Path, tensors: Mapping[str, Tensor], description: str) -> None:
    stored = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        with atomic_path(path) as temporary:
            save_file(stored, temporary, metadata={METADATA_KEY: description})
    except (OSError, SafetensorError) as error:
        hint = " Make room; the same command goes on." if "No space" in str(error) else ""
        raise CheckpointError(f"{path}: cannot be written ({error}).{hint}") from error


def _load(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"{path}: damaged ({error}); copy it again, or train the style again."
        ) from error


def _examples(names: set[str]) -> str:
    return f" ({', '.join(sorted(names)[:3])})" if names else ""
