"""What every engine takes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def require_images(images: NDArray[Any], size: int) -> None:
    """Raise ``ValueError`` unless these are uint8 RGB images ``[N, size, size, 3]``."""
    if images.ndim != 4 or images.shape[1:] != (size, size, 3) or images.dtype != np.uint8:
        raise ValueError(f"expected uint8 images [N, {size}, {size}, 3], got {images.dtype} {list(images.shape)}")
