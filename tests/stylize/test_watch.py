from pathlib import Path

from ganstyle.errors import DataError, NoPicturesError
from ganstyle.stylize.jobs import Job
from ganstyle.stylize.watch import watch


def test_a_file_is_taken_once_it_is_whole_and_again_when_it_changes(tmp_path: Path) -> None:
    """Each look of the watcher happens within plan(), which plays the world outside."""
    path = tmp_path / "a.png"
    job = Job(path, tmp_path / "out.png", "PNG")
    looks = 0

    def plan() -> list[Job]:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise NoPicturesError("no pictures found")
        if looks == 6:
            raise DataError("two inputs for one output")
        if looks in (2, 3, 8):  # created, still growing, changed later
            path.write_bytes(bytes(10 * looks))
        return [job]

    messages: list[str] = []
    rounds = watch(plan, messages.append, pause=0)
    assert next(rounds) == [job]
    assert looks == 4
    assert next(rounds) == [job]
    assert looks == 9
    waiting = "Waiting for pictures; press Ctrl-C to end."
    assert messages == [waiting, waiting, "two inputs for one output"]
