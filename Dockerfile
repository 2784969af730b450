# docker build -t cifar-api-cpu:v1 .
# docker build -t cifar-api-cpu:v1-slim --target slim .       (ONNX Runtime instead of PyTorch)
#
# All stages use the same base, because a virtual environment works only with the Python that created it.
# For reproducible builds, pin the base by its digest: --build-arg BASE=python:3.11-slim-bookworm@sha256:…
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS workshop
WORKDIR /app
COPY setup-venv.sh requirements.txt requirements-onnxruntime.txt requirements-torch.txt ./

FROM workshop AS onnxruntime-environment
RUN ./setup-venv.sh serve onnxruntime
# Remove pip and the parts of ONNX Runtime that inference does not use.
RUN find .venv/lib/python3*/site-packages -maxdepth 1 \
        \( -name 'pip*' -o -name 'setuptools*' -o -name '*distutils*' -o -name pkg_resources \) -exec rm -rf {} + \
    && find .venv/lib/python3*/site-packages/onnxruntime -maxdepth 1 \
        \( -name quantization -o -name tools -o -name transformers \) -exec rm -rf {} +

FROM workshop AS torch-environment
# Index with CPU builds of PyTorch. If it is empty or does not respond, torch comes from pip's index and may be a large
# CUDA build.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN TORCH_INDEX=${TORCH_INDEX} ./setup-venv.sh serve torch
# Remove pip and the parts of torch that only compilers and its own tests use.
RUN find .venv/lib/python3*/site-packages -maxdepth 1 \
        \( -name 'pip*' -o -name 'setuptools*' -o -name '*distutils*' -o -name pkg_resources \) -exec rm -rf {} + \
    && find .venv/lib/python3*/site-packages/torch -maxdepth 1 \
        \( -name include -o -name share -o -name test \) -exec rm -rf {} + \
    && find .venv/lib/python3*/site-packages/torch/bin -type f ! -name torch_shm_manager -delete

FROM ${BASE} AS server
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="cifar10-serving" \
      org.opencontainers.image.description="An observability-first CIFAR-10 image classification server" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# MALLOC_*: return the memory of large bodies and images to the kernel; otherwise a pod keeps it.
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=4194304 \
    PREDICTOR_REVISION=${REVISION}
WORKDIR /app
COPY service service
COPY model model
EXPOSE 8000 9000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "service.healthcheck"]
# Without a shell, so gunicorn receives SIGTERM.
ENTRYPOINT ["gunicorn", "-c", "service/gunicorn.conf.py"]

FROM server AS slim
COPY --from=onnxruntime-environment /app/.venv .venv
# Compile here, because the container's file system may be read-only; this shortens every start.
RUN python -m compileall -q service model
ENV PREDICTOR_ENGINE=onnxruntime
# Numeric, so Kubernetes can verify runAsNonRoot.
USER 10001:10001

# The last stage is the default target.
FROM server AS torch
COPY --from=torch-environment /app/.venv .venv
RUN python -m compileall -q service model
USER 10001:10001
