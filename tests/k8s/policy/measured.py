"""Measured resource use of the container. The manifests' requests and limits must exceed it.

Measured on 2026-11-24 by ``python -m benchmarks.container``, and by hand with the same functions, in containers like
the Deployment's: one of two cores of a busy AMD EPYC virtual machine, cgroup v1, Linux 6.18, podman 4.3.1 with runc;
Python 3.11.2, torch 2.13.0+cpu, numpy 2.4.6, Pillow 13.0.0, gunicorn 27.0.1. ``tests/container/test_memory.py``
measures memory again and fails if it exceeds these figures.

Memory is the charge of the cgroup without the page cache, which the kernel can reclaim.
"""

START_SECONDS = 3.0
"""From start to ready: 1.7 to 2.0 s (n=7), or 2.9 s if the image was not in the page cache (n=1). With 10 to 40 other
processes on the same two cores, 6.1 to 8.6 s (n=25).
"""

CLIENTS = 32

LOADED_MEMORY = 280e6
"""With that many clients that send small images: 245 to 257 MB (n=13) plus 10 %; idle, 227 to 231 MB."""

PEAK_MEMORY = 960e6
"""With eight concurrent uploads of 8 MiB and 16 megapixels, the maximum, two of them being decoded: 909 to 916 MB (n=4)
plus 5 %. Lossless WebP; other formats need less. Without the image's ``MALLOC_MMAP_THRESHOLD_``, it was 910 to 1148 MB
(n=12), and half of it was not freed.
"""

ROOM = 1.3
