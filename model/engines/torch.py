"""The PyTorch engine: folded norms, channels last, bfloat16 if the CPU supports it in hardware."""

import contextlib

import numpy as np
import torch
from numpy.typing import NDArray

from model.artifact import Artifact
from model.engines import cpu, require_images
from model.engines.golden import choose_precision
from model.engines.graph import Function
from model.engines.packed import pack
from model.network import SIZE, Network
from model.storage import Weights, restored


class TorchEngine:
    """Call :meth:`predict` from one thread at a time; it uses ``threads`` threads for one batch."""

    name = "torch"

    def __init__(self, weights: Weights, precision: str, threads: int, *, packed: bool = True) -> None:
        self.precision = precision
        self.threads = threads
        torch.set_num_threads(threads)
        with contextlib.suppress(RuntimeError):  # can be set only once in a process, before the first use
            torch.set_num_interop_threads(1)
        network = restored(weights)
        dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
        self._forward = (pack(network, dtype) if packed else None) or _eager(network, dtype)

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits ``[N, 10]`` of uint8 RGB images ``[N, 32, 32, 3]``; raises ``ValueError`` for anything else."""
        require_images(images, SIZE)
        with torch.inference_mode():
            # A view in PyTorch's channels-last format; only read-only arrays are copied.
            pixels = torch.from_numpy(np.require(images, requirements=["C", "W"])).permute(0, 3, 1, 2)
            logits: NDArray[np.float32] = self._forward(pixels).numpy()
        return logits


def load(artifact: Artifact, *, precision: str, threads: int) -> TorchEngine:
    """``auto`` selects bfloat16 if the CPU supports it and the golden images pass, else float32."""
    weights = artifact.weights()
    threads = threads or cpu.default_threads()

    def build(chosen: str) -> TorchEngine:
        return TorchEngine(weights, chosen, threads)

    return choose_precision(build, artifact, precision, fast="bfloat16", supported=cpu.has_bfloat16())


def _eager(network: Network, dtype: torch.dtype) -> Function:
    # The whitening layer stays in float32: it scales small differences between neighbouring pixels, and weights rounded
    # to bfloat16 would add the pixels' common brightness to them.
    network.register_forward_pre_hook(lambda _, inputs: (inputs[0].float(),))
    network.groups.to(dtype)
    network.groups.register_forward_pre_hook(lambda _, inputs: (inputs[0].to(dtype),))
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
