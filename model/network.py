"""The convolutional network: a plain chain of 3x3 convolutions that CPUs run fast and int8 does not hurt.

The shape (whitening 2x2 convolution, then groups of convolution and pooling) follows Keller Jordan's
airbench networks for CIFAR-10 (https://github.com/KellerJordan/cifar10-airbench); the widths, ReLU and the
residual third convolution are chosen for about 123 million multiply-accumulates an image.
"""

import torch
from torch import nn

WIDTHS = (64, 192, 320)
RESIDUAL = (False, True, True)
WHITENED_CHANNELS = 24


class Group(nn.Module):
    """Two or three 3x3 convolutions at half the input's resolution; the third adds to its group's first."""

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
        # Pooling before the norm is cheaper and the same: the norm's scale is positive, so max commutes with it.
        entry: torch.Tensor = self.relu(self.norm1(self.pool(self.conv1(x))))
        x = self.relu(self.norm2(self.conv2(entry)))
        if self.residual:
            x = self.relu(self.norm3(self.conv3(x)) + entry)
        return x


class Network(nn.Module):
    """Images ``[N, 3, 32, 32]`` to logits ``[N, 10]``.

    ``folded=False`` is the form that trains: normalised input, batch norms. ``folded=True`` is the form that
    serves: pixels 0..255 as input, and norms, normalisation, logit scale and temperature absorbed by the
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
        """Logits ``[N, 10]``, always in float32: bfloat16 would round confidences to half a percent."""
        logits: torch.Tensor = self.head(features.float()) * self.logit_scale
        return logits

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classify(self.features(x))


def initialise(network: Network, images: torch.Tensor, *, epsilon: float = 5e-4) -> None:
    """Whiten the first layer on normalised ``images`` ``[N, 3, 32, 32]`` and start the others near the identity.

    The first layer's filters become the eigenvectors of the covariance of the images' 2x2 patches, each scaled
    to unit variance, and their negatives, so that ReLU loses nothing. They stay frozen.
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


def _norm(width: int, folded: bool) -> nn.Module:
    if folded:
        return nn.Identity()
    norm = nn.BatchNorm2d(width)
    norm.weight.requires_grad_(False)  # stays 1: the next layer can scale, and folding past the pool needs it positive
    return norm
