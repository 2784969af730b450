"""Stored weights and the reference network restored from them, which engines are compared with."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from model.network import Network

Weights = dict[str, NDArray[Any]]


def stored(network: Network) -> Weights:
    """The tensors of a folded network for the artifact: the 3x3 filters, which are most of its size, in float16.

    The rest stays in float32. The whitening filters cancel the common brightness of neighbouring pixels, and rounded
    filters would not.
    """
    return {
        name: (tensor.half() if name.startswith("groups") and tensor.ndim == 4 else tensor).contiguous().numpy()
        for name, tensor in network.state_dict().items()
    }


def restored(weights: Weights) -> Network:
    """The folded network of stored weights, ready for inference in float32.

    Raises ``RuntimeError`` if a tensor is missing, unknown or of another shape.
    """
    network = Network(folded=True)
    network.load_state_dict({name: torch.from_numpy(tensor).float() for name, tensor in weights.items()})
    return network.requires_grad_(False).eval()


def reference_logits(network: Network, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits ``[N, 10]`` of a folded network for images ``[N, 32, 32, 3]``, computed without optimisations."""
    batches = torch.split(torch.from_numpy(images).permute(0, 3, 1, 2), 250)
    with torch.inference_mode():
        logits: NDArray[np.float32] = torch.cat([network(batch.float()) for batch in batches]).numpy()
    return logits
