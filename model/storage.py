"""How weights ship, and the network they describe: the reference that engines are compared with."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from model.network import Network

Weights = dict[str, NDArray[Any]]


def stored(network: Network) -> Weights:
    """A folded network's tensors as they ship: the 3x3 filters, which are nearly all of it, in float16.

    The rest stays in float32; above all the whitening filters, which cancel the brightness that neighbouring pixels
    share and would no longer do so after rounding.
    """
    return {
        name: (tensor.half() if name.startswith("groups") and tensor.ndim == 4 else tensor).contiguous().numpy()
        for name, tensor in network.state_dict().items()
    }


def restored(weights: Weights) -> Network:
    """The folded network that stored weights describe, ready for inference in float32.

    Raises ``RuntimeError`` when a tensor is missing, unknown or of another shape.
    """
    network = Network(folded=True)
    network.load_state_dict({name: torch.from_numpy(tensor).float() for name, tensor in weights.items()})
    return network.requires_grad_(False).eval()


def reference_logits(network: Network, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits ``[N, 10]`` of a folded network for images ``[N, 32, 32, 3]``, by the plainest way there is."""
    batches = torch.split(torch.from_numpy(images).permute(0, 3, 1, 2), 250)
    with torch.inference_mode():
        logits: NDArray[np.float32] = torch.cat([network(batch.float()) for batch in batches]).numpy()
    return logits
