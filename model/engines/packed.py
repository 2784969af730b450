"""The folded network on oneDNN's operations: filters reordered once, ReLU and addition fused into convolutions.

Eager PyTorch reorders every filter on every call. These are the operations that ``torch.compile`` emits on CPUs. They
are not part of PyTorch's public interface: :func:`pack` returns ``None`` if they are missing, and the golden images
detect a change in what they compute.
"""

import torch
from torch import nn

from model.engines import graph
from model.engines.graph import Function, Graph
from model.network import SIZE, Group, Network

DTYPES = {torch.float32: 6, torch.bfloat16: 15}
"""Numbers of the types in ``c10::ScalarType``, which the graph uses."""


def pack(network: Network, dtype: torch.dtype) -> Function | None:
    """A function from pixels ``[N, 3, 32, 32]`` (0..255, any type) to logits, or ``None`` if oneDNN is not available.

    The groups compute in ``dtype``, the whitening layer and the head in float32.
    """
    if not _available(dtype):
        return None
    packed = _Packed()
    side = SIZE - 1
    x = packed.convert(Graph.INPUT, torch.float32)
    x = packed.convert(packed.convolution(network.whiten, x, SIZE, torch.float32), dtype)
    for group in network.groups:
        assert isinstance(group, Group)
        x = packed.group(group, x, side, dtype)
        side //= 2
    x = packed.operation("aten::amax", x, (2, 3), False)
    head, bias = network.head.weight.detach(), network.head.bias.detach()
    logits = packed.operation(
        "aten::linear", packed.convert(x, torch.float32), packed.weight(head), packed.weight(bias)
    )
    return packed.function(logits)


def _available(dtype: torch.dtype) -> bool:
    if not torch._C._has_mkldnn or not hasattr(torch.ops.mkldnn, "_convolution_pointwise") or not graph.available():
        return False
    return dtype == torch.float32 or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


class _Packed(Graph):
    """A graph with the network's layers as operations."""

    def group(self, group: Group, x: str, side: int, dtype: torch.dtype) -> str:
        """Add a :class:`model.network.Group` whose input is ``side`` pixels high and wide."""
        entry = self.convolution(group.conv1, x, side, dtype)
        entry = self.operation("aten::max_pool2d", entry, (2, 2), (2, 2), (0, 0), (1, 1), False)
        x = self.convolution(group.conv2, entry, side // 2, dtype)
        if not group.residual:
            return x
        weights = self._weights_of(group.conv3, side // 2, dtype)
        geometry = _geometry(group.conv3)
        # In place: the sum overwrites the input of the residual addition, which is not used again.
        return self.operation(
            "mkldnn::_convolution_pointwise_", entry, x, *weights, *geometry, "add", 1.0, "relu", (), ""
        )

    def convolution(self, conv: nn.Conv2d, x: str, side: int, dtype: torch.dtype) -> str:
        """Add a convolution followed by ReLU."""
        weights = self._weights_of(conv, side, dtype)
        return self.operation("mkldnn::_convolution_pointwise", x, *weights, *_geometry(conv), "relu", (), "")

    def convert(self, x: str, dtype: torch.dtype) -> str:
        return self.operation("aten::to", x, DTYPES[dtype], False, False, None)

    def _weights_of(self, conv: nn.Conv2d, side: int, dtype: torch.dtype) -> tuple[str, str]:
        assert conv.bias is not None
        shape = [1, conv.in_channels, side, side]  # a hint; the reordered filters work with any batch and image size
        filters = torch.ops.aten.mkldnn_reorder_conv2d_weight(
            conv.weight.detach().to(dtype).to_mkldnn(), *_geometry(conv), shape
        )
        return self.weight(filters), self.weight(conv.bias.detach().to(dtype))


def _geometry(conv: nn.Conv2d) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], int]:
    assert not isinstance(conv.padding, str)
    return tuple(conv.padding), tuple(conv.stride), tuple(conv.dilation), conv.groups
