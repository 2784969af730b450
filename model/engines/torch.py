"""The network in PyTorch: norms folded, channels last, bfloat16 where the CPU multiplies it in hardware."""

import contextlib

import numpy as np
import torch
from numpy.typing import NDArray

from model.artifact import Artifact
from model.engines import cpu
from model.engines.choice import built
from model.engines.graph import Function
from model.engines.inputs import require_images
from model.engines.packed import pack
from model.network import Network
from model.preprocess import SIZE
from model.storage import Weights, restored


class TorchEngine:
    """Call :meth:`predict` from one thread at a time: it spreads one batch over ``threads`` cores itself."""

    name = "torch"

    def __init__(self, weights: Weights, precision: str, threads: int, *, packed: bool = True) -> None:
        self.precision = precision
        self.threads = threads
        torch.set_num_threads(threads)
        with contextlib.suppress(RuntimeError):  # can be set only once in a process, and only before the first use
            torch.set_num_interop_threads(1)
        network = restored(weights)
        dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
        self._forward = (pack(network, dtype) if packed else None) or _eager(network, dtype)

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits ``[N, 10]`` of uint8 RGB images ``[N, 32, 32, 3]``; raises ``ValueError`` for anything else."""
        require_images(images, SIZE)
        with torch.inference_mode():
            # A view: pixels interleaved by channel are what PyTorch calls channels last. Copies only what is read-only.
            pixels = torch.from_numpy(np.require(images, requirements=["C", "W"])).permute(0, 3, 1, 2)
            logits: NDArray[np.float32] = self._forward(pixels).numpy()
        return logits


def load(artifact: Artifact, *, precision: str, threads: int) -> TorchEngine:
    """``auto`` takes bfloat16 when the CPU has it and the golden images agree, else float32."""
    weights = artifact.weights()
    threads = threads or cpu.default_threads()

    def build(chosen: str) -> TorchEngine:
        return TorchEngine(weights, chosen, threads)

    return built(build, artifact, precision, fast="bfloat16", supported=cpu.has_bfloat16())


def _eager(network: Network, dtype: torch.dtype) -> Function:
    # The whitening layer stays in float32: it turns differences of neighbouring pixels, each up to 255, into unit
    # variance, and bfloat16's rounding of its weights would leak their common brightness into them.
    network.register_forward_pre_hook(lambda _, inputs: (inputs[0].float(),))
    network.groups.to(dtype)
    network.groups.register_forward_pre_hook(lambda _, inputs: (inputs[0].to(dtype),))
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
