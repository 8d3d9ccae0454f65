"""Graphs of ONNX, written as arithmetic on their values.

Nodes and constants go into the graph that is open: the model's, or the body of a loop or a branch.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Union

import numpy as np
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

OPSET = 18
"""Version of the operators: the first that has BitwiseXor. ONNX Runtime 1.14 knows it."""

Operand = Union["Value", np.ndarray, float]
"""Input of an operator; a number or an array becomes a constant."""

Shape = tuple[int | str, ...]
"""Sides of a tensor; a name stands for one that varies."""

_TYPES = {"Less": bool, "Or": bool, "Equal": bool, "Shape": np.int64}
"""Operators whose result is of another type than what goes in."""


@dataclass(eq=False)
class Graph:
    """A graph under construction. Its names are its own: `prefix` tells them from outer ones."""

    prefix: str = ""
    nodes: list[NodeProto] = field(default_factory=list)
    initializers: list[TensorProto] = field(default_factory=list)
    inputs: list[ValueInfoProto] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _constants: dict[object, "Value"] = field(default_factory=dict)

    def name(self, kind: str) -> str:
        """A name that nothing else in the model has."""
        return f"{self.prefix}{kind.lower()}_{next(self._numbers)}"

    def input(self, name: str, dtype: type, shape: Shape) -> "Value":
        """A new input."""
        value = Value(name, np.dtype(dtype))
        self.inputs.append(info(value, shape))
        return value

    def default(self, name: str, default: np.ndarray) -> "Value":
        """A new input that may be left out, as it has a default."""
        self.initializers.append(numpy_helper.from_array(default, name))
        return self.input(name, default.dtype.type, default.shape)

    def constant(self, array: np.ndarray) -> "Value":
        """A value that is always the same."""
        key = array.dtype, array.shape, array.tobytes()
        if key not in self._constants:
            self._constants[key] = Value(self.name("constant"), array.dtype)
            whole = np.ascontiguousarray(array).reshape(array.shape)
            self.initializers.append(numpy_helper.from_array(whole, self._constants[key].name))
        return self._constants[key]

    def finish(self, name: str, outputs: Sequence[ValueInfoProto]) -> GraphProto:
        """The graph with these outputs, as ONNX writes it."""
        return helper.make_graph(self.nodes, name, self.inputs, outputs, self.initializers)


_open: ContextVar[Graph] = ContextVar("open graph")


@contextmanager
def building(graph: Graph) -> Iterator[Graph]:
    """Open a graph: operators go into it until the block ends."""
    token = _open.set(graph)
    try:
        yield graph
    finally:
        _open.reset(token)


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor in a graph, known by its name; arithmetic on it adds nodes."""

    name: str
    dtype: np.dtype[Any]

    def __add__(self, other: Operand) -> "Value":
        return op("Add", self, other)

    def __sub__(self, other: Operand) -> "Value":
        return op("Sub", self, other)

    def __rsub__(self, other: Operand) -> "Value":
        return op("Sub", other, self)

    def __mul__(self, other: Operand) -> "Value":
        return op("Mul", self, other)

    def __truediv__(self, other: Operand) -> "Value":
        """The quotient; of whole numbers from 0 up, rounded down."""
        return op("Div", self, other)

    def __rtruediv__(self, other: Operand) -> "Value":
        return op("Div", other, self)

    def __lt__(self, other: Operand) -> "Value":
        return op("Less", self, other)

    __array_ufunc__ = None  # an array on the left leaves the arithmetic to the value
    __radd__, __rmul__ = __add__, __mul__


def op(kind: str, *inputs: Operand, **attributes: Any) -> Value:
    """The result of an operator, the first if it has several; see results_of()."""
    return results_of(kind, *inputs, results=1, **attributes)[0]


def results_of(kind: str, *inputs: Operand, results: int, **attributes: Any) -> list[Value]:
    """Results of an operator, of the type of what goes in: the caller knows where it is another.

    Numbers among the inputs get the type of the first value.
    """
    graph = _open.get()
    like = next(each.dtype for each in inputs if isinstance(each, Value))
    taken = [
        each if isinstance(each, Value) else graph.constant(_array(each, like)) for each in inputs
    ]
    dtype = np.dtype(_TYPES[kind]) if kind in _TYPES else taken[kind == "Where"].dtype
    made = [Value(graph.name(kind), dtype) for _ in range(results)]
    names = [each.name for each in taken], [each.name for each in made]
    graph.nodes.append(helper.make_node(kind, *names, **attributes))
    return made


