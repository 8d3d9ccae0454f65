import pytest
import torch
from torch import Tensor

from ganstyle.images.tensors import to_batch
from ganstyle.sources.draft import draft_of, random_drafts
from ganstyle.sources.hand import careful_hand, quick_hand
from tests.conftest import picture


def _rngs(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def _landscape(height: int = 96, width: int = 128) -> Tensor:
    """A blue sky above a dark meadow, both uneven: (1, 3, H, W)."""
    noise = torch.randn(1, 3, height, width, generator=torch.Generator().manual_seed(0))
    image = torch.full((1, 3, height, width), 0.2)
    image[..., : height // 2, :] = torch.tensor([0.5, 0.7, 0.9])[:, None, None]
    return (image + 0.03 * noise).clamp(0, 1)


def test_chance_alone_decides() -> None:
    paintings = _landscape().expand(2, -1, -1, -1)
    first = random_drafts(paintings, _rngs(1, 2))
    assert torch.equal(first, random_drafts(paintings, _rngs(1, 2)))
    assert not torch.equal(first[0], first[1])
    assert torch.equal(first[1:], random_drafts(paintings[:1], _rngs(2)))  # each its own
    image = picture(96, 64)
    assert draft_of(image, 3).tobytes() == draft_of(image, 3).tobytes()
    assert draft_of(image, 3).tobytes() != draft_of(image, 4).tobytes()


@pytest.mark.parametrize("size", [(1, 1), (15, 40), (16, 16), (37, 101), (200, 5)])
def test_shape_and_range_at_any_size(size: tuple[int, int]) -> None:
    paintings = _landscape(*size).expand(24, -1, -1, -1)
    drafts = random_drafts(paintings, _rngs(*range(24)))
    assert drafts.shape == paintings.shape
    assert drafts.dtype == torch.float32
    assert 0 <= drafts.min() <= drafts.max() <= 1


def test_a_draft_has_few_colours_and_flat_areas() -> None:
    painting = to_batch([picture(160, 120)])
    drafts = random_drafts(painting.expand(30, -1, -1, -1), _rngs(*range(30)))

    def flat(image: Tensor) -> float:
        """Share of pixels that equal their right neighbour."""
        return float((image[..., 1:] == image[..., :-1]).all(0).float().mean())

    assert flat(painting[0]) < 0.5
    flats = [flat(draft) for draft in drafts]
    assert min(flats) > 0.6
    assert sum(flats) / len(flats) > 0.85


def test_drafts_show_where_colours_lie_and_some_have_ink() -> None:
    drafts = random_drafts(_landscape().expand(60, -1, -1, -1), _rngs(*range(60)))
    light = drafts.mean(1)  # (B, H, W)
    assert ((light > 0.99).flatten(1).float().mean(1) < 0.6).all()  # no sheet is left white
    assert (light[:, :40].mean((1, 2)) > light[:, 56:].mean((1, 2))).float().mean() > 0.95
    inked = ((drafts.amax(1) < 0.1).flatten(1).float().mean(1) > 0.002).sum()
    assert 6 <= int(inked) <= 35


def test_a_careful_hand_comes_nearer_to_the_painting(monkeypatch: pytest.MonkeyPatch) -> None:
    paintings = to_batch([picture(128, 96)]).expand(12, -1, -1, -1)
    off = []
    for make in (careful_hand, quick_hand):
        monkeypatch.setattr("ganstyle.sources.draft.random_hand", make)
        drafts = random_drafts(paintings, _rngs(*range(12)))
        off.append(float((drafts - paintings).abs().mean()))
    assert 0.02 < off[0] < 0.7 * off[1]


def test_a_painting_of_one_colour_gives_a_sheet_of_one_colour() -> None:
    flat = torch.full((12, 3, 64, 64), 0.4)
    for draft in random_drafts(flat, _rngs(*range(12))):
        assert draft[:, 8:-8, 8:-8].std((1, 2)).max() < 0.02


def test_a_draft_of_ink_on_old_paper_has_the_tint_of_the_paper_and_no_colours() -> None:
    light = _landscape().mean(1, keepdim=True)  # (1, 1, H, W)
    tint = torch.tensor([0.03, 0.0, -0.03]).view(1, 3, 1, 1)
    drafts = random_drafts((light + tint).expand(20, -1, -1, -1), _rngs(*range(20)))
    chroma = drafts - drafts.mean(1, keepdim=True)
    inside = (drafts > 0.04).all(1) & (drafts < 0.96).all(1)  # not cut off at black and white
    off = (chroma - tint).abs().amax(1)[inside]
    assert off.numel() > 0
    assert float(off.max()) < 0.02
    colored = random_drafts(_landscape().expand(20, -1, -1, -1), _rngs(*range(20)))
    assert float((colored - colored.mean(1, keepdim=True)).abs().max()) > 0.1
