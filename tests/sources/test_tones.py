from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from ganstyle.images.tensors import to_batch, to_tensor
from ganstyle.sources.oklab import from_lab, to_lab
from ganstyle.sources.tones import PictureTones, ToneMap, Tones, measure
from tests.conftest import picture

STEEPEST = 2.5


def _photo(width: int = 64, height: int = 48, seed: int = 0) -> Tensor:
    return to_batch([picture(width, height, seed=seed)])


def _grays(low: float, high: float) -> Tensor:
    """A ramp of grays whose lightness is spread evenly from low to high: (1, 3, 20, 30)."""
    lab = torch.zeros(1, 3, 20, 30)
    lab[:, 0] = torch.linspace(low, high, 600).view(20, 30)
    return from_lab(lab)


def _medium(*images: Tensor) -> Tones:
    return Tones.of([(image[0] * 255).round().byte().permute(1, 2, 0) for image in images])


def _of(lightness: float, a: float = 0.0) -> PictureTones:
    return PictureTones(lightness=(lightness,) * 17, color=(a, 0.0), covariance=(0.0, 0.0, 0.0))


@pytest.mark.parametrize("size", [(64, 48), (300, 240)])
def test_nothing_changes_where_the_photo_s_own_tones_are_wanted(size: tuple[int, int]) -> None:
    photo = _photo(*size)
    own = measure(photo)
    for image in (photo, photo[..., 5:20, 8:30]):
        kept = ToneMap(own=own, wanted=own, light=1, color=1)(image)
        assert torch.allclose(kept, image, atol=1e-3)
    other = measure(_photo(seed=1))
    untouched = ToneMap(own=own, wanted=other, light=0, color=0)(photo)
    assert torch.equal(untouched, photo)


@pytest.mark.parametrize("wanted", [(0.4, 0.9), (0.2, 0.35), (0.1, 0.8)])
def test_lightness_reaches_the_quantiles_of_the_medium(wanted: tuple[float, float]) -> None:
    """From a third as wide to STEEPEST times: a photo of any contrast but an extreme one."""
    photo = _grays(0.3, 0.6)
    tone_map = ToneMap.of(photo, _medium(_grays(*wanted)), light=1, color=0, share=1)
    found = measure(tone_map(photo)).lightness
    assert found == pytest.approx(np.linspace(*wanted, 17).tolist(), abs=0.01)
    halfway = ToneMap.of(photo, _medium(_grays(*wanted)), light=0.5, color=0, share=1)(photo)
    expected = [(a + b) / 2 for a, b in zip(measure(photo).lightness, found, strict=True)]
    assert measure(halfway).lightness == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("own", "wanted", "width"),
    [
        ((0.45, 0.55), (0.1, 0.9), 0.1 * STEEPEST),
        ((0.1, 0.9), (0.45, 0.55), 0.8 / STEEPEST),
    ],
)
def test_differences_grow_or_shrink_only_so_far_around_the_wanted_middle(
    own: tuple[float, float], wanted: tuple[float, float], width: float
) -> None:
    photo = _grays(*own)
    tone_map = ToneMap.of(photo, _medium(_grays(*wanted)), light=1, color=0, share=1)
    found = measure(tone_map(photo)).lightness
    assert found[-1] - found[0] == pytest.approx(width, abs=0.01)
    assert sum(found) / 17 == pytest.approx(sum(wanted) / 2, abs=0.01)


def _colored(*columns: tuple[float, float], tint: tuple[float, float] = (0.0, 0.0)) -> Tensor:
    """Noise of one lightness whose a and b are `columns` times normal numbers, and a tint."""
    draws = torch.randn(1, 2, 40, 60, generator=torch.Generator().manual_seed(0))
    draws = (draws - draws.mean((2, 3), keepdim=True)).clamp(-2.5, 2.5)
    colors = torch.einsum("ij,bjhw->bihw", torch.tensor(columns), draws)
    colors = colors + torch.tensor(tint).view(1, 2, 1, 1)
    return from_lab(torch.cat([torch.full((1, 1, 40, 60), 0.65), colors], 1))


def _moved(photo: Tensor, medium: Tensor, color: float = 1.0) -> Tensor:
    return ToneMap.of(photo, _medium(medium), light=0, color=color, share=1)(photo)


def test_colours_vary_as_those_of_the_medium() -> None:
    photo = _colored((0.03, 0.0), (0.0, 0.03))
    medium = _colored((0.035, 0.0), (0.012, 0.025))
    wanted, moved = measure(medium), measure(_moved(photo, medium))
    assert wanted.covariance[1] > 3e-4  # in the medium, both axes go together
    assert moved.covariance == pytest.approx(wanted.covariance, abs=5e-5)
    assert moved.lightness == pytest.approx(measure(photo).lightness, abs=2e-3)
    halfway = measure(_moved(photo, medium, color=0.5))
    assert halfway.covariance[1] == pytest.approx(wanted.covariance[1] / 2, rel=0.15)


