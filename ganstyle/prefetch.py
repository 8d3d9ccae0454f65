"""Work in threads, a bounded number of items ahead of whoever takes the results."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def prefetch(
    pool: Executor,
    function: Callable[[T], R],
    items: Iterable[T],
    ahead: float,
    cost: Callable[[T], float] = lambda _: 1,
) -> Generator[R, None, None]:
    """Results of function for each item, in the order of the items.

    At most `ahead` results, done or in work, wait to be taken; items are drawn one by one, no
    sooner than that allows. cost: how many results an item counts for, one by default. An error
    of function is raised in the place of its result, and what has not begun by then is cancelled,
    as it is when the generator is closed.
    """
    waiting: deque[tuple[Future[R], float]] = deque()
    try:
        for item in items:
            waiting.append((pool.submit(function, item), cost(item)))
            del item  # it may be large, and the next one is long in coming
            while sum(counted for _, counted in waiting) > ahead:
                yield waiting.popleft()[0].result()
        while waiting:
            yield waiting.popleft()[0].result()
    finally:
        for future, _ in waiting:
            future.cancel()
