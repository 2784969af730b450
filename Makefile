# Each target sets up what it needs; a second run takes seconds. CI runs the same targets.

PYTHON ?= python3
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
DATA ?=
ARGS ?=
NAME =
export PYTHON TORCH_INDEX

BIN := .venv/bin
# Each step of training needs the same hundreds of MB again: giving them back to the kernel between costs a fifth of it.
KEEP_MEMORY := MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184
LOCK := $(BIN)/uv pip compile --quiet --python-version 3.11 --python-platform linux --system-certs --custom-compile-command 'make lock'
PEERS := tests/bench/peers/requirements
ENGINES := -c requirements.txt -c requirements-torch.txt -c requirements-onnxruntime.txt

.PHONY: help run observe drill doctor rollout-check bench test lint format train distil quantise evaluate lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile

run: ## Serve the model in this repository on http://localhost:8000 (PREDICTOR_PORT=8001 for another port)
	@./setup-venv.sh serve "$(PREDICTOR_ENGINE)"
	@exec $(BIN)/gunicorn -c service/gunicorn.conf.py

observe: ## Watch a running service with the installed Prometheus and Alertmanager (ARGS="--target localhost:9001")
	@exec $(PYTHON) monitoring/observe.py $(ARGS)

drill: ## Break a workload on a local cluster, and look (NAME=image-tag-not-found; without NAME: all there are)
	@./setup-venv.sh test
	@exec $(BIN)/python -m k8s.drill $(NAME) $(ARGS)

rollout-check: ## Does a rollout lose requests? (ARGS="--url http://localhost:30080 -- kubectl rollout restart …")
	@exec $(PYTHON) -m k8s.rollout_check $(ARGS)

doctor: ## Say why a workload in a cluster does not work, and what mends it (ARGS="-n NAMESPACE deployment/NAME")
	@exec $(PYTHON) -m k8s.doctor $(ARGS)

bench: ## Measure the server beside others on the same cores, a quarter of an hour (ARGS=--quick: three minutes)
	@./setup-venv.sh test
	@$(BIN)/python -m tests.bench.peers $(ARGS)

test: ## Run the tests in random order (ARGS="-k word" for some of them)
	@./setup-venv.sh test
	@$(BIN)/python -m pytest $(ARGS)

lint: ## Check style and types
	@./setup-venv.sh test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: ## Rewrite the code in the project's style
	@./setup-venv.sh test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

train: ## Train the network (DATA=folder of images, else CIFAR-10 is downloaded; ARGS="--epochs 1")
	@./setup-venv.sh train
	@$(KEEP_MEMORY) $(BIN)/python -m model.train $(if $(DATA),--data "$(DATA)") $(ARGS)

distil: ## Teach the trained network what several know (DATA, ARGS="--teacher model/artifacts")
	@./setup-venv.sh train
	@$(KEEP_MEMORY) $(BIN)/python -m model.distil $(if $(DATA),--data "$(DATA)") $(ARGS)

quantise: ## Add ONNX Runtime's graphs, one of them in int8, to the model in this repository (DATA, ARGS)
	@./setup-venv.sh train
	@$(BIN)/python -m model.quantise $(if $(DATA),--data "$(DATA)") $(ARGS)

evaluate: ## Measure the model in this repository on the test images (DATA=folder, ARGS)
	@./setup-venv.sh train
	@$(BIN)/python -m model.evaluate $(if $(DATA),--data "$(DATA)") $(ARGS)

lock: ## Pin every dependency of requirements*.in (ARGS=--upgrade for newer transitive ones)
	@./setup-venv.sh test
	$(LOCK) $(ARGS) requirements.in -o requirements.txt
	$(LOCK) $(ARGS) requirements-torch.in -c requirements.txt -o requirements-torch.txt
	$(LOCK) $(ARGS) requirements-onnxruntime.in -c requirements.txt -c requirements-torch.txt -o requirements-onnxruntime.txt
	$(LOCK) $(ARGS) requirements-test.in $(ENGINES) -o requirements-test.txt
	$(LOCK) $(ARGS) requirements-train.in $(ENGINES) -c requirements-test.txt -o requirements-train.txt
	for peer in naive fastapi litserve bentoml; do \
		$(LOCK) $(ARGS) $(PEERS)/$$peer.in -c requirements.txt -o $(PEERS)/$$peer.txt || exit; done

clean: ## Remove .venv and caches; runs/ and data/ stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find model service monitoring dashboards k8s tests -name __pycache__ -prune -exec rm -rf {} +
