"""A style as a model of ONNX: pixels of a picture in, pixels of the painting out."""

import json
from dataclasses import asdict

import numpy as np
from onnx import GraphProto, ModelProto, helper

import ganstyle
from ganstyle.config import Dials
from ganstyle.export.finishing import at_full_size
from ganstyle.export.graph import OPSET, Graph, Value, building, cast, choose, either, info, op
from ganstyle.export.kuwahara import careful_draft
from ganstyle.export.levels import LEVELS_APART, Levels, canvas_of, painted
from ganstyle.export.resizing import Size, resized_in_bytes, smooth
from ganstyle.export.tones import tone_map
from ganstyle.models.generator import Generator
from ganstyle.painting import content
from ganstyle.sources.easel import Easel
from ganstyle.sources.looks import brush_of
from ganstyle.styles import StyleInfo

IR_VERSION = 8
"""Version of the file format that came with the operators."""

INPUT, OUTPUT = "image", "painting"
"""Pixels in and out: uint8 (1, height, width, 3), sRGB."""

BRUSH, SEED, DRAFT = "brush", "seed", "draft"
"""Dials that are inputs: float32, int64 and bool, a single number each."""

_LUMA = (19595, 38470, 7471)
"""Weights of red, green and blue in Pillow's grey, in 65536ths."""


def build_model(
    generator: Generator, dials: Dials, style: StyleInfo, *, optional: bool = True
) -> ModelProto:
    """The model of a style.

    dials: its brush, its seed and whether it takes drafts are inputs, the rest is built in.
    optional: whether these inputs have the dials' values as defaults; a browser's runtime cannot
    set such inputs.
    """
    easel = generator.config.easel
    with building(Graph()) as graph:
        image = graph.input(INPUT, np.uint8, (1, "height", "width", 3))

        def dial(name: str, value: np.ndarray) -> Value:
            if optional:
                return graph.default(name, value)
            return graph.input(name, value.dtype.type, ())

        seed = dial(SEED, np.array(dials.seed))
        levels = op("Transpose", cast(image, np.float32), perm=[0, 3, 1, 2])
        if easel is None:
            ones = cast(seed * 0 + 1, np.float32)
            canvas = canvas_of(generator, levels, seed * LEVELS_APART, ones)
        else:
            brush = dial(BRUSH, np.array(brush_of(dials), np.float32))
            draft = dial(DRAFT, np.array(dials.treat_as == "draft"))
            easel = content.as_asked(easel, dials)
            canvas = at_full_size(
                _painting(generator, easel, levels, brush, seed, draft), Size.of(levels)
            )
        result = op("Transpose", cast(canvas, np.uint8), perm=[0, 2, 3, 1])
        graph.nodes[-1].output[0] = OUTPUT
        shown = info(Value(OUTPUT, result.dtype), (1, "height", "width", 3))
        made = graph.finish(style.style, [shown])
    return _with_metadata(made, style, dials)


def _painting(
    generator: Generator, easel: Easel, image: Value, brush: Value, seed: Value, draft: Value
) -> Value:
    """The last canvas of a picture, both (1, 3, H, W) in whole numbers up to 255."""
    size = Size.of(image)
    most = np.array([content._MOST_ENLARGED, content._MOST_ENLARGED_DRAFT], np.int64)
    sides = np.array([easel.photo_side, easel.side], np.int64)
    finest = np.array([easel.finest_side, 0], np.int64)
    kind = cast(draft, np.int64)
    levels = Levels.of(
        size,
        op("Gather", sides, kind),
        brush,
        most_enlarged=op("Gather", most, kind),
        finest=op("Gather", finest, kind),
    )
    first = levels.size_of(seed * 0)
    small = resized_in_bytes(image, first, smooth(size, first))

    def photo_source() -> Value:
        return careful_draft(small, easel.photo, tone_map(small / 255.0, easel))

    def draft_source() -> Value:
        if not (easel.tones and easel.tones.is_gray):
            return small
        gray = _gray(image)
        return resized_in_bytes(gray, first, smooth(size, first))

    source = choose(draft, draft_source, photo_source)
    invention = cast(either(draft, easel.draft_invention, easel.invention), np.float32)
    return painted(generator, easel, levels, source, seed, invention)


def _gray(image: Value) -> Value:
    """Grey as Pillow makes it, in three equal channels."""
    weights = np.tile(np.array(_LUMA, np.float32), (3, 1))[:, :, None, None] / 65536
    return op("Floor", op("Conv", image, weights) + 0.5)


def _with_metadata(graph: GraphProto, style: StyleInfo, dials: Dials) -> ModelProto:
    """The model of a graph, with what a reader wants to know about it."""
    model = helper.make_model(
        graph,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="ganstyle",
        producer_version=ganstyle.__version__,
        doc_string=f"{style.title or style.style}: paints pictures in this style.",
    )
    helper.set_model_props(
        model,
        {
            "style": style.style,
            "title": style.title,
            "licence": style.licence,
            "attribution": style.attribution,
            "opset": str(OPSET),
            "sizes": "1x1 px and more; height and width vary from call to call",
            "image": "uint8 (1, height, width, 3), sRGB; so is the painting",
            "dials": json.dumps({**asdict(dials), "brush": brush_of(dials)}, sort_keys=True),
        },
    )
    return model
