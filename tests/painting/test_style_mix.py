"""Names of styles with weights."""

import shutil
from pathlib import Path

import pytest

from ganstyle.errors import CheckpointError
from ganstyle.painting.style_mix import StyleMix, read_styles
from ganstyle.styles import read_checkpoint, shipped_styles


def _weights(text: str) -> dict[str, float]:
    return {file.info.style: round(weight, 6) for file, weight in read_styles(text).parts}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oil", {"oil": 1.0}),
        ("oil:0.2", {"oil": 1.0}),
        ("OIL:3,Pen:1", {"oil": 0.75, "pen": 0.25}),
        ("pen, oil", {"oil": 0.5, "pen": 0.5}),
        ("pen:2,oil", {"pen": 0.666667, "oil": 0.333333}),
        ("oil:1e-1,pen:.1,draft2landscape:0.3", {"landscape": 0.6, "oil": 0.2, "pen": 0.2}),
    ],
)
def test_weights_are_brought_to_the_sum_of_1(text: str, expected: dict[str, float]) -> None:
    assert _weights(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("oil:0,pen:1", "oil:0: a weight must be a number above 0"),
        ("oil:1,pen:-1", "pen:-1: a weight must be"),
        ("oil:nan,pen", "oil:nan: a weight must be"),
        ("oil:inf,pen", "oil:inf: a weight must be"),
        ("oil:0.5,,pen:0.5", "a name is missing"),
        ("oil,", "a name is missing"),
        (":0.5,oil", "a name is missing"),
        ("", "a name is missing"),
        ("oil:1,Oil:2", "names a style twice"),
        ("oil:0.5,pne:0.5", "unknown style: pne; did you mean pen?"),
        ("oil:much,pen", "unknown style: oil:much"),
        (r"C:\none.safetensors", r"unknown style: C:\\none.safetensors"),
        (r"C:\none.safetensors:0.5,oil", r"unknown style: C:\\none.safetensors;"),
    ],
)
def test_what_is_no_mixture_is_named(text: str, message: str) -> None:
    with pytest.raises(CheckpointError) as caught:
        read_styles(text)
    assert message.replace(r"\\", "\\") in str(caught.value)


def test_a_path_that_exists_is_a_path_first(
    tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a,b:0.5", "c:0.5,d.safetensors"):
        shutil.copy(checkpoint, name)
        [(file, weight)] = read_styles(name).parts
        assert (str(file.path), weight) == (name, 1.0)
        parts = read_styles(f"oil:0.5,{name}:1.5").parts
        assert [(file.path, weight) for file, weight in parts] == [
            (Path(name), 0.75),
            (shipped_styles()["oil"], 0.25),
        ]


def test_a_single_style_is_known_as_ever_and_mixtures_by_styles_and_weights() -> None:
    assert read_styles("oil:2").digest == read_checkpoint(shipped_styles()["oil"]).digest
    assert (read_styles("oil").name, read_styles("oil").folder_name) == ("oil", "oil")
    mix = read_styles("oil:0.4,hiroshige:0.6")
    assert mix.name == "hiroshige:0.6,oil:0.4"
    assert mix.folder_name == "hiroshige-0.6+oil-0.4"
    assert mix == read_styles("hiroshige:3,oil:2")
    texts = ("oil:0.4,hiroshige:0.6", "hiroshige:3,oil:2", "oil:0.5,hiroshige:0.5", "oil", "pen")
    assert len({read_styles(text).digest for text in texts}) == 4


def test_folders_have_names_that_all_systems_allow(checkpoint: Path) -> None:
    file = read_checkpoint(checkpoint)
    object.__setattr__(file.info, "style", 'a/b\\c*"d')
    assert StyleMix(((file, 1.0),)).folder_name == "a_b_c__d"
