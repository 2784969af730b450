"""Converts the training form of the network to its serving form, which computes the same with fewer operations."""

import torch
from torch import nn

from model.network import Network, channel_statistics


def fold(network: Network, temperature: float) -> Network:
    """Fold norms, pixel normalisation, logit scale and temperature into the weights and biases.

    The result maps pixels 0..255 to the logits of ``network`` divided by ``temperature``, exact up to rounding.
    Computed in float64, returned in float32.
    """
    folded = Network(folded=True).double()
    state = {name: tensor.double() for name, tensor in network.state_dict().items()}
    mean, std = (statistic.double() for statistic in channel_statistics())
    whiten = state["whiten.weight"] / std
    weights = {
        "whiten.weight": whiten,
        # Valid because the layer has no padding.
        "whiten.bias": state["whiten.bias"] - (whiten * mean).sum(dim=(1, 2, 3)),
        "head.weight": state["head.weight"] * (network.logit_scale / temperature),
        "head.bias": torch.zeros(len(state["head.weight"]), dtype=torch.double),
    }
    for name, module in network.groups.named_modules(prefix="groups"):
        if isinstance(module, nn.BatchNorm2d):
            conv = name.replace("norm", "conv")
            # The scale is positive, so it commutes with the max pooling between convolution and norm.
            scale = state[f"{name}.weight"] / (state[f"{name}.running_var"] + module.eps).sqrt()
            weights[f"{conv}.weight"] = state[f"{conv}.weight"] * scale[:, None, None, None]
            weights[f"{conv}.bias"] = state[f"{name}.bias"] - state[f"{name}.running_mean"] * scale
    folded.load_state_dict(weights)
    return folded.float().eval()
