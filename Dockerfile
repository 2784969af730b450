# docker build -t cifar-api-cpu:v1 .
#
# Both stages start from the same base, so that the virtual environment of the first finds its Python in the second.
# For builds that can be repeated, name the base by its digest: --build-arg BASE=python:3.11-slim-bookworm@sha256:…
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS environment
# Where CPU builds of PyTorch are; empty or silent: torch comes from pip's own index, and may be a large CUDA build.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /app
COPY setup-venv.sh requirements.txt ./
RUN TORCH_INDEX=${TORCH_INDEX} ./setup-venv.sh serve
# pip is not needed any more; of torch, what only compilers and torch's own tests read: a sixth of it.
RUN find .venv/lib/python3*/site-packages -maxdepth 1 \
        \( -name 'pip*' -o -name 'setuptools*' -o -name '*distutils*' -o -name pkg_resources \) -exec rm -rf {} + \
    && find .venv/lib/python3*/site-packages/torch -maxdepth 1 \
        \( -name include -o -name share -o -name test \) -exec rm -rf {} + \
    && find .venv/lib/python3*/site-packages/torch/bin -type f ! -name torch_shm_manager -delete

# The default target is the last. One without torch, "slim", takes an engine that does not need it; there is none yet.
FROM ${BASE} AS torch
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
COPY --from=environment /app/.venv .venv
COPY service service
COPY model model
# The bytecode is made here, since nothing can be written later: it saves a second of every start.
RUN python -m compileall -q service model
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 8000 9000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "service.healthcheck"]
# No shell between: gunicorn itself gets SIGTERM.
ENTRYPOINT ["gunicorn", "-c", "service/gunicorn.conf.py"]
