"""Generators in checkpoint files: saving them, and loading them strictly."""

from dataclasses import fields
from pathlib import Path

import torch

from ganstyle.checkpoint import parse_tensors, save_tensors
from ganstyle.errors import CheckpointError, ConfigError
from ganstyle.models.generator import Generator, GeneratorConfig
from ganstyle.styles import CheckpointFile, StyleInfo, find_style, read_checkpoint


def save_generator(path: Path, generator: Generator, info: StyleInfo) -> None:
    """Write a generator in float16 with its description: equal content gives equal bytes."""
    weights = {name: tensor.half() for name, tensor in generator.state_dict().items()}
    save_tensors(path, weights, info.to_json())


def load_generator(path: Path | str | CheckpointFile) -> Generator:
    """The generator in a checkpoint, in float32, on the CPU, ready for inference.

    path: a checkpoint's, or what else find_style takes, the name of a shipped style above all; or,
    where it has been read already, the checkpoint itself.
    Strict: raises CheckpointError, naming the file, for a damaged or foreign file, an unknown
    format, a missing key, a key too many, and a shape that does not fit the description.
    """
    if isinstance(path, CheckpointFile):
        file = path
    elif isinstance(path, str) or path.is_dir():
        file = read_checkpoint(find_style(str(path)))
    else:
        file = read_checkpoint(path)
    path = file.path
    try:
        with torch.device("meta"):  # no memory until the weights are known to fit
            generator = Generator(GeneratorConfig(**file.info.config))
    except (TypeError, ValueError, ConfigError) as error:
        names = ", ".join(f.name for f in fields(GeneratorConfig))
        raise CheckpointError(
            f"{path}: its config is damaged ({error}); expected {names}."
        ) from error
    expected = {name: tensor.shape for name, tensor in generator.state_dict().items()}
    weights = parse_tensors(path, file.data)
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
                f"{path}: {name} holds values that are not finite numbers; copy the file again."
            )
    generator.load_state_dict({k: w.float() for k, w in weights.items()}, assign=True)
    generator.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return generator.requires_grad_(False).eval()


def load_matching_weights(generator: Generator, other: Generator) -> int:
    """Copy the weights of `other` that fit by name and shape into `generator`; returns how many.

    Blocks that only `other` has are left out; those that only `generator` has stay as they are, and
    a fresh one is the identity.
    """
    own = generator.state_dict()
    fitting = {
        name: weight
        for name, weight in other.state_dict().items()
        if name in own and own[name].shape == weight.shape
    }
    generator.load_state_dict(own | fitting)
    return len(fitting)


def _examples(names: set[str]) -> str:
    return f" ({', '.join(sorted(names)[:3])})" if names else ""
