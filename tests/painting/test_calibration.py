import pytest
from PIL import Image

from ganstyle.models.generator import GeneratorConfig
from ganstyle.painting.calibration import Difference, compare, exact_painter, measured_for_int8
from ganstyle.painting.painter import Painter
from ganstyle.runtime import int8_is_native
from tests.conftest import PAINTING, TINY, lively_generator, picture


def test_the_difference_is_that_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    exact, other = (exact_painter(lively_generator(TINY)) for _ in range(2))
    wanted, found = (Image.new("RGB", (40, 30), (red, 100, 100)) for red in (105, 100))

    def paint(painter: Painter, _: object) -> list[Image.Image]:
        return [wanted if painter is exact else found]

    monkeypatch.setattr(Painter, "paint", paint)
    difference = compare(exact, other, [wanted])
    assert difference.mean == pytest.approx(5 / 3)
    assert difference.near == pytest.approx(200 / 3)


@pytest.mark.parametrize(
    ("found", "hidden"),
    [((0.9, 90.0), True), ((3.5, 100.0), False), ((0.1, 50.0), True)],
)
def test_a_difference_is_hidden_when_its_mean_is_small(
    found: tuple[float, float], hidden: bool
) -> None:
    assert Difference(*found).is_hidden == hidden


@pytest.mark.skipif(not int8_is_native(), reason="needs fast 8-bit products")
@pytest.mark.parametrize("config", [TINY, PAINTING])
@pytest.mark.parametrize("most", [0.0, 255.0])
def test_only_where_the_difference_is_hidden_has_a_style_8_bits(
    most: float, config: GeneratorConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ganstyle.painting.calibration._MOST_MEAN", most)
    generator = lively_generator(config)
    measured, found = measured_for_int8(generator, [picture(64, 48)], [picture(64, 48, seed=1)])
    assert measured.config.int8 == (measured.ranges is not None) == found.is_hidden == (most > 0)
    again, same = measured_for_int8(measured, [picture(64, 48)], [picture(64, 48, seed=1)])
    assert (again.config, same) == (measured.config, found)
    assert generator.ranges is None
