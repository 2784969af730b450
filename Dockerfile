# docker build -t cifar-api-cpu:v1 .
# docker build -t cifar-api-cpu:v1-slim --target slim .       (ONNX Runtime instead of PyTorch)
#
# Every stage starts from the same base, so that a virtual environment that is copied finds its Python again.
# For builds that can be repeated, name the base by its digest: --build-arg BASE=python:3.11-slim-bookworm@sha256:…
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS workshop
WORKDIR /app
COPY setup-venv.sh requirements.txt requirements-onnxruntime.txt requirements-torch.txt ./

FROM workshop AS onnxruntime-environment
RUN ./setup-venv.sh serve onnxruntime
# What is not needed any more: pip, and of the engine all but the computing.
RUN find .venv/lib/python3*/site-packages -maxdepth 1 \
        \( -name 'pip*' -o -name 'setuptools*' -o -name '*distutils*' -o -name pkg_resources \) -exec rm -rf {} + \
    && find .venv/lib/python3*/site-packages/onnxruntime -maxdepth 1 \
        \( -name quantization -o -name tools -o -name transformers \) -exec rm -rf {} +

FROM workshop AS torch-environment
# Where CPU builds of PyTorch are; empty or silent: torch comes from pip's own index, and may be a large CUDA build.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN TORCH_INDEX=${TORCH_INDEX} ./setup-venv.sh serve torch
# What is not needed any more: pip, and of torch what only compilers and its own tests read, a sixth of it.
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
# Large bodies and images are given back to the kernel when they are done with: otherwise a pod keeps twice its memory
# after a few of them, and at worst needs a sixth more.
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
# No shell between: gunicorn itself gets SIGTERM.
ENTRYPOINT ["gunicorn", "-c", "service/gunicorn.conf.py"]

FROM server AS slim
COPY --from=onnxruntime-environment /app/.venv .venv
# The bytecode is made here, since nothing can be written later: it saves a second of every start.
RUN python -m compileall -q service model
ENV PREDICTOR_ENGINE=onnxruntime
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001

# The default target is the last.
FROM server AS torch
COPY --from=torch-environment /app/.venv .venv
RUN python -m compileall -q service model
USER 10001:10001
