"""Builds the folded network as an ONNX graph.

Input ``images`` uint8 ``[N, 32, 32, 3]``, output ``logits`` float32 ``[N, 10]``. Needs the ``onnx`` package, which the
service does not need.
"""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from model.artifact import WEIGHTS
from model.engines.onnxruntime import IMAGES, LOGITS
from model.labels import CLASSES
from model.network import SIZE
from model.storage import Weights

OPSET = 21
IR_VERSION = 10
"""The version of ONNX 1.16, which introduced this opset."""

WHITEN, HEAD = "whiten", "head"


def build(weights: Weights, name: str) -> onnx.ModelProto:
    """The graph of stored weights, converted to float32."""
    graph = _Graph(weights)
    x = graph.node("Cast", [IMAGES], to=TensorProto.FLOAT)
    x = graph.node("Transpose", [x], perm=[0, 3, 1, 2])
    x = graph.node("Relu", [graph.convolution(WHITEN, x, padding=0)])
    number = 0
    while f"groups.{number}.conv1.weight" in weights:
        x = graph.group(f"groups.{number}", x)
        number += 1
    x = graph.node("Flatten", [graph.node("GlobalMaxPool", [x])])
    graph.node("Gemm", [x, *graph.parameters(HEAD)], name=HEAD, output=LOGITS, transB=1)
    images = helper.make_tensor_value_info(IMAGES, TensorProto.UINT8, ["N", SIZE, SIZE, 3])
    logits = helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, ["N", len(CLASSES)])
    built = helper.make_model(
        helper.make_graph(graph.nodes, name, [images], [logits], graph.initializers),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(built, full_check=True)
    return built


def without_weights(model: onnx.ModelProto) -> bytes:
    """The serialised graph without weights; the engine passes them to the session by name, so they are stored once."""
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    for tensor in bare.graph.initializer:
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=WEIGHTS)
    return bytes(bare.SerializeToString())


class _Graph:
    """A sequence of nodes; each method returns the name of its output."""

    def __init__(self, weights: Weights) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._weights = weights

    def node(self, kind: str, inputs: list[str], *, name: str = "", output: str = "", **attributes: Any) -> str:
        output = output or name or f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=name or output, **attributes))
        return output

    def parameters(self, layer: str) -> list[str]:
        """Add weight and bias of a layer; returns their names."""
        names = [f"{layer}.weight", f"{layer}.bias"]
        self.initializers.extend(
            numpy_helper.from_array(self._weights[name].astype(np.float32), name) for name in names
        )
        return names

    def convolution(self, layer: str, x: str, padding: int = 1) -> str:
        return self.node("Conv", [x, *self.parameters(layer)], name=layer, pads=[padding] * 4)

    def group(self, name: str, x: str) -> str:
        """Add a :class:`model.network.Group`."""
        x = self.convolution(f"{name}.conv1", x)
        entry = self.node("Relu", [self.node("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])])
        x = self.node("Relu", [self.convolution(f"{name}.conv2", entry)])
        if f"{name}.conv3.weight" in self._weights:
            x = self.node("Relu", [self.node("Add", [self.convolution(f"{name}.conv3", x), entry])])
        return x
