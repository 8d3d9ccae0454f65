from pathlib import Path

import pytest
import torch

from ganstyle.errors import CheckpointError
from ganstyle.metrics.scores import Scores
from ganstyle.train.balance import TrainingDiverged
from ganstyle.train.run_folder import METRICS, SCORES, STATES, Best, RunFolder


def test_lines_after_a_state_are_forgotten_and_half_a_line_too(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    for images in (10, 20, 30):
        run.log(METRICS, {"images_seen": images})
        run.log(SCORES, {"images_seen": images, "kid": 1.0})
    with (run / METRICS).open("a") as log:
        log.write('{"images_seen": 4')
    run.forget_after(20)
    assert [record["images_seen"] for record in run.records(METRICS)] == [10, 20]
    assert [record["images_seen"] for record in run.records(SCORES)] == [10, 20]
    assert run.records("nothing.jsonl") == []


def test_the_state_before_is_kept_unless_said(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    for step, keep in ((1, True), (2, True), (3, False)):
        run.save_state({"x": torch.tensor([step])}, {"steps": step}, keep_previous=keep)
    found = [state for state in run.states() if not isinstance(state, CheckpointError)]
    assert [(path.name, facts["steps"]) for path, _, facts in found] == [
        (STATES[0], 3),
        (STATES[1], 1),
    ]
    (run / STATES[0]).write_bytes(b"damaged")
    first, second = run.states()
    assert isinstance(first, CheckpointError)
    assert not isinstance(second, CheckpointError)


def test_the_best_is_kept_and_scorings_since_are_counted() -> None:
    best = Best()
    for progress, better in ((0.2, True), (0.1, False), (0.1, False), (0.3, True)):
        assert best.update(_scores(progress), images_seen=int(100 * progress)) is better
    assert (best.images_seen, best.scorings_without_improvement) == (30, 0)
    assert best.style_progress == pytest.approx(0.3)


def test_one_bad_scoring_may_be_chance_and_two_are_a_fall() -> None:
    best = Best()
    for progress in (0.6, 0.2, 0.4, 0.2):
        scores = _scores(progress)
        best.update(scores, images_seen=10)
        best.check_collapse(scores)
    scores = _scores(0.1)
    best.update(scores, images_seen=10)
    with pytest.raises(TrainingDiverged, match="fallen from 60% to 10%") as told:
        best.check_collapse(scores)
    assert told.value.in_newest_state


def _scores(progress: float) -> Scores:
    return Scores(kid=-progress, kid_photos=0, kid_floor=-1, content=1, pictures=1)


def test_the_best_has_the_keys_in_a_state_that_it_always_had() -> None:
    best = Best(0.5, 0.6, images_seen=30, scorings_without_improvement=2, collapses=1)
    state = {"merit": 0.5, "style_progress": 0.6, "images_seen": 30, "misses": 2, "falls": 1}
    assert best.state() == state
    assert Best.from_state(state) == best
