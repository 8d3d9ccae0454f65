import pytest
import torch

from ganstyle.errors import DeviceError
from ganstyle.runtime import PRECISIONS, pick_runtime, tune_cpu


def test_auto_finds_something_that_computes() -> None:
    runtime = pick_runtime()
    assert runtime.precision in PRECISIONS
    assert torch.ones(2, device=runtime.device, dtype=runtime.dtype).sum() == 2


def test_insisting_is_obeyed() -> None:
    runtime = pick_runtime("cpu", "bfloat16")
    assert (runtime.device.type, runtime.dtype) == ("cpu", torch.bfloat16)
    with runtime.autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16


def test_a_device_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="sees 0 CUDA devices"):
        pick_runtime("cuda")


@pytest.mark.parametrize(
    ("device", "precision"), [("toaster", "auto"), ("mps", "auto"), ("cpu", "int4")]
)
def test_unknown_names_are_errors(device: str, precision: str) -> None:
    with pytest.raises(DeviceError, match="unknown"):
        pick_runtime(device, precision)


def test_a_tuned_cpu_flushes_numbers_too_small_for_a_normal_float() -> None:
    torch.set_flush_denormal(False)
    tiny = torch.tensor([1e-40])
    assert tiny.mul(0.5).item() > 0
    tune_cpu()
    try:
        assert tiny.mul(0.5).item() == 0
    finally:
        torch.set_flush_denormal(False)


def test_8_bits_are_for_trained_networks_on_cpus_that_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganstyle.runtime.int8_is_native", lambda: True)
    assert pick_runtime("cpu", "int8", trained=True).precision == "int8"
    assert pick_runtime("cpu", trained=True).int8
    assert not pick_runtime("cpu").int8
    assert not pick_runtime("cpu", "float32", trained=True).int8
    with pytest.raises(DeviceError, match="int8: unknown"):
        pick_runtime("cpu", "int8")
    monkeypatch.setattr("ganstyle.runtime.int8_is_native", lambda: False)
    with pytest.raises(DeviceError, match="no fast products"):
        pick_runtime("cpu", "int8", trained=True)
