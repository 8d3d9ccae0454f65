import pytest
import torch
from torch import Tensor

from ganstyle.distributed import Ranks
from ganstyle.losses.adversarial import NOISE, smoothness_penalty
from ganstyle.models.discriminator import DiscriminatorConfig
from ganstyle.train.augment import UNIFORMS, augment
from ganstyle.train.discriminators import Discriminators
from ganstyle.train.step_batch import StepBatch
from ganstyle.train.step_rng import StepRng

CHANNELS = {4: 6, 8: 10}
COUNT = 2


@pytest.fixture(params=["unpaired", "paired"])
def batch(request: pytest.FixtureRequest) -> StepBatch:
    """Twice as many results as style images; in the paired task as many, and their sources."""
    torch.manual_seed(0)
    paired = request.param == "paired"
    count = COUNT if paired else 2 * COUNT
    fake, fake_maps = _images(count).requires_grad_(), _maps(count)
    for maps in fake_maps.values():
        maps.requires_grad_()
    return StepBatch(
        fake=fake,
        target=_images(count),
        fake_maps=fake_maps,
        target_maps=_maps(count),
        real_count=COUNT,
        group_size=COUNT,
        exact=slice(COUNT),
        source=_images(count),
        source_maps=_maps(count) if paired else None,
    )


@pytest.fixture
def discriminators(batch: StepBatch) -> Discriminators:
    config = DiscriminatorConfig(
        patch_widths=(6, 8),
        patch_scales=2,
        projection=7,
        strides=(4, 8),
        conditional=batch.source_maps is not None,
    )
    return Discriminators(config, CHANNELS).eval()  # no noise on features


def _images(count: int) -> Tensor:
    return torch.rand(count, 3, 32, 32)


def _maps(count: int) -> dict[int, Tensor]:
    return {
        stride: torch.randn(count, C, 32 // stride, 32 // stride) for stride, C in CHANNELS.items()
    }


def _rng() -> StepRng:
    return StepRng.of_step(0, 0, torch.device("cpu"), Ranks())


def test_comparing_is_judging_real_and_fake_images_apart(
    batch: StepBatch, discriminators: Discriminators
) -> None:
    found = discriminators.compare(batch, _rng())
    apart = (
        (found.real, discriminators(batch.style, batch.style_maps, batch, _rng())),
        (found.fake, discriminators(batch.fake, batch.fake_maps, batch, _rng())),
    )
    for together, alone in apart:
        assert together.keys() == alone.keys() == {"projected", "patch"}
        for kind, logits in together.items():
            assert len(logits) == len(alone[kind]) == 2
            for a, b in zip(logits, alone[kind], strict=True):
                assert a.shape == b.shape
                assert torch.allclose(a, b, atol=1e-5)


def test_comparing_sends_no_gradient_to_the_generator(
    batch: StepBatch, discriminators: Discriminators
) -> None:
    found = discriminators.compare(batch, _rng())
    logits = [m for kinds in (found.real, found.fake) for maps in kinds.values() for m in maps]
    (torch.stack([m.mean() for m in logits]).sum() + found.penalty).backward()  # type: ignore[no-untyped-call]
    assert batch.fake.grad is None
    assert all(maps.grad is None for maps in batch.fake_maps.values())
    assert all(p.grad is not None for p in discriminators.parameters() if p.requires_grad)


def test_judging_sends_gradients_to_the_generator(
    batch: StepBatch, discriminators: Discriminators
) -> None:
    logits = discriminators(batch.fake, batch.fake_maps, batch, _rng())
    loss = torch.stack([m.mean() for maps in logits.values() for m in maps]).sum()
    loss.backward()  # type: ignore[no-untyped-call]
    for images in (batch.fake, *batch.fake_maps.values()):
        assert images.grad is not None
        assert (images.grad.flatten(1).abs().sum(1) > 0).all()


def test_the_penalty_is_of_the_patches_at_real_and_fake_images(
    batch: StepBatch, discriminators: Discriminators
) -> None:
    penalty = discriminators.compare(batch, _rng()).penalty
    images = torch.cat([batch.style, batch.fake])
    if batch.source_maps is not None:
        images = torch.cat([images, batch.source.repeat(2, 1, 1, 1)], 1)
    noise = _rng().grouped(len(images) // COUNT).normal(images.shape)
    at, beside = discriminators.patch(images), discriminators.patch(images + NOISE * noise)
    assert penalty > 0
    assert torch.allclose(penalty, smoothness_penalty(at, beside), rtol=1e-4)


def test_real_and_fake_images_are_augmented_alike(
    batch: StepBatch, discriminators: Discriminators
) -> None:
    discriminators.augmentation = 0.8
    logits = discriminators(batch.fake, batch.fake_maps, batch, _rng())["patch"]
    images = batch.fake
    if batch.source_maps is not None:
        images = torch.cat([images, batch.source], 1)
    changed = augment(
        images, 0.8, _rng().grouped(len(images) // COUNT).uniforms((len(images), UNIFORMS))
    )
    assert not torch.equal(changed, images)
    for logit, expected in zip(logits, discriminators.patch(changed), strict=True):
        assert torch.equal(logit, expected)


def test_features_get_the_noise_of_the_step_while_training_only(
    batch: StepBatch, discriminators: Discriminators
) -> None:
    def judged(step: int) -> Tensor:
        rng = StepRng.of_step(0, step, torch.device("cpu"), Ranks())
        with torch.no_grad():
            maps = discriminators(batch.fake, batch.fake_maps, batch, rng)["projected"]
        return torch.cat([m.flatten() for m in maps])

    assert torch.equal(judged(0), judged(1))
    discriminators.projected.training = True  # its heads stay as they are
    assert torch.equal(judged(0), judged(0))
    assert not torch.equal(judged(0), judged(1))
