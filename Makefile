# Each target installs its dependencies in .venv. CI runs the same targets.

PYTHON ?= python3
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
DATA ?=
ARGS ?=
NAME =
export PYTHON TORCH_INDEX

BIN := .venv/bin
# Training allocates and frees hundreds of MB in every step. These settings keep that memory in the process.
KEEP_MEMORY := MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184
LOCK := $(BIN)/uv pip compile --quiet --python-version 3.11 --python-platform linux --system-certs --custom-compile-command 'make lock'
PEERS := benchmarks/peers/requirements
ENGINES := -c requirements.txt -c requirements-torch.txt -c requirements-onnxruntime.txt

.PHONY: help run observe drill doctor rollout-check bench test lint format train distil quantise evaluate lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile

run: ## Serve the model on http://localhost:8000 (PREDICTOR_PORT=8001 for another port)
	@./setup-venv.sh serve "$(PREDICTOR_ENGINE)"
	@exec $(BIN)/gunicorn -c service/gunicorn.conf.py

observe: ## Monitor a running service with Prometheus and Alertmanager (ARGS="--target localhost:9001")
	@exec $(PYTHON) monitoring/observe.py $(ARGS)

drill: ## Cause a fault in a local cluster and check its signals (NAME=image-tag-not-found; without NAME: list the faults)
	@./setup-venv.sh test
	@exec $(BIN)/python -m k8s.drill $(NAME) $(ARGS)

rollout-check: ## Count the requests that a rollout loses (ARGS="--url http://localhost:30080 -- kubectl rollout restart …")
	@exec $(PYTHON) -m k8s.rollout_check $(ARGS)

doctor: ## Find out why a workload in a cluster fails, and how to fix it (ARGS="-n NAMESPACE deployment/NAME")
	@exec $(PYTHON) -m k8s.doctor $(ARGS)

bench: ## Compare transports, or run another benchmark (NAME=peers; ARGS=--quick for a minute)
	@./setup-venv.sh test
	@$(BIN)/python -m benchmarks.$(or $(NAME),transport) $(ARGS)

test: ## Run the tests in random order (ARGS="-k word" selects tests)
	@./setup-venv.sh test
	@$(BIN)/python -m pytest -n auto --no-loadscope-reorder $(ARGS)

lint: ## Check style and types
	@./setup-venv.sh test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: ## Format the code
	@./setup-venv.sh test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

train: ## Train the network (DATA=folder of images, default: download CIFAR-10; ARGS="--epochs 1")
	@./setup-venv.sh train
	@$(KEEP_MEMORY) $(BIN)/python -m model.train $(if $(DATA),--data "$(DATA)") $(ARGS)

distil: ## Distil further networks into the trained one (DATA, ARGS="--teacher model/artifacts")
	@./setup-venv.sh train
	@$(KEEP_MEMORY) $(BIN)/python -m model.distil $(if $(DATA),--data "$(DATA)") $(ARGS)

quantise: ## Add the float32 and int8 graphs for ONNX Runtime to the model (DATA, ARGS)
	@./setup-venv.sh train
	@$(BIN)/python -m model.quantise $(if $(DATA),--data "$(DATA)") $(ARGS)

evaluate: ## Evaluate the model on the test images (DATA, ARGS)
	@./setup-venv.sh train
	@$(BIN)/python -m model.evaluate $(if $(DATA),--data "$(DATA)") $(ARGS)

lock: ## Pin all dependencies of requirements*.in (ARGS=--upgrade updates indirect ones)
	@./setup-venv.sh test
	$(LOCK) $(ARGS) requirements.in -o requirements.txt
	$(LOCK) $(ARGS) requirements-torch.in -c requirements.txt -o requirements-torch.txt
	$(LOCK) $(ARGS) requirements-onnxruntime.in -c requirements.txt -c requirements-torch.txt -o requirements-onnxruntime.txt
	$(LOCK) $(ARGS) requirements-test.in $(ENGINES) -o requirements-test.txt
	$(LOCK) $(ARGS) requirements-train.in $(ENGINES) -c requirements-test.txt -o requirements-train.txt
	for peer in fastapi litserve bentoml; do \
		$(LOCK) $(ARGS) $(PEERS)/$$peer.in -c requirements.txt -o $(PEERS)/$$peer.txt || exit; done

clean: ## Remove .venv and caches, but not runs/ and data/
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find model service monitoring dashboards k8s benchmarks tests -name __pycache__ -prune -exec rm -rf {} +
