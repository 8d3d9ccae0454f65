"""Losses of a step: one sum for the discriminators, and one for the generator."""

from torch import Tensor

from ganstyle.losses.adversarial import discriminator_hinge, generator_hinge, real_rate
from ganstyle.losses.content import color_distance, feature_distance
from ganstyle.losses.energy import color_score, energy_score
from ganstyle.train.balance import KINDS
from ganstyle.train.config import TrainConfig
from ganstyle.train.discriminators import Judgement, Logits
from ganstyle.train.step_batch import StepBatch, rows_of

PAIR_STRIDES, OPEN_STRIDES = (4, 8, 16), (8, 16)
"""Strides of the features that compare results with their targets, and that score the results of a
draft: finer ones would fix the strokes, which a draft leaves open."""

_WIDER = 4
"""Size of the areas for colours of drafts' results, relative to those for colours of refined
results."""

_ROOT = 0.1
"""Weight of a colour distance relative to a squared one: at 0.05, a usual distance, both have the
same slope."""

Values = dict[str, Tensor]
"""Scalars on the device, by their names in reports."""


def discriminator_loss(judgement: Judgement) -> tuple[Tensor, Values]:
    """Loss of the discriminators, and its terms and rates by name.

    L_D = sum over both kinds of  mean max(0, 1 - D(y)) + mean max(0, 1 + D(x))
        + smoothness penalty of the patch discriminators

    y: style images, x: results, D: logit maps, (B, 1, h, w) each.
    """
    real, fake = judgement.real, judgement.fake
    losses = {kind: discriminator_hinge(real[kind], fake[kind]) for kind in KINDS}
    values = {f"loss/discriminator_{kind}": losses[kind].detach() for kind in KINDS}
    values |= {f"fooled/{kind}": real_rate(fake[kind]) for kind in KINDS}
    values |= {f"real/{kind}": real_rate(real[kind]) for kind in KINDS}
    return losses["projected"] + losses["patch"] + judgement.penalty, values


def generator_loss(logits: Logits, batch: StepBatch, config: TrainConfig) -> tuple[Tensor, Values]:
    """Loss of the generator, and its terms by name.

    L_G = - sum over both kinds of  mean D(x)
          + pair_weight    * |f(x) - f(y)|^2          x: refined results, or those of pairs
          + color_weight   * |c(x) - c(y)|^2
          + content_weight * E(f(x1), f(x2); f(y))    x1, x2: two results of a draft
          + 0.1 * color_weight * E(c(x1), c(x2); c(y))

    y: targets, f: features, c: roots of mean colours, E: energy score (losses/energy). The last two
    terms are zero in paired tasks. logits: of all results, (N, 1, h, w) each.
    """
    adversarial = generator_hinge(logits["projected"]) + generator_hinge(logits["patch"])
    values = {"loss/generator": adversarial.detach()}
    fake, target = batch.fake[batch.exact], batch.target[batch.exact]  # (B, 3, H, W)
    maps = rows_of(batch.fake_maps, batch.exact), rows_of(batch.target_maps, batch.exact)
    pair = feature_distance(*maps, PAIR_STRIDES)
    color = color_distance(fake, target, config.color_cell)
    loss = adversarial + config.pair_weight * pair + config.color_weight * color
    values |= {"loss/pair": pair.detach(), "loss/color": color.detach()}
    if batch.drafts:
        one, other = batch.drafts
        images = batch.fake[one], batch.fake[other], batch.target[one]  # (B, 3, H, W) each
        features = (
            rows_of(batch.fake_maps, one),
            rows_of(batch.fake_maps, other),
            rows_of(batch.target_maps, one),
        )
        draft = energy_score(*features, OPEN_STRIDES)
        draft_color = color_score(*images, _WIDER * config.color_cell)
        loss = loss + config.content_weight * draft + config.color_weight * _ROOT * draft_color
        values |= {"loss/draft": draft.detach(), "loss/draft_color": draft_color.detach()}
    return loss, values
