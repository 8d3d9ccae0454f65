"""Exporting needs the packages of the extra `onnx`: without them its tests are left out."""

from importlib.util import find_spec

needed = all(map(find_spec, ("onnx", "onnxruntime")))
collect_ignore_glob = [] if needed else ["test_*.py"]
