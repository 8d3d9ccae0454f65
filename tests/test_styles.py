from pathlib import Path

import pytest

from ganstyle.checkpoint import load_generator
from ganstyle.config import DEFAULT_STYLE
from ganstyle.errors import CheckpointError
from ganstyle.models.generator import receptive_field
from ganstyle.styles import find_style, read_info, shipped_styles


def test_every_shipped_style_loads_is_small_and_has_a_card() -> None:
    shipped = shipped_styles()
    assert DEFAULT_STYLE in shipped
    for name, path in shipped.items():
        info = read_info(path)
        generator = load_generator(path)
        assert info.style == name
        assert info.title
        assert info.licence
        assert info.attribution
        assert info.receptive_field == receptive_field(generator.config)
        assert path.stat().st_size <= 8_000_000
        assert path.with_suffix(".md").is_file()


def test_styles_are_found_by_name_or_file(checkpoint: Path) -> None:
    assert find_style(DEFAULT_STYLE) == shipped_styles()[DEFAULT_STYLE]
    assert find_style(str(checkpoint)) == checkpoint
    with pytest.raises(CheckpointError, match=rf"style nobody: .*{DEFAULT_STYLE}"):
        find_style("nobody")
