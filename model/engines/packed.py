"""The folded network on oneDNN's own operations: filters laid out once, ReLU and addition fused into convolutions.

Eager PyTorch lays every filter out anew on every call; at batch size 1 that is a third of the time. These are the
operations that ``torch.compile`` emits on CPUs. They are not PyTorch's public interface, so :func:`pack` says when
they are missing, and golden images catch it if they change.
"""

import torch
from torch import nn

from model.engines import graph
from model.engines.graph import Function, Graph
from model.network import Group, Network
from model.preprocess import SIZE

DTYPES = {torch.float32: 6, torch.bfloat16: 15}
"""As the graph numbers them (``c10::ScalarType``)."""


def pack(network: Network, dtype: torch.dtype) -> Function | None:
    """A function from pixels ``[N, 3, 32, 32]`` (0..255, any type) to logits, or ``None`` where that can't be had.

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
    """A graph that knows the network's parts."""

    def group(self, group: Group, x: str, side: int, dtype: torch.dtype) -> str:
        """What :class:`model.network.Group` computes, from inputs of ``side`` pixels."""
        entry = self.convolution(group.conv1, x, side, dtype)
        entry = self.operation("aten::max_pool2d", entry, (2, 2), (2, 2), (0, 0), (1, 1), False)
        x = self.convolution(group.conv2, entry, side // 2, dtype)
        if not group.residual:
            return x
        weights = self._weights_of(group.conv3, side // 2, dtype)
        geometry = _geometry(group.conv3)
        # Computes in place: the sum is written over the group's entry, which nobody needs any more.
        return self.operation(
            "mkldnn::_convolution_pointwise_", entry, x, *weights, *geometry, "add", 1.0, "relu", (), ""
        )

    def convolution(self, conv: nn.Conv2d, x: str, side: int, dtype: torch.dtype) -> str:
        """ReLU of the convolution."""
        weights = self._weights_of(conv, side, dtype)
        return self.operation("mkldnn::_convolution_pointwise", x, *weights, *_geometry(conv), "relu", (), "")

    def convert(self, x: str, dtype: torch.dtype) -> str:
        return self.operation("aten::to", x, DTYPES[dtype], False, False, None)

    def _weights_of(self, conv: nn.Conv2d, side: int, dtype: torch.dtype) -> tuple[str, str]:
        assert conv.bias is not None
        shape = [1, conv.in_channels, side, side]  # a hint; the packed filters take any batch and image size
        filters = torch.ops.aten.mkldnn_reorder_conv2d_weight(
            conv.weight.detach().to(dtype).to_mkldnn(), *_geometry(conv), shape
        )
        return self.weight(filters), self.weight(conv.bias.detach().to(dtype))


def _geometry(conv: nn.Conv2d) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], int]:
    assert not isinstance(conv.padding, str)
    return tuple(conv.padding), tuple(conv.stride), tuple(conv.dilation), conv.groups
