"""The benchmark measures what it says, and its table gets where it belongs."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from ganstyle.errors import DataError
from ganstyle.images.tensors import read_image
from ganstyle.models.generator import Generator
from ganstyle.models.pretrained import save_generator
from ganstyle.runtime import Runtime, int8_is_native
from tests.conftest import TINY, info_for, lively_generator

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))  # scripts, not a package

from contest import Contestant, Run, link_photos, median_ratio, race, run_once, sample_photos
from convolutions import Convolution
from limit_tables import convolution_table, files_table, painting_table
from limits import Limits, PaintingTime, files_rate, find_limits, time_files, time_painting
from peers import PEERS, make_peer, redraw_folder
from report import END, START, Sheet, write_between_markers
from single_photo import IMPORT, QUICK, SIZES, single_table

SCRIPTS = Path(__file__).parents[2] / "benchmarks"
COPY = "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2], dirs_exist_ok=True)"


@pytest.mark.parametrize(
    ("name", "published"),
    [("cyclegan", 11.378e6), ("fast-neural-style", 1.679e6), ("animegan2", 8.17 * 2**20 / 4)],
)
def test_peers_have_the_published_number_of_weights(name: str, published: float) -> None:
    count = sum(parameter.numel() for parameter in make_peer(name).parameters())
    assert count == pytest.approx(published, rel=1e-3)


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("size", [(24, 32), (17, 22)])
def test_peers_keep_the_size(name: str, size: tuple[int, int]) -> None:
    with torch.inference_mode():
        assert make_peer(name)(torch.rand(1, 3, *size)).shape == (1, 3, *size)


def test_peers_redraw_a_folder_in_bounded_memory(tmp_path: Path) -> None:
    sample_photos(tmp_path / "photos", 20, (18, 12))
    redraw_folder(torch.nn.Identity(), tmp_path / "photos", tmp_path / "out")
    sizes = [read_image(path).size for path in sorted((tmp_path / "out").iterdir())]
    assert sizes == [(18, 12)] * 20


def test_a_painting_is_timed_beside_its_convolutions(
    tmp_path: Path, checkpoint: Path, lively: Generator
) -> None:
    sample_photos(tmp_path / "photos", 2, (48, 32))
    runtime = Runtime(torch.device("cpu"), torch.float32)
    time = time_painting(checkpoint, runtime, tmp_path / "photos" / "0000.jpg", rounds=1)
    with FlopCounterMode(display=False) as counter:
        lively(torch.rand(1, 3, 32, 48))
    assert time.operations == counter.get_total_flops()
    assert time.calls.keys() == time.best.keys()
    assert sum(time.calls.values()) == sum(
        isinstance(module, torch.nn.Conv2d) for module in lively.modules()
    )
    assert 0 < time.network < time.seconds
    assert min(time_files(tmp_path / "photos", 1)) > 0
    assert files_rate(tmp_path / "photos") > 0


@pytest.mark.parametrize("measured", [False, True])
def test_limits_have_8_bits_where_auto_takes_them(tmp_path: Path, *, measured: bool) -> None:
    generator = lively_generator(replace(TINY, int8=measured))
    save_generator(tmp_path / "style", generator, info_for(generator))
    sample_photos(tmp_path / "photos", 1, (48, 32))
    limits = find_limits(tmp_path / "style", tmp_path / "photos", 1, lambda _: None)
    assert (limits.native == "int8") == (measured and int8_is_native())
    assert set(limits.paintings) == {"float32", "bfloat16", limits.native}
    exact = limits.paintings["float32"]
    assert all(time.calls == exact.calls for time in limits.paintings.values())


@pytest.mark.skipif(not int8_is_native(), reason="needs fast 8-bit products")
@pytest.mark.parametrize("kernel", [1, 3])
def test_convolutions_of_single_pixels_are_timed_in_floats(kernel: int) -> None:
    shape = Convolution((1, 16, 10, 18), (16, 16, kernel, kernel), 1)
    call = shape.alone(Runtime(torch.device("cpu"), torch.float32, int8=True))
    with torch.profiler.profile() as profiler:
        call()
    names = {event.name for event in profiler.events() or []}
    assert ("onednn::qconv2d_pointwise" in names) == (kernel > 1)
    assert ("aten::conv2d" in names) == (kernel == 1)


def _limits(*, on_cpu: bool = True) -> Limits:
    """100 ms of painting, of which 50 are the limit, beside 30 ms of files on two cores."""
    shape = Convolution((1, 2, 10, 18), (4, 2, 3, 3), 1)
    time = PaintingTime(0.1, 0.08, {shape: 2}, {shape: 0.025})
    return Limits({"float32": time}, "float32", 0.01, 0.02, 2, 2, on_cpu)


def test_limits_have_known_values() -> None:
    shape = Convolution((1, 2, 10, 18), (4, 2, 3, 3), 1)
    assert shape.output == (8, 16)
    assert shape.operations == 2 * 4 * 2 * 9 * 8 * 16
    assert str(shape) == "3x3, 2 to 4 channels, 16x8 px"
    assert _limits().seconds("float32") == pytest.approx(0.065)
    assert _limits(on_cpu=False).seconds("float32") == pytest.approx(0.05)
    [row] = painting_table(_limits(), (16, 8)).rows
    assert row == ("float32 (auto)", "100.0", "80.0", "50.0", "0.00", "50%")
    [row] = files_table(_limits(), {"float32": 10.0}).rows
    assert row == ("float32", "50.0", "10.0", "20.0", "65.0", "15.38", "10.00", "65%")


def test_tables_show_8_bits_beside_floats() -> None:
    shape = Convolution((1, 2, 10, 18), (4, 2, 3, 3), 1)
    times = {
        name: PaintingTime(0.1, 0.08, {shape: 2}, {shape: seconds})
        for name, seconds in (("float32", shape.operations / 1e12), ("int8", 0.04))
    }
    limits = Limits(times, "int8", 0.01, 0.02, 2, 2, on_cpu=True)
    paintings = painting_table(limits, (16, 8))
    assert [row[0] for row in paintings.rows] == ["float32", "int8 (auto)"]
    assert paintings.rows[1][-1] == "80%"
    convolutions = convolution_table(limits)
    assert [column.split(",")[0] for column in convolutions.columns[3:]] == list(times)
    assert convolutions.rows == [(f"{shape}", "2", "100%", "1.00", "0.00")]
    assert "8 bits" in paintings.caption
    assert "8 bits" in convolutions.caption
    assert "8 bits" not in painting_table(_limits(), (16, 8)).caption


def test_a_single_photo_is_told_beside_the_import_of_torch() -> None:
    runs = {name: [Run(1, seconds, 0)] for name, seconds in (("a", 1.5), (IMPORT, 1.4), (QUICK, 1))}
    table = single_table({SIZES[0]: runs, SIZES[1]: runs}, {"a": "float32"}, _limits())
    assert [row[3:] for row in table.rows] == [("+0.50", "+0.08"), ("+0.40", ""), ("", "")]


def test_the_table_replaces_what_stands_between_the_markers(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n\n{START}\nold\n{END}\n\nafter\n")
    sheet = Sheet("Speed:", ("program", "images/s"), [("`a`", "2.0"), ("b", "")])
    for _ in range(2):  # writing again changes nothing
        write_between_markers(readme, sheet.markdown())
        assert readme.read_text() == (
            f"before\n\n{START}\nSpeed:\n\n| program | images/s |\n| --- | --- |\n"
            f"| `a` | 2.0 |\n| b | - |\n{END}\n\nafter\n"
        )


@pytest.mark.parametrize("text", ["", START, f"{END} {START}", f"{START} {START} {END}"])
def test_without_its_markers_a_file_is_left_alone(tmp_path: Path, text: str) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(text)
    with pytest.raises(DataError, match="README"):
        write_between_markers(readme, "table")
    assert readme.read_text() == text


def test_sample_photos_differ_and_have_the_size(tmp_path: Path) -> None:
    sample_photos(tmp_path / "photos", 33, (24, 16))
    assert link_photos(tmp_path / "links", tmp_path / "photos", 40) == 33
    paths = sorted((tmp_path / "links").iterdir())
    assert {read_image(path).size for path in paths} == {(24, 16)}
    assert len({path.read_bytes() for path in paths}) == 33


def test_a_race_runs_everything_in_turns(tmp_path: Path) -> None:
    sample_photos(tmp_path / "photos", 2, (8, 8))
    command = (sys.executable, "-c", COPY, "IN", "OUT")
    said: list[str] = []
    racers = [Contestant(name, command, tmp_path / "photos") for name in "ab"]
    runs = race(racers, 2, said.append)
    assert [line.split(": ")[1] for line in said] == list("abba")
    assert all(run.pictures == 2 and run.seconds > 0 for run in runs["a"] + runs["b"])
    # An interpreter needs some megabytes: a wrong unit would be off by a thousand.
    assert all(2e6 < run.peak < 20e9 for run in runs["a"])


def test_who_measures_is_small() -> None:
    """Linux counts the memory of the parent as the child's, until the new program takes over."""
    code = "import sys, stylize; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=SCRIPTS).returncode == 0


def test_a_program_that_fails_or_skips_pictures_is_no_racer(tmp_path: Path) -> None:
    sample_photos(tmp_path / "photos", 1, (8, 8))
    for code in ("raise SystemExit('too bad')", "pass"):
        command = (sys.executable, "-c", code)
        with pytest.raises(DataError, match="broken: 0 of 1 pictures"):
            run_once(Contestant("broken", command, tmp_path / "photos"))


def test_the_ratio_compares_runs_of_the_same_round() -> None:
    ours = [Run(10, seconds, 0) for seconds in (1.0, 2.0, 4.0)]
    theirs = [Run(5, seconds, 0) for seconds in (2.0, 4.0, 4.0)]
    assert median_ratio(ours, theirs) == 4
