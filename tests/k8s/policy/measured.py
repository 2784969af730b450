"""What the container was measured to need; the manifests' numbers have to leave room above it.

Measured on 2026-11-24 by ``python -m tests.bench.container`` and by hand with the same parts, in containers as the
Deployment has them: one of the two cores of an AMD EPYC virtual machine that was busy besides; control groups of
version 1, Linux 6.18, podman 4.3.1 with runc; Python 3.11.2, torch 2.13.0+cpu, numpy 2.4.6, Pillow 13.0.0, gunicorn
27.0.1. ``tests/container/test_memory.py`` measures memory anew, and fails when it is more than is said here.

Memory is what the kernel can't take back: all that the control group is charged with but the page cache.
"""

START_SECONDS = 3.0
"""From start to ready: 1.7 to 2.0 s (n=7), 2.9 s when the image's files had to be read from the disk first (n=1). With
10 to 40 other processes waiting for the same two cores, 6.1 to 8.6 s (n=25).
"""

CLIENTS = 32

LOADED_MEMORY = 280e6
"""While so many clients send small images: 245 to 257 MB (n=13), and a tenth for other machines; idle 227 to 231."""

PEAK_MEMORY = 960e6
"""While eight uploads of 8 MiB and 16 megapixels are under way, the most and the largest that are let in, and two of
them decoded: 909 to 916 MB (n=4), and a twentieth. Lossless WebP; other formats take less. Without the image's
``MALLOC_MMAP_THRESHOLD_`` it was 910 to 1148 MB (n=12), and half of that stayed.
"""

ROOM = 1.3
