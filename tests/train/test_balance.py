import json

import pytest

from ganstyle.train.balance import (
    LEVELS,
    REPORTS,
    STRONGEST,
    BalanceController,
    DiscriminatorControl,
    TrainingDiverged,
    check_convergence,
)


def _report(fooled: float, known: float = 0.7, new: float = 0.7) -> dict[str, float]:
    values: dict[str, float] = {"loss/generator": 1.0}
    for kind in ("projected", "patch"):
        values[f"fooled/{kind}"] = values[f"held_out/fooled_{kind}"] = fooled
        values[f"real/{kind}"], values[f"held_out/real_{kind}"] = known, new
    return values


def _update(
    controller: BalanceController, values: dict[str, float], decisions: int = 1
) -> list[str]:
    return [line for _ in range(decisions * REPORTS) for line in controller.update(values)]


def test_a_balanced_game_is_left_alone() -> None:
    controller = BalanceController()
    assert _update(controller, _report(0.4), 3) == []
    assert controller.control("patch") == DiscriminatorControl()


def test_strong_discriminators_are_hindered_and_then_slowed_down() -> None:
    controller = BalanceController()
    lines = _update(controller, _report(0.1))
    assert lines[0].startswith(
        "The projected discriminators take 10% of the results for real: they are too strong."
    )
    assert 0 < controller.control("patch").augmentation < STRONGEST
    assert controller.control("patch").rate == 1
    _update(controller, _report(0.1), 50)
    assert controller.control("patch").augmentation == STRONGEST
    assert controller.control("patch").rate == 0.25
    assert _update(controller, _report(0.1)) == []  # nothing is left to do


def test_weak_discriminators_are_hurried() -> None:
    controller = BalanceController()
    _update(controller, _report(0.7), 50)
    assert controller.levels["patch"] == LEVELS[0]
    assert controller.control("patch").augmentation == 0
    assert controller.control("patch").rate == 2


def test_learning_by_heart_is_met_though_the_fooled_rate_is_right() -> None:
    controller = BalanceController()
    [line, _] = _update(controller, _report(0.4, known=0.9, new=0.5))
    assert "90% of the training pictures for real, but 50% of those held out" in line
    assert controller.control("projected").augmentation > 0


def test_without_held_out_pictures_the_training_ones_count() -> None:
    values = {k: v for k, v in _report(0.1).items() if not k.startswith("held_out")}
    assert len(_update(BalanceController(), values)) == 2


def test_a_decision_is_taken_on_the_mean() -> None:
    controller = BalanceController()
    for fooled in (0.0, 0.8, 0.4, 0.4, 0.4):
        assert controller.update(_report(fooled)) == []
    assert controller.levels["patch"] == 0


def test_it_goes_on_from_its_state() -> None:
    controller = BalanceController()
    for _ in range(REPORTS - 1):
        controller.update(_report(0.1))
    other = BalanceController(**json.loads(json.dumps(controller.state())))
    assert other.update(_report(0.1)) == controller.update(_report(0.1)) != []
    assert other == controller


def test_each_setback_halves_the_rates() -> None:
    assert BalanceController(setbacks=2).lr_factor == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"loss/generator": float("nan")}, "no longer finite"),
        ({"loss/color": float("inf")}, "no longer finite"),
        ({"picture/contrast": 0.05}, "a single colour"),
    ],
)
def test_trouble_is_seen(values: dict[str, float], found: str) -> None:
    with pytest.raises(TrainingDiverged, match=found) as told:
        check_convergence(values)
    # Numbers that are none show at once; what creeps in may have been saved.
    assert told.value.in_newest_state == ("finite" not in found)


@pytest.mark.parametrize("values", [{}, {"loss/generator": -50.0}, {"picture/contrast": 0.2}])
def test_no_trouble_is_made_up(values: dict[str, float]) -> None:
    check_convergence(values)
