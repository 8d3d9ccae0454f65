"""The app: help, version, and the end of a run."""

import subprocess
import sys
from pathlib import Path

from ganstyle import __version__
from tests.cli.running import ENVIRONMENT, run, spawn
from tests.conftest import picture


def test_help_version_and_no_arguments() -> None:
    assert f"ganstyle {__version__}\n" == spawn("--version").stdout.decode()
    for command in ("stylize", "train", "evaluate", "styles"):
        assert command in run("--help").stdout
    assert spawn().returncode == 2


def test_wrong_usage_is_one_line_and_exit_code_2(tmp_path: Path, checkpoint: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    picture(8, 8).save(folder / "a.png")
    half = tmp_path / "half.safetensors"
    half.write_bytes(checkpoint.read_bytes()[: checkpoint.stat().st_size // 2])
    for arguments, message in (
        (["stylize", folder, folder], "would be overwritten"),
        (["stylize", folder, tmp_path / "out", "--style", "nobody"], "unknown style: nobody"),
        (["stylize", folder, tmp_path / "out", "--style", half], "damaged"),
        (["stylize", folder, tmp_path / "out", "--device", "cuda:99"], "sees"),
        (["stylize", folder, tmp_path / "out", "--precision", "int4"], "unknown"),
        (
            ["stylize", folder, tmp_path / "out", "--style", checkpoint, "--precision", "int8"],
            "use auto",
        ),
        (["stylize", folder, tmp_path / "out", "--strength", "2"], "strength is 2.0"),
        (["stylize", folder, tmp_path / "out", "--as", "sketch"], "must be auto, photo or draft"),
        (["stylize", folder, tmp_path / "out", "--invention", "2"], "invention is 2.0"),
        (["stylize", folder, tmp_path / "out", "--format", "heic"], "format is heic"),
        (["stylize", folder, tmp_path / "out", "--tile", "7"], "tile is 7"),
        (["stylize", folder, tmp_path / "out", "--raw", "8x8"], "give - and -"),
        (["stylize", "-", "-", "--raw", "8"], "raw is 8"),
        (["stylize", folder, "-"], "no folder"),
        (["stylize", folder], "and then the output"),
        (["stylize", "", folder], "a path is empty"),
        (["stylize", "--in-place", folder, tmp_path / "nowhere"], "no such file"),
        (["stylize", folder, "--in-place", "--suffix", "-x"], "keeps names"),
        (["stylize", folder, half / "out"], "cannot be created"),
        (["stylize", tmp_path / "out", "--files-from", tmp_path / "no.txt"], "cannot be read"),
        (["stylize", tmp_path / "nowhere", tmp_path / "out"], "no such file"),
        (
            ["train", folder, folder, "run", "--images", 1, "--minutes", 1],
            "one of --minutes and --images",
        ),
        (["train", folder, folder, tmp_path / "run", "--images", 1, "--preset", "x"], "preset"),
        (["train", folder, "--images", 1], "expected STYLE RUN or PHOTOS STYLE RUN, got one path"),
        (["train", folder, folder, folder, "run", "--images", 1], "got 4 paths"),
        (
            ["train", folder, "run", "--images", 1, "--paired"],
            "expected --paired SOURCE TARGET RUN",
        ),
        (["train", folder, folder, tmp_path / "run", "--images", 1, "--finest", 9], "coarsest is"),
        (["train", folder, folder, "run", "--images", 1], "given as photos and as style"),
        (["evaluate", folder, folder, "--style", checkpoint, "--held-out"], "held-out"),
        (["evaluate", folder, folder, "--held-out", "--results", folder], "no style picture"),
        (["evaluate", folder, tmp_path / "nowhere"], "not a folder"),
        (["evaluate", folder, folder, "--require", "kid"], "not a requirement"),
        (["evaluate", folder, folder, "--require", "fid<20"], "not a score; known are"),
    ):
        done = run(*arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert message in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "run").exists()


INTERRUPTED_IN_A_FINALIZER = """
import signal, time
from ganstyle.cli import app

class Finalized:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

def command(arguments, **_):
    Finalized()
    time.sleep(30)

app.app = command
app.main()
"""


def test_an_interruption_in_a_finalizer_is_not_lost() -> None:
    command = [sys.executable, "-c", INTERRUPTED_IN_A_FINALIZER]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=20)
    assert (done.returncode, done.stderr) == (130, "ganstyle: interrupted.\n")