def _array(operand: np.ndarray | float, like: np.dtype[Any]) -> np.ndarray:
    return operand if isinstance(operand, np.ndarray) else np.array(operand, like)


def info(value: Value, shape: Shape | None) -> ValueInfoProto:
    """Name, type and shape of a value; no shape for any."""
    kind = helper.np_dtype_to_tensor_dtype(value.dtype)
    return helper.make_tensor_value_info(value.name, kind, shape)


def cast(value: Value, dtype: type) -> Value:
    """A value in another type; floats lose their fraction on the way to whole numbers."""
    kind = np.dtype(dtype)
    if kind == value.dtype:
        return value
    made = op("Cast", value, to=helper.np_dtype_to_tensor_dtype(kind))
    return Value(made.name, kind)


def side(value: Value, axis: int) -> Value:
    """Length of a tensor along an axis, int64."""
    return op("Gather", op("Shape", value), np.array(axis))


def largest(*values: Operand) -> Value:
    """The largest of several, number by number."""
    return op("Max", *values)


def smallest(*values: Operand) -> Value:
    """The smallest of several, number by number."""
    return op("Min", *values)


def total(value: Value, axis: int) -> Value:
    """The sum along an axis, which stays as one of length 1."""
    return op("ReduceSum", value, np.array([axis]), keepdims=1)


def stacked(*numbers: Operand) -> Value:
    """Numbers in a row, (N,)."""
    first = next(each for each in numbers if isinstance(each, Value))
    rows = [
        op("Unsqueeze", each, np.array([0]))
        if isinstance(each, Value)
        else _array(each, first.dtype).reshape(1)
        for each in numbers
    ]
    return op("Concat", *rows, axis=0)


def either(condition: Value, yes: Operand, no: Operand) -> Value:
    """Number by number, yes where the condition holds, and no elsewhere; both must be finite.

    Where is missing in the ONNX Runtime of browsers for some types.
    """
    like = next((each.dtype for each in (yes, no) if isinstance(each, Value)), np.dtype(np.float32))
    share = cast(condition, like.type)
    return share * yes + (1.0 - share) * no


def places(length: Value) -> Value:
    """The whole numbers from 0 to below length, (length,), int64."""
    return op("Range", np.array(0), length, np.array(1))


def on_axis(row: Value, axis: int) -> Value:
    """A row, (N,), as a tensor (1, 1, N, 1) for axis 2, (1, 1, 1, N) for 3."""
    return op("Unsqueeze", row, np.array([each for each in range(4) if each != axis]))


def cut(value: Value, axis: int, stop: Value | int, start: int = 0) -> Value:
    """Part of a tensor along an axis, from start to below stop."""
    end = stacked(stop) if isinstance(stop, Value) else np.array([stop])
    return op("Slice", value, np.array([start]), end, np.array([axis]))


def choose(condition: Value, yes: Callable[[], Value], no: Callable[[], Value]) -> Value:
    """The value of one of two branches, of which the other is not computed."""
    outer = _open.get()
    name = outer.name("chosen")
    branches: dict[str, GraphProto] = {}
    for key, make in (("then_branch", yes), ("else_branch", no)):
        with building(Graph(f"{name}.{key[:4]}.")) as graph:
            value = op("Identity", make())  # a branch may return an outer value, a graph may not
        branches[key] = graph.finish(f"{name}_{key}", [info(value, None)])
    outer.nodes.append(helper.make_node("If", [condition.name], [name], **branches))
    return Value(name, value.dtype)


def loop(count: Value, start: Value, step: Callable[[Value, Value], Value]) -> Value:
    """The value that `count` steps make of start. step: of the number of the step, from 0, int64,
    and the value before it."""
    outer = _open.get()
    name = outer.name("loop")
    with building(Graph(f"{name}.")) as graph:
        index = graph.input(graph.name("index"), np.int64, ())
        going_on = graph.input(graph.name("goes_on"), bool, ())
        before = Value(graph.name("before"), start.dtype)
        graph.inputs.append(info(before, None))
        after = op("Identity", step(index, before))
        kept = op("Identity", going_on)
    body = graph.finish(f"{name}_body", [info(kept, ()), info(after, None)])
    names = [count.name, "", start.name]
    outer.nodes.append(helper.make_node("Loop", names, [name], body=body))
    return Value(name, start.dtype)