@pytest.mark.parametrize(("medium", "times"), [(0.08, 1 / 0.7), (0.012, 0.7)])
def test_colours_grow_or_pale_only_so_far(medium: float, times: float) -> None:
    photo = _colored((0.025, 0.0), (0.0, 0.025))
    moved = measure(_moved(photo, _colored((medium, 0.0), (0.0, medium))))
    own = measure(photo)
    for axis in (0, 2):
        assert moved.covariance[axis] ** 0.5 == pytest.approx(
            times * own.covariance[axis] ** 0.5, rel=0.02
        )


def test_gray_gets_a_small_tint_at_most_however_coloured_the_rest_is() -> None:
    photo = _colored((0.01, 0.0), (0.0, 0.01), tint=(0.12, 0.05))
    photo[..., 20:] = 0.5
    medium = _colored((0.02, 0.0), (0.0, 0.02), tint=(-0.03, 0.08))
    gray = to_lab(_moved(photo, medium)[..., 20:])
    distance = gray[:, 1:].norm(dim=1)
    assert 0.005 < float(distance.mean()) < 0.021
    assert float(distance.max()) < 0.021


@pytest.mark.parametrize("color", [0.0, 0.5])
def test_a_gray_medium_makes_gray(color: float) -> None:
    medium = _medium(
        *(_photo(seed=seed).mean(1, keepdim=True).expand(-1, 3, -1, -1) for seed in range(3))
    )
    assert medium.is_gray
    photo = _photo(seed=5)
    toned = ToneMap.of(photo, medium, light=0, color=color, share=1)(photo)
    assert (toned.amax(1) - toned.amin(1)).max() < 0.01
    assert (photo.amax(1) - photo.amin(1)).max() > 0.3
    assert not _medium(_photo(), _photo(seed=1)).is_gray


def test_a_gray_medium_keeps_the_tint_of_its_paper() -> None:
    gray = _grays(0.2, 0.9)
    medium = _medium(from_lab(to_lab(gray) + torch.tensor([0.0, 0.01, 0.04]).view(1, 3, 1, 1)))
    assert medium.is_gray
    photo = _photo(seed=5)
    toned = ToneMap.of(photo, medium, light=1, color=0, share=1)(photo)
    tint = to_lab(toned)[:, 2]
    assert float(tint.median()) == pytest.approx(0.04, abs=0.005)


def test_a_part_of_a_photo_gets_the_colours_that_it_has_in_the_whole() -> None:
    photo = _photo(120, 100)
    medium = _medium(_photo(seed=3), _photo(seed=4))
    tone_map = ToneMap.of(photo, medium, light=0.7, color=0.6, share=1)
    whole, part = tone_map(photo), tone_map(photo[..., 13:50, 21:90])
    assert torch.allclose(part, whole[..., 13:50, 21:90], atol=1e-6)
    assert not torch.allclose(whole, photo, atol=0.05)


def test_tones_of_a_photo_do_not_depend_on_its_size() -> None:
    large, small = (measure(_photo(*size)) for size in ((480, 360), (160, 120)))
    assert large.lightness == pytest.approx(small.lightness, abs=0.02)
    assert large.color == pytest.approx(small.color, abs=0.005)


def test_ink_on_paper_is_a_tone_of_gray() -> None:
    hatched = torch.ones(1, 3, 960, 960)
    hatched[..., ::2, :] = 0
    lightness = measure(hatched).lightness
    assert lightness[0] == pytest.approx(lightness[-1], abs=0.05)
    assert 0.4 < lightness[8] < 0.8


def test_the_nearest_share_of_the_pictures_is_averaged() -> None:
    medium = Tones(tuple(_of(lightness) for lightness in (0.9, 0.1, 0.3, 0.7)))
    for share, expected in ((0.0, 0.3), (0.25, 0.3), (0.5, 0.2), (1.0, 0.5)):
        assert medium.nearest(_of(0.25), share).lightness == pytest.approx((expected,) * 17)
    tinted = Tones((_of(0.3, a=0.2), _of(0.35)))
    assert tinted.nearest(_of(0.3), 0).color == (0.0, 0.0)  # colours count, too


def test_of_many_pictures_evenly_spread_ones_are_measured() -> None:
    shades = [torch.full((2, 2, 3), value, dtype=torch.uint8) for value in range(0, 256, 2)]
    pictures = Tones.of(shades).pictures
    assert len(pictures) == 32
    lights = [tones.lightness[0] for tones in pictures]
    assert lights == sorted(set(lights))
    assert lights[-1] > 0.95


@pytest.mark.parametrize("make", [lambda: torch.zeros(1, 3, 1, 1), lambda: torch.ones(1, 3, 1, 7)])
def test_the_smallest_and_the_flattest_photos_have_tones(make: Callable[[], Tensor]) -> None:
    photo, medium = make(), Tones.of([to_tensor(picture(40, 30))])
    toned = ToneMap.of(photo, medium, light=1, color=1, share=1)(photo)
    assert toned.shape == photo.shape
    assert toned.isfinite().all()
    assert 0 <= toned.min() <= toned.max() <= 1
