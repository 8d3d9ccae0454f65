from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ganstyle.errors import DeviceError
from ganstyle.models import int8_kernel
from ganstyle.models.int8_kernel import Int8Kernel, int8_problem
from ganstyle.painting.calibration import measured_for_int8
from ganstyle.painting.painter import Painter
from ganstyle.runtime import Runtime, int8_is_native
from tests.conftest import PAINTING, TINY, lively_generator, picture

INT8 = Runtime(torch.device("cpu"), torch.bfloat16, int8=True)

NAMES = "qconv_prepack", "qconv2d_pointwise", "qlinear_prepack", "qlinear_pointwise"

needs_int8 = pytest.mark.skipif(not int8_is_native(), reason="needs fast 8-bit products")


@pytest.fixture
def operators(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Puts others in the place of torch's operators."""

    def put(**replaced: Callable[..., Tensor]) -> None:
        real = torch.ops.onednn
        own = {name: getattr(real, name) for name in NAMES}
        monkeypatch.setattr(int8_kernel, "_operators", lambda: SimpleNamespace(**own | replaced))

    int8_problem.cache_clear()
    yield put
    int8_problem.cache_clear()


@needs_int8
@pytest.mark.parametrize("channels", [(3, 5), (12, 32), (64, 64), (128, 16)])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("zero", [0, 77, 128, 255])
def test_sums_are_exact(channels: tuple[int, int], stride: int, zero: int) -> None:
    """Whole numbers, largest ones included, against int64."""
    inputs, outputs = channels
    rng = torch.Generator().manual_seed(inputs)
    x = torch.randint(256, (2, 7, 11, inputs), generator=rng, dtype=torch.uint8)
    x[:, :, :5] = 255 * (zero < 128)  # as far from zero as can be, in long rows
    weight = torch.randint(-127, 128, (outputs, inputs, 3, 3), generator=rng)
    weight[0] = 127
    weight[1] = -127
    weight[:, 0, 0, 0] = 127
    bias = torch.randint(-(2**15), 2**15, (outputs,), generator=rng)
    found = Int8Kernel(weight.float(), bias.float(), stride=stride, zero=zero)(x)
    patches = (x.long() - zero).unfold(1, 3, stride).unfold(2, 3, stride)  # (B, H, W, C, 3, 3)
    sums = torch.einsum("bhwcyx,ocyx->bhwo", patches, weight)
    # float32 holds whole numbers up to 2^24; beyond, the nearest that it has.
    assert torch.equal(found, sums.float() + bias.float())


@needs_int8
def test_silu_is_within_half_a_step() -> None:
    rng = torch.Generator().manual_seed(0)
    x = torch.randint(256, (1, 8, 8, 16), generator=rng, dtype=torch.uint8)
    weight, bias = torch.randn(16, 16, 3, 3, generator=rng) / 500, torch.zeros(16)
    size, zero = 0.02, 14
    found = Int8Kernel(weight, bias, to=(size, zero), silu=True)(x)
    sums = Int8Kernel(weight, bias)(x)  # exact, as the test above shows
    expected = F.silu(sums) / size + zero
    assert found.dtype == torch.uint8
    within = (expected > 1) & (expected < 254)
    assert within.float().mean() > 0.5
    assert (found - expected).abs()[within].max() < 0.51


@needs_int8
def test_there_is_no_problem_here() -> None:
    assert int8_problem() == ""


def _raises(*_: object) -> Tensor:
    raise RuntimeError("qconv2d_pointwise() expected at most 12 argument(s)\nDeclaration: long")


def _off_by_one(*arguments: object) -> Tensor:
    result: Tensor = torch.ops.onednn.qconv2d_pointwise(*arguments)
    if result.is_floating_point():
        result[0, 0, 0, 0] += 1
    return result


def _without_silu(*arguments: object) -> Tensor:
    silent = ["none" if argument == "swish" else argument for argument in arguments]
    result: Tensor = torch.ops.onednn.qconv2d_pointwise(*silent)
    return result


BROKEN = [
    (_raises, "8 bits fail (RuntimeError: qconv2d_pointwise() expected at most 12 argument(s))"),
    (_off_by_one, "8 bits are off by 1"),
    (_without_silu, "8 bits are off by "),
]


@needs_int8
@pytest.mark.parametrize(("operator", "told"), BROKEN)
@pytest.mark.filterwarnings("error")
def test_a_broken_operator_is_found_out_and_left_alone(
    operators: Callable[..., None],
    operator: Callable[..., Tensor],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    photo = picture(60, 40)
    generator = lively_generator(replace(PAINTING, int8=True))
    in_8_bits = Painter(generator, runtime=INT8)
    in_bfloat16 = Painter(generator, device="cpu", precision="bfloat16")
    assert (in_8_bits.runtime.precision, in_8_bits.int8_problem) == ("int8", "")
    int8_problem.cache_clear()
    operators(qconv2d_pointwise=operator)
    painter = Painter(generator, runtime=INT8)
    assert painter.runtime.precision == "bfloat16"
    assert painter.int8_problem.startswith(f"torch {torch.__version__}: ")
    assert told in painter.int8_problem
    assert painter(photo).tobytes() == in_bfloat16(photo).tobytes()
    assert "".join(capsys.readouterr()) == ""
    with pytest.raises(DeviceError, match="convolutions of 8 bits"):
        measured_for_int8(lively_generator(TINY), [photo], [photo])


@needs_int8
def test_operators_are_tried_once_and_only_where_8_bits_are_asked_for(
    operators: Callable[..., None],
) -> None:
    tried: list[int] = []

    def count(*arguments: object) -> Tensor:
        tried.append(1)
        result: Tensor = torch.ops.onednn.qconv2d_pointwise(*arguments)
        return result

    operators(qconv2d_pointwise=count)
    Painter(lively_generator(TINY), device="cpu")
    Painter(lively_generator(replace(TINY, int8=True)), device="cpu", precision="float32")
    assert not tried
    Painter(lively_generator(replace(TINY, int8=True)), device="cpu")
    first = len(tried)
    assert first
    Painter(lively_generator(replace(TINY, int8=True)), device="cpu")
    assert len(tried) == first


def test_a_torch_without_the_operators_is_told(
    operators: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(int8_kernel, "_operators", SimpleNamespace)
    assert "8 bits fail (AttributeError: " in int8_problem()
