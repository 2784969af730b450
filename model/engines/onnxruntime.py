"""The ONNX Runtime engine: int8 if the CPU supports it in hardware, else float32. Needs no torch."""

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model.artifact import Artifact
from model.engines import cpu, require_images
from model.engines.golden import choose_precision

IMAGES, LOGITS = "images", "logits"
"""Names of the input and the output of both graphs."""

GRAPHS = {"float32": "network.onnx", "int8": "network-int8.onnx"}
"""Graph files of the artifact, written by ``python -m model.quantise``. The float32 graph contains no weights; they are
read from the file that the torch engine uses."""

ERRORS_ONLY = 3


class OnnxRuntimeEngine:
    """Call :meth:`predict` from one thread at a time; it uses ``threads`` threads for one batch."""

    name = "onnxruntime"

    def __init__(self, artifact: Artifact, precision: str, threads: int) -> None:
        self.precision = precision
        self.threads = threads
        self._size = artifact.card.size
        options = onnxruntime.SessionOptions()
        options.log_severity_level = ERRORS_ONLY
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that spin while they wait for work would take CPU time from the threads that decode images.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if precision == "float32":
            weights = {name: tensor.astype(np.float32) for name, tensor in artifact.weights().items()}
            values = [onnxruntime.OrtValue.ortvalue_from_numpy(tensor) for tensor in weights.values()]
            options.add_external_initializers(list(weights), values)
        graph = artifact.content(GRAPHS[precision])
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits ``[N, 10]`` of uint8 RGB images ``[N, 32, 32, 3]``; raises ``ValueError`` for anything else."""
        require_images(images, self._size)
        logits: NDArray[np.float32] = self._session.run([LOGITS], {IMAGES: np.ascontiguousarray(images)})[0]
        return logits


def load(artifact: Artifact, *, precision: str, threads: int) -> OnnxRuntimeEngine:
    """``auto`` selects int8 if the CPU has instructions for it and the golden images pass, else float32."""
    threads = threads or cpu.default_threads()

    def build(chosen: str) -> OnnxRuntimeEngine:
        return OnnxRuntimeEngine(artifact, chosen, threads)

    return choose_precision(build, artifact, precision, fast="int8", supported=cpu.has_int8())
