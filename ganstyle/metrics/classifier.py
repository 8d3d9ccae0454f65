"""Classifier two-sample test: can generated crops be distinguished from real ones?"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ganstyle.errors import DataError


@dataclass(frozen=True)
class ClassifierResult:
    """Rates of a classifier on crops of images that it had not seen."""

    fooled: float
    """Share of generated crops taken for real, in [0, 1]; 0.5 is indistinguishable."""
    recognized: float
    """Share of real crops taken for real, in [0, 1]; equal to fooled when indistinguishable."""

    @property
    def accuracy(self) -> float:
        """Share of correct answers, with equal weight for both kinds; 0.5 is indistinguishable."""
        return (1 - self.fooled + self.recognized) / 2


@torch.inference_mode(False)
def classifier_test(
    generated: Sequence[Tensor],
    real: Sequence[Tensor],
    generator: torch.Generator,
    *,
    decay: float = 0.01,
) -> ClassifierResult:
    """Logistic regression trained on half of the images, tested on the other half.

    After Lopez-Paz & Oquab 2017, eq. 2, with the answers counted by kind. generated, real:
    features of the crops of each image, (n_i, D). Images are split, not crops, so no image is on
    both sides. Features are standardised by the training half. decay: weight of |w|^2 / 2 beside
    the mean loss, above 0: the optimum is then unique, and only the split is random. Raises
    DataError with fewer than two images on a side.
    """
    if min(len(generated), len(real)) < 2:
        raise DataError(
            f"A classifier needs 2 pictures a side; got {len(generated)} and {len(real)}."
        )
    (fake, fake_test), (true, true_test) = (_halves(s, generator) for s in (generated, real))
    deviation, mean = torch.std_mean(torch.cat((fake, true)), dim=0)  # (D,)

    def standardized(features: Tensor) -> Tensor:
        # A feature that does not vary says nothing; the bound keeps it from saying infinity.
        return (features - mean) / deviation.clamp(min=1e-6)

    weight, bias = fit_logistic(standardized(fake), standardized(true), decay)
    fooled, recognized = (
        float((standardized(test) @ weight + bias > 0).double().mean())
        for test in (fake_test, true_test)
    )
    return ClassifierResult(fooled, recognized)


def _halves(images: Sequence[Tensor], generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Crops of a random half of the images and of the rest, float64 (N, D) each."""
    order = torch.randperm(len(images), generator=generator).tolist()
    middle = len(order) // 2
    first, second = (
        torch.cat([images[index].detach().cpu().double() for index in half])
        for half in (order[:middle], order[middle:])
    )
    return first, second


@torch.enable_grad()
def fit_logistic(fake: Tensor, real: Tensor, decay: float) -> tuple[Tensor, Tensor]:
    """Weight (D,) and bias () of the logit of being real, at the unique optimum.

    Both kinds have equal weight, however many crops they have. Otherwise the larger kind would be
    the safer guess, and `fooled` would not be 0.5 for sets that are alike.
    """
    weight = fake.new_zeros(fake.shape[1]).requires_grad_()
    bias = fake.new_zeros(()).requires_grad_()
    optimizer = torch.optim.LBFGS(
        [weight, bias], max_iter=200, tolerance_change=1e-12, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        # softplus(z) is the loss -log(1 - sigmoid(z)) of a logit z that should be low.
        surprise = (
            F.softplus(fake @ weight + bias).mean() + F.softplus(-real @ weight - bias).mean()
        )
        total: Tensor = surprise / 2 + decay / 2 * weight.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach(), bias.detach()
