"""Quick sketches drawn out of images: a few dark, unsteady strokes on white paper.

Contours are looked for at half the size of the image, where they are wide and cheap, and drawn at
the full size. A contour is a ridge of edge strength. Each pixel has its offset to the next
ridge (Steger 1998), so that a stroke of any width is a threshold on the length of that offset.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

_CELL = 20
"""Scale, px, on which the hand trembles, presses harder or lifts off."""

_FAINT = 0.03
"""Contrast, of 1 between black and white, below which nothing is ever drawn."""

_STEPS = 30
"""Reach along a line, in half-size pixels, within which its contrast is summed."""


@dataclass(frozen=True, kw_only=True)
class SketchDials:
    """Dials of a sketch."""

    width: float
    """Width of the strokes, pixels."""
    detail: float
    """0 for the main contours only, 1 for all those that a patient hand would draw."""
    wobble: float
    """Standard deviation of the strokes from the contours, pixels."""


def draw_sketch(image: Tensor, dials: SketchDials, rng: torch.Generator | None = None) -> Tensor:
    """Draw the contours of images as a quick hand would, black on white.

    image: (B, 3, H, W) in [0, 1], H and W of 16 or more. rng makes the hand tremble differently
    in each image; without it, all images get the same trembling. Returns (B, 3, H, W) in [0, 1].
    """
    each = torch.tensor([dials.width, dials.detail, dials.wobble], device=image.device)
    return _draw(image, each.view(3, 1, 1, 1, 1).expand(3, len(image), 1, 1, 1), rng)


def random_sketch(image: Tensor, rng: torch.Generator) -> Tensor:
    """Draw sketches with random dials for each image: coarse ones more often than fine ones.

    Widths are 1.5 to 6 px, wobbles 0.5 to 2.5 px. Wide pens draw less detail.
    """
    uniforms = torch.rand((3, len(image), 1, 1, 1), generator=rng, device=rng.device)
    pen, care, wobble = uniforms.to(image.device)
    detail = care**1.5 * (1 - 0.5 * pen)
    return _draw(image, torch.stack([1.5 + 4.5 * pen, detail, 0.5 + 2 * wobble]), rng)


def _draw(image: Tensor, dials: Tensor, rng: torch.Generator | None) -> Tensor:
    """dials: (3, B, 1, 1, 1), the fields of SketchDials for each image."""
    width, detail, wobble = dials.unbind()
    noise = _jitter_noise(image, rng)
    ridge_offset, normal, contrast = _contours(image, detail, width)
    lines = _select_lines(
        ridge_offset, normal, contrast * (0.25 * noise[:, 2:3, ::2, ::2]).exp(), detail
    )
    aside = noise[:, :2] * wobble
    length = ridge_offset.square().sum(1, keepdim=True).sqrt()
    near = _sample(torch.cat([ridge_offset, length - 0.7], 1), aside)  # (B, 3, H, W)
    # Between two contours the offsets to them cancel out, but not their lengths.
    distance = near[:, :2].square().sum(1, keepdim=True).sqrt().maximum(near[:, 2:])
    at_foot = _sample(lines, aside + 2 * near[:, :2])
    line = (width / 2 * (1 + 0.2 * noise[:, 3:4]) + 0.5 - 2 * distance).clamp(0, 1)
    ink = line * (4 * at_foot - 1.5).clamp(0, 1) * (0.9 + 0.15 * noise[:, 4:]).clamp(0.5, 1)
    return (1 - ink).expand_as(image).contiguous(memory_format=torch.channels_last)


def _jitter_noise(image: Tensor, rng: torch.Generator | None) -> Tensor:
    """Smooth noise of variance 1: (B, 5, H, W), or (1, 5, H, W), always the same, without rng."""
    B, _, H, W = image.shape
    cells = (B if rng else 1, 5, H // _CELL + 4, W // _CELL + 4)
    rng = rng or torch.Generator().manual_seed(0)
    knots = torch.randn(cells, generator=rng, device=rng.device).to(image.device)
    return _knot_weights(H, knots) @ knots @ _knot_weights(W, knots).mT


def _knot_weights(side: int, knots: Tensor) -> Tensor:
    """Weights of the knots for each pixel; their squares sum to 1: (side, side // _CELL + 4)."""
    at = torch.arange(side, device=knots.device)[:, None] / _CELL
    knot = torch.arange(-1.5, side // _CELL + 2, device=knots.device)
    weights = (-1.5 * (at - knot).square()).exp()
    return weights / weights.square().sum(1, keepdim=True).sqrt()


def _contours(image: Tensor, detail: Tensor, width: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Offset to the next contour, and its normal as cos, sin of twice its angle.

    Both are (B, 2, H/2, W/2). Last comes its contrast, (B, 1, H/2, W/2): the coherent part of the
    structure tensor of colours (Di Zenzo 1986; Weickert 1999), which foliage has little of.
    """
    scale = torch.maximum(3 * (1 / 3) ** detail, 0.35 * width)
    colors = _flatten(_opponents(image), 2 * scale, 0.011 - 0.01 * detail)
    dy, dx = torch.gradient(_blur(colors, scale), dim=(2, 3))
    tensor = torch.stack([dx * dx - dy * dy, 2 * dx * dy], 1).sum(2)  # (B, 2, H/2, W/2)
    tensor = _blur(tensor, scale)
    energy = tensor.square().sum(1, keepdim=True).sqrt() + 1e-7
    normal = tensor / energy
    return _ridge_offset(energy.log(), normal, scale), normal, energy.sqrt() * (4 * scale)


def _ridge_offset(height: Tensor, normal: Tensor, scale: Tensor) -> Tensor:
    """Newton's step along the normal, exact for the log of a Gaussian, or far: (B, 2, H/2, W/2)."""
    cos, sin = normal[:, :1], normal[:, 1:]
    y, x = torch.gradient(height, dim=(2, 3))
    yy, yx = torch.gradient(y, dim=(2, 3))
    xx = torch.gradient(x, dim=3)[0]
    curve = (xx + yy + cos * (xx - yy) + 2 * sin * yx) / 2  # second derivative along the normal
    slope = torch.cat([(1 + cos) * x + sin * y, sin * x + (1 - cos) * y], 1) / 2
    ridge = curve < -0.12 / scale.square()  # a step has -0.67; less is shading
    return torch.where(ridge, -slope / curve, 9.0).clamp(-9, 9)


def _select_lines(ridge_offset: Tensor, normal: Tensor, contrast: Tensor, detail: Tensor) -> Tensor:
    """Mask of the strokes that are drawn, 1 or 0: (B, 1, H/2, W/2).

    A line is kept for its contrast summed along it, compared with the strongest of the image.
    Contrast counts less in a busy surround (Grigorescu et al. 2003) and off straight lines.
    """
    ridge = ((ridge_offset.square().sum(1, keepdim=True) < 0.6) & (contrast > _FAINT)).to(contrast)
    reach = 6 * (1 / 3) ** detail
    along = _blur(ridge * normal, reach).square().sum(1, keepdim=True).sqrt()
    straight = (1.8 * reach * along).clamp(max=1)  # 1 in the middle of a straight line
    busy = _blur(contrast, 10 * 0.6**detail)
    score = (contrast - (0.8 - 0.4 * detail) * busy).clamp(0, 0.5).sqrt() * straight * ridge
    level = score.flatten(1)
    strong = level.kthvalue(level.shape[1] - level.shape[1] // 100, dim=1).values
    strong = strong.clamp(min=0.15).view_as(detail)
    line = (score > (0.4 - 0.2 * detail) * strong).to(score)
    needed = (52 * 0.2**detail * (0.75 - 0.4 * detail)).clamp(max=0.4 * min(score.shape[-2:]))
    return F.max_pool2d((_sum_along(score, line) > needed * strong).to(score), 3, 1, 1)


def _sum_along(score: Tensor, line: Tensor) -> Tensor:
    """Sum of score over about 2 _STEPS of the connected line that each pixel is part of."""
    many = 2 ** score[0].numel().bit_length()
    # Each part of a line takes the largest number on it. Numbers must not be ordered along lines.
    numbers = torch.arange(1, 1 + score[0].numel(), device=score.device) * 2654435761 % many
    owner = _spread_maximum(numbers.float().view_as(score[0]) * line, line).long().flatten(1)
    steps = (score * line * 256).long().flatten(1)  # whole numbers: the same sum in any order
    sums = steps.new_zeros(len(score), many).scatter_add_(1, owner, steps)
    return _spread_maximum(sums.gather(1, owner).view_as(score) * line / 256, line)


def _spread_maximum(values: Tensor, line: Tensor) -> Tensor:
    """Largest value within _STEPS along the line; max_pool2d would take four times as long."""
    values = F.pad(values, (1, 1, 1, 1))
    for _ in range(_STEPS):
        wide = torch.maximum(values[..., :-2], values[..., 2:]).maximum(values[..., 1:-1])
        high = torch.maximum(wide[..., :-2, :], wide[..., 2:, :]).maximum(wide[..., 1:-1, :])
        values[..., 1:-1, 1:-1] = high * line
    return values[..., 1:-1, 1:-1]


def _opponents(image: Tensor) -> Tensor:
    """Lightness, red less green, yellow less blue, the latter halved: (B, 3, H/2, W/2)."""
    small = F.avg_pool2d(image.contiguous(), 2, ceil_mode=True, count_include_pad=False)
    r, g, b = small.unbind(1)
    return torch.stack([0.3 * r + 0.59 * g + 0.11 * b, (r - g) / 2, (r + g) / 4 - b / 2], 1)


def _flatten(colors: Tensor, scale: Tensor, noise: Tensor) -> Tensor:
    """Smooth what varies less than noise, a variance; keep edges (He et al. 2013, self-guided)."""
    mean = _blur(colors, scale)
    variance = (_blur(colors.square(), scale) - mean.square()).sum(1, keepdim=True)
    gain = variance / (variance + noise)
    line = _blur(torch.cat([gain, mean - gain * mean], 1), scale)  # (B, 4, H/2, W/2)
    return line[:, :1] * colors + line[:, 1:]


def _blur(planes: Tensor, scale: Tensor) -> Tensor:
    """Gaussian blur of (B, C, H, W), standard deviation (B, 1, 1, 1): fast for crops, as matmul."""
    rows, columns = (_gaussians(side, scale) for side in planes.shape[-2:])
    return rows @ planes @ columns.mT


def _gaussians(side: int, scale: Tensor) -> Tensor:
    """Weights of all pixels of a row for each pixel, which sum to 1: (B, 1, side, side)."""
    at = torch.arange(side, device=scale.device)
    weights = (-0.5 * ((at[:, None] - at) / scale).square()).exp()
    return weights / weights.sum(-1, keepdim=True)


def _sample(planes: Tensor, aside: Tensor) -> Tensor:
    """Enlarge (B, C, H/2, W/2) to (B, C, H, W), sampled aside by (B, 2, H, W) pixels, x and y."""
    H, W = aside.shape[-2:]
    y = torch.arange(H, device=aside.device)[:, None] + 0.5 + aside[:, 1]
    x = torch.arange(W, device=aside.device) + 0.5 + aside[:, 0]
    grid = torch.stack([x / ((W + 1) // 2) - 1, y / ((H + 1) // 2) - 1], -1)  # (B, H, W, 2)
    return F.grid_sample(planes, grid, padding_mode="border", align_corners=False)
