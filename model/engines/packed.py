"""The folded network on oneDNN's own operations: filters laid out once, ReLU and addition fused into convolutions.

Eager PyTorch lays every filter out anew on every call; at batch size 1 that is a third of the time. These are the
operations that ``torch.compile`` emits on CPUs. They are not PyTorch's public interface, so :func:`pack` says when
they are missing, and golden images catch it if they change.
"""

from collections.abc import Callable

import torch
from torch import nn

from model.network import Group, Network
from model.preprocess import SIZE

Forward = Callable[[torch.Tensor], torch.Tensor]


def pack(network: Network, dtype: torch.dtype) -> Forward | None:
    """A function from pixels ``[N, 3, 32, 32]`` (0..255, float32) to logits, or ``None`` where that can't be had.

    The groups compute in ``dtype``, the whitening layer and the head in float32.
    """
    if not _available(dtype):
        return None
    side = SIZE - 1
    whiten = _Convolution(network.whiten, SIZE, torch.float32)
    groups = []
    for group in network.groups:
        assert isinstance(group, Group)
        groups.append(_PackedGroup(group, side, dtype))
        side //= 2

    def forward(pixels: torch.Tensor) -> torch.Tensor:
        x = whiten(pixels, "relu").to(dtype)
        for group in groups:
            x = group(x)
        return network.classify(x.amax((2, 3)))

    return forward


def _available(dtype: torch.dtype) -> bool:
    if not torch._C._has_mkldnn or not hasattr(torch.ops.mkldnn, "_convolution_pointwise"):
        return False
    return dtype == torch.float32 or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


class _PackedGroup:
    """What :class:`model.network.Group` computes."""

    def __init__(self, group: Group, side: int, dtype: torch.dtype) -> None:
        self._conv1 = _Convolution(group.conv1, side, dtype)
        self._conv2 = _Convolution(group.conv2, side // 2, dtype)
        self._conv3 = _Convolution(group.conv3, side // 2, dtype) if group.residual else None

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        entry = torch.max_pool2d(self._conv1(x, "relu"), 2)
        x = self._conv2(entry, "relu")
        return x if self._conv3 is None else self._conv3.add_relu(x, entry)


class _Convolution:
    def __init__(self, conv: nn.Conv2d, side: int, dtype: torch.dtype) -> None:
        assert conv.bias is not None
        shape = [1, conv.in_channels, side, side]  # a hint; the packed filters take any batch and image size
        self._geometry = (list(conv.padding), list(conv.stride), list(conv.dilation), conv.groups)
        self._bias = conv.bias.detach().to(dtype)
        self._filters = torch.ops.aten.mkldnn_reorder_conv2d_weight(
            conv.weight.detach().to(dtype).to_mkldnn(), *self._geometry, shape
        )

    def __call__(self, x: torch.Tensor, then: str = "none") -> torch.Tensor:
        result: torch.Tensor = torch.ops.mkldnn._convolution_pointwise.default(
            x, self._filters, self._bias, *self._geometry, then, [], ""
        )
        return result

    def add_relu(self, x: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        """ReLU of convolution plus ``other``, written over ``other``."""
        result: torch.Tensor = torch.ops.mkldnn._convolution_pointwise_.binary(
            other, x, self._filters, self._bias, *self._geometry, "add", 1.0, "relu", [], ""
        )
        return result
