import pytest
import torch
from torch import Tensor

from ganstyle.errors import DataError
from ganstyle.metrics.frechet import FeatureMoments, frechet_distance


def _moments(*batches: Tensor) -> FeatureMoments:
    moments = FeatureMoments()
    for batch in batches:
        moments.update(batch)
    return moments


def _features(count: int, length: int, seed: int) -> Tensor:
    """Correlated features whose scales differ."""
    chance = torch.Generator().manual_seed(seed)
    mix = torch.randn(length, length, generator=chance, dtype=torch.float64)
    return torch.randn(count, length, generator=chance, dtype=torch.float64) @ mix


def test_moments_equal_those_of_the_whole_in_any_order_and_batch_size() -> None:
    features = _features(300, 6, seed=0) + 1e6  # where E[x^2] - E[x]^2 has lost its digits
    shuffled = features[torch.randperm(300, generator=torch.Generator().manual_seed(1))]
    expected = torch.cov((features - 1e6).T)
    for moments in (
        _moments(features),
        _moments(*torch.split(features, 7)),
        _moments(*torch.split(features, 1)),
        _moments(*torch.split(shuffled, 64)),
    ):
        assert moments.count == 300
        assert torch.allclose(moments.mean, features.mean(0), rtol=1e-12, atol=0)
        assert (moments.covariance - expected).abs().max() < 1e-9 * expected.abs().max()


def test_an_empty_batch_changes_nothing() -> None:
    features = _features(50, 4, seed=2)
    first, whole = _moments(features[:20], features[:0], features[20:]), _moments(features)
    assert first.count == 50
    assert torch.allclose(first.mean, whole.mean, rtol=1e-12)
    assert torch.allclose(first.covariance, whole.covariance, rtol=1e-9)


def test_equal_covariance_leaves_the_squared_distance_of_the_means() -> None:
    features = _features(200, 5, seed=3)
    shift = torch.tensor([1.0, -2, 0, 3, 0.5], dtype=torch.float64)
    distance = frechet_distance(_moments(features), _moments(features + shift))
    assert distance == pytest.approx(float(shift @ shift), rel=1e-6)


def test_one_feature_gives_the_distance_of_means_and_of_deviations() -> None:
    a = torch.tensor([[0.0], [2.0]])  # mean 1, deviation sqrt 2
    b = torch.tensor([[1.0], [7.0]])  # mean 4, deviation sqrt 18
    assert frechet_distance(_moments(a), _moments(b)) == pytest.approx(9 + 8)


@pytest.mark.parametrize("count", [400, 12])
def test_it_equals_the_formula_with_the_square_root_of_scipy(count: int) -> None:
    linalg = pytest.importorskip("scipy.linalg")
    a, b = _features(count, 8, seed=4), _features(count, 8, seed=5) + 0.3
    A, B = torch.cov(a.T), torch.cov(b.T)
    root = torch.from_numpy(linalg.sqrtm((A @ B).numpy()).real)
    expected = (a.mean(0) - b.mean(0)).square().sum() + torch.trace(A + B - 2 * root)
    distance = frechet_distance(_moments(a), _moments(b))
    assert distance == pytest.approx(float(expected), rel=1e-3)
    assert frechet_distance(_moments(b), _moments(a)) == pytest.approx(distance)


def test_fewer_samples_than_features_give_a_number() -> None:
    few = _features(5, 32, seed=6)
    assert frechet_distance(_moments(few), _moments(few)) < 1e-4 * float(torch.cov(few.T).trace())
    assert frechet_distance(_moments(few), _moments(few + 1)) == pytest.approx(32, rel=1e-3)


def test_one_sample_is_too_few() -> None:
    with pytest.raises(DataError, match="need 2 pictures or crops or more; got 1"):
        frechet_distance(_moments(torch.rand(1, 3)), _moments(torch.rand(4, 3)))
    with pytest.raises(DataError, match="got 0"):
        frechet_distance(_moments(torch.rand(4, 3)), FeatureMoments())
