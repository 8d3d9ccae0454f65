"""Waiting for images that appear in a folder."""

import time
from collections.abc import Callable, Iterator, Sequence

from ganstyle.errors import DataError, NoPicturesError
from ganstyle.files import file_signature
from ganstyle.stylize.jobs import Job

PAUSE_SECONDS = 1.0
"""Time between two looks. A file is whole when it has not changed from one to the next."""


def watch(
    plan: Callable[[], Sequence[Job]],
    on_message: Callable[[str], None] = lambda _: None,
    pause: float = PAUSE_SECONDS,
) -> Iterator[list[Job]]:
    """Yield the jobs whose input is new, or has changed, and is whole; does not end.

    plan: lists all jobs there are now; a folder that is still empty is not an error. on_message
    gets what else is wrong with the folder, once, and that the watch waits, whenever all jobs that
    were yielded are done. The first look takes what is there already.
    """
    reported, waiting = "", False
    before: dict[Job, list[int] | None] = {}
    taken: dict[Job, list[int] | None] = {}
    while True:
        try:
            now = {job: file_signature(job.source) for job in plan()}
        except NoPicturesError:
            now = {}
        except DataError as error:
            now = {}
            if reported != (reported := str(error)):
                on_message(reported)
        ready = [job for job in now if now[job] == before.get(job) and now[job] != taken.get(job)]
        taken |= {job: now[job] for job in ready}
        before = now
        if ready:
            waiting = False
            yield ready
        elif not waiting and all(now[job] == taken.get(job) for job in now):
            waiting = True
            on_message("Waiting for pictures; press Ctrl-C to end.")
        time.sleep(pause)
