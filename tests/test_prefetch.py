from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from ganstyle.prefetch import prefetch


def test_results_come_in_order() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(prefetch(pool, lambda n: n * n, range(20), ahead=3)) == [
            n * n for n in range(20)
        ]


def test_no_more_items_are_drawn_than_may_wait() -> None:
    drawn = []

    def items() -> Iterator[int]:
        for n in range(10):
            drawn.append(n)
            yield n

    with ThreadPoolExecutor(1) as pool:
        results = prefetch(pool, abs, items(), ahead=2)
        assert next(results) == 0
        assert drawn == [0, 1, 2]
        assert next(results) == 1
        assert drawn == [0, 1, 2, 3]


def test_items_count_for_what_they_cost() -> None:
    drawn = []

    def items() -> Iterator[int]:
        for n in (1, 1, 9, 1):
            drawn.append(n)
            yield n

    with ThreadPoolExecutor(1) as pool:
        results = prefetch(pool, abs, items(), ahead=2, cost=float)
        assert next(results) == 1
        assert drawn == [1, 1, 9]
        assert [next(results), next(results)] == [1, 9]  # the large one waits for itself
        assert drawn == [1, 1, 9]
        assert list(results) == [1]


def test_an_error_is_raised_in_its_place_and_ends_the_rest() -> None:
    released, done = Event(), []

    def work(n: int) -> int:
        if n == 1:
            raise ValueError("one")
        if n == 2:
            released.wait(10)
        done.append(n)
        return n

    with ThreadPoolExecutor(1) as pool:
        results = prefetch(pool, work, range(10), ahead=5)
        assert next(results) == 0
        with pytest.raises(ValueError, match="one"):
            next(results)
        released.set()
    assert done in ([0], [0, 2])  # 2 may have begun; all after it were cancelled
