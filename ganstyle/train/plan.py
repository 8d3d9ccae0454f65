"""Plan of a training: everything that is checked before images are decoded."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ganstyle.distributed import Ranks
from ganstyle.errors import ConfigError, DataError, counted
from ganstyle.files import atomic_path
from ganstyle.models.generator import Generator
from ganstyle.models.presets import preset
from ganstyle.runtime import Runtime
from ganstyle.train.batch_size import fitting_batch
from ganstyle.train.config import DEFAULT_MINUTES, FIXED, TrainConfig
from ganstyle.train.init import initial_generator
from ganstyle.train.run_folder import RunFolder

_OPTIONS = "config.json"
"""File with the options of a run, in its folder."""


@dataclass(frozen=True)
class Plan:
    """A training whose options and folders have been checked, before images are decoded."""

    config: TrainConfig
    """With its batch size."""
    options: Mapping[str, Any]
    """Content of config.json."""
    changes: Sequence[str]
    """A line for each option that differs from those of a run that has begun."""
    initial: Generator | None
    """Generator whose weights a fresh run starts from, if any."""


def make_plan(
    content: Path | None,
    style: Path,
    run: Path,
    config: TrainConfig,
    runtime: Runtime,
    ranks: Ranks,
) -> Plan:
    """Check everything that can be checked before images are decoded. Raises as train() does."""
    _check_folder(run, [content, style])
    config = replace(config, batch=config.batch or _batch(run, config, runtime, ranks))
    _check(config, ranks)
    options = {
        "content": str(content.resolve()) if content else "",
        "style": str(style.resolve()),
        **asdict(config),
    }
    changes = _changes(run, options) if ranks.rank == 0 else []
    initial = None if RunFolder(run).has_begun else initial_generator(config)
    return Plan(config, options, changes, initial)


def _check_folder(run: Path, others: Sequence[Path | None]) -> None:
    """Raise DataError for a run that is a file, or a folder of pictures."""
    if run.is_file():
        raise DataError(f"{run}: a file; the run needs a folder.")
    if any(other and other.resolve() == run.resolve() for other in others):
        raise DataError(f"{run}: also the folder of pictures; name a new folder for the run.")


def _batch(run: Path, config: TrainConfig, runtime: Runtime, ranks: Ranks) -> int:
    """Batch size of a run that has begun; for a fresh one, what fits into the memory."""
    if begun := _options_of(run):
        return int(begun.get("batch", TrainConfig.batch))
    return fitting_batch(config, runtime, ranks)


def with_limit(
    config: TrainConfig, run: Path, on_message: Callable[[str], None] | None = None
) -> TrainConfig:
    """The config with a budget: its own, else that of the run so far, else the default.

    on_message gets a line about any other budget than its own. Raises DataError if the options of
    the run are damaged.
    """
    if config.minutes is not None or config.images is not None:
        return config
    if before := _options_of(run):
        config = replace(config, minutes=before.get("minutes"), images=before.get("images"))
    if config.minutes is None and config.images is None:
        config = replace(config, minutes=DEFAULT_MINUTES)
    if on_message:
        limit = counted(config.images, "image") if config.images else f"{config.minutes:g} min"
        on_message(f"Training for {limit}; --minutes or --images set another limit.")
    return config


def _check(config: TrainConfig, ranks: Ranks) -> None:
    """Raise ConfigError for an unknown preset, and for a batch that ranks cannot share."""
    preset(config.preset)
    if config.batch % ranks.count:
        raise ConfigError(
            f"batch is {config.batch}; {ranks.count} processes share it, so it must be a multiple "
            f"of {ranks.count}."
        )


def _changes(run: Path, asked: Mapping[str, Any]) -> list[str]:
    """A line for each option that differs from that of the run so far; none for a fresh folder.

    Raises DataError if one of them cannot change, or the folder holds something else.
    """
    before = _options_of(run)
    if before is None:
        if run.is_dir() and any(run.iterdir()):
            raise DataError(f"{run}: neither empty nor a run of ganstyle; use a new folder.")
        return []
    defaults = asdict(TrainConfig(images=1)) | {"images": None}
    changed = {
        key: f"{key} {before.get(key, defaults.get(key))} -> {value}"
        for key, value in asked.items()
        if value != before.get(key, defaults.get(key))
    }
    refused = [f"{changed[key]} ({FIXED[key]})" for key in changed if key in FIXED]
    if refused:
        raise DataError(
            f"{run}: cannot change in a run that has begun: {'; '.join(refused)}. "
            "Use the old value, or a new folder."
        )
    return [f"{run}: {change} from here on." for change in changed.values()]


def write_options(run: Path, asked: Mapping[str, Any]) -> None:
    """Write config.json, which claims the folder for the run."""
    with atomic_path(run / _OPTIONS) as temporary:
        temporary.write_text(json.dumps(asked, indent=2, sort_keys=True) + "\n")


def _options_of(run: Path) -> dict[str, Any] | None:
    """The options of a run; None if none has begun in that folder. Raises DataError."""
    if not (run / _OPTIONS).is_file():
        return None
    path = run / _OPTIONS
    try:
        record = json.loads(path.read_text())
    except ValueError as error:
        raise DataError(f"{path}: damaged ({error}); train into a new folder.") from error
    if not isinstance(record, dict):
        raise DataError(f"{path}: damaged (it holds no options); train into a new folder.")
    return record
