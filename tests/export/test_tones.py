from dataclasses import replace

import numpy as np
import pytest
import torch

from ganstyle.export.tones import tone_map
from ganstyle.images.tensors import to_tensor
from ganstyle.sources.easel import Easel
from ganstyle.sources.tones import ToneMap, Tones
from tests.conftest import picture
from tests.export.running import computed, planes

PICTURES = [to_tensor(picture(80, 60, seed=seed)) for seed in range(1, 7)]
GRAY = [each.float().mean(2, keepdim=True).expand(-1, -1, 3).byte() for each in PICTURES]
EASEL = Easel(tones=Tones.of(PICTURES), keep_tone=0.3, palette=0.8, tone_share=0.5)


@pytest.mark.parametrize(
    "easel",
    [
        EASEL,
        replace(EASEL, keep_tone=1.0),
        replace(EASEL, palette=0.0),
        replace(EASEL, keep_tone=1.0, palette=0.0),
        replace(EASEL, tones=Tones.of(GRAY)),
        replace(EASEL, tones=None),
    ],
    ids=["both", "colors", "light", "neither", "gray", "none"],
)
@pytest.mark.parametrize("size", [(150, 111), (20, 31)])
def test_a_photo_gets_the_same_tones(easel: Easel, size: tuple[int, int]) -> None:
    image = planes(picture(*size)) / 255
    photo = torch.from_numpy(image)
    wanted = photo
    if easel.tones:
        light, color, share = 1 - easel.keep_tone, easel.palette, easel.tone_share
        wanted = ToneMap.of(photo, easel.tones, light=light, color=color, share=share)(photo)
    found = computed(lambda x: tone_map(x, easel)(x) * 1.0, image)
    assert np.abs(found - wanted.numpy()).max() < 2e-3
    assert np.abs(found - wanted.numpy()).mean() < 1e-4
