"""Parts of graphs, run by ONNX Runtime."""

from collections.abc import Callable

import numpy as np
import onnxruntime
from onnx import helper
from PIL import Image

from ganstyle.export.graph import OPSET, Graph, Value, building, info
from ganstyle.export.model import IR_VERSION


def computed(make: Callable[..., Value], *arrays: np.ndarray) -> np.ndarray:
    """What a part of a graph makes of arrays."""
    with building(Graph()) as graph:
        inputs = [
            graph.input(f"in_{index}", array.dtype.type, tuple(map(str, "abcd"[: array.ndim])))
            for index, array in enumerate(arrays)
        ]
        result = make(*inputs)
        made = graph.finish("part", [info(result, None)])
    model = helper.make_model(
        made, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)]
    )
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    feeds = {f"in_{index}": array for index, array in enumerate(arrays)}
    found: np.ndarray = session.run(None, feeds)[0]
    return found


def planes(image: Image.Image) -> np.ndarray:
    """Pixels of an RGB image as float32 (1, 3, H, W), whole numbers from 0 to 255."""
    return np.ascontiguousarray(np.asarray(image).transpose(2, 0, 1)[None].astype(np.float32))
