"""The convolutional network and its input normalisation.

It is a chain of 3x3 convolutions, which run fast on CPUs and lose little accuracy in int8.

The shape (whitening 2x2 convolution, then groups of convolution and pooling) follows Keller Jordan's
airbench networks for CIFAR-10 (https://github.com/KellerJordan/cifar10-airbench); the widths, ReLU and the
residual third convolution are chosen for about 123 million multiply-accumulates an image.
"""

import torch
from torch import nn

SIZE = 32
"""Height and width of the input in pixels."""

MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)
"""Mean and standard deviation of CIFAR-10's training pixels (RGB, on the 0..1 scale)."""

WIDTHS = (64, 192, 320)
RESIDUAL = (False, True, True)
WHITENED_CHANNELS = 24


class Group(nn.Module):
    """Two or three 3x3 convolutions at half the input's resolution; the third is added to the output of the first."""

    def __init__(self, inputs: int, width: int, *, residual: bool, folded: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, padding=1, bias=folded)
        self.norm1 = _norm(width, folded)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=folded)
        self.norm2 = _norm(width, folded)
        self.residual = residual
        if residual:
            self.conv3 = nn.Conv2d(width, width, 3, padding=1, bias=folded)
            self.norm3 = _norm(width, folded)
        self.pool = nn.MaxPool2d(2)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # Pooling before the norm is cheaper and equivalent, because the scale of the norm is positive.
        entry: torch.Tensor = self.relu(self.norm1(self.pool(self.conv1(x))))
        x = self.relu(self.norm2(self.conv2(entry)))
        if self.residual:
            x = self.relu(self.norm3(self.conv3(x)) + entry)
        return x


class Network(nn.Module):
    """Images ``[N, 3, 32, 32]`` to logits ``[N, 10]``.

    ``folded=False`` is the training form: normalised input, batch norms. ``folded=True`` is the serving form: its
    input is pixels 0..255, and norms, normalisation, logit scale and temperature are part of the weights of the
    convolutions and the head (:func:`model.fold.fold`).
    """

    def __init__(self, *, folded: bool = False) -> None:
        super().__init__()
        self.whiten = nn.Conv2d(3, WHITENED_CHANNELS, 2)
        self.relu = nn.ReLU(inplace=True)
        inputs = (WHITENED_CHANNELS, *WIDTHS[:-1])
        self.groups = nn.Sequential(
            *(
                Group(before, width, residual=residual, folded=folded)
                for before, width, residual in zip(inputs, WIDTHS, RESIDUAL, strict=True)
            )
        )
        self.pool = nn.MaxPool2d(3)
        self.head = nn.Linear(WIDTHS[-1], 10, bias=folded)
        self.logit_scale = 1.0 if folded else 1.0 / WIDTHS[-1]

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """Pooled features ``[N, 320]`` of a batch; may run in bfloat16."""
        features: torch.Tensor = self.pool(self.groups(self.relu(self.whiten(x)))).flatten(1)
        return features

    def classify(self, features: torch.Tensor) -> torch.Tensor:
        """Logits ``[N, 10]``, always in float32: in bfloat16 confidences would be rounded to half a percent."""
        logits: torch.Tensor = self.head(features.float()) * self.logit_scale
        return logits

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classify(self.features(x))


def initialise(network: Network, images: torch.Tensor, *, epsilon: float = 5e-4) -> None:
    """Set the initial weights: whitening from normalised ``images`` ``[N, 3, 32, 32]``, the rest near the identity.

    The filters of the first layer are the eigenvectors of the covariance of the images' 2x2 patches, scaled to unit
    variance, and their negatives, so that ReLU loses no information. They are frozen.
    """
    patches = images.unfold(2, 2, 1).unfold(3, 2, 1).permute(0, 2, 3, 1, 4, 5).reshape(-1, 12).double()
    values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
    filters = (vectors.T / (values[:, None] + epsilon).sqrt()).float().view(12, 3, 2, 2)
    network.whiten.weight.data.copy_(torch.cat((filters, -filters)))
    network.whiten.weight.requires_grad_(False)
    assert network.whiten.bias is not None
    nn.init.zeros_(network.whiten.bias)
    for module in network.groups.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.dirac_(module.weight[: module.in_channels])


def channel_statistics() -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation on the 0..255 scale, each shaped ``[1, 3, 1, 1]``."""
    shape = (1, 3, 1, 1)
    return torch.tensor(MEAN).view(shape) * 255, torch.tensor(STD).view(shape) * 255


def normalise(pixels: torch.Tensor) -> torch.Tensor:
    """Scale pixels ``[N, 3, H, W]`` (0..255, any dtype) to zero mean and unit variance, float32, channels last.

    Only training uses it; the serving form contains the same arithmetic in its first layer.
    """
    mean, std = channel_statistics()
    return ((pixels.float() - mean) / std).contiguous(memory_format=torch.channels_last)


def _norm(width: int, folded: bool) -> nn.Module:
    if folded:
        return nn.Identity()
    norm = nn.BatchNorm2d(width)
    norm.weight.requires_grad_(False)  # stays 1: folding needs a positive scale
    return norm
