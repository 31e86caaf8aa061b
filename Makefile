# Two commands do it all on a fresh machine: `make run`, then `make test`.
PYTHON ?= python3
BIN := .venv/bin
SCENARIO ?= hrnn
DATA ?=
LOCK := UV_NO_CONFIG=1 UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal \
	--generate-hashes --no-emit-index-url --no-annotate --python-version 3.11
PIPELINES := $(BIN)/python -m local.cli

.PHONY: help setup setup-dev run up report validate synth deploy destroy test check e2e lint types format tools vendor lock bench quality clean

help: ## Show what there is to do
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# --- set-up: a virtual environment with exactly the locked packages, nothing outside this folder ---

# uv is quick; pip, which follows a company's own index settings, is the way out when uv reaches nothing.
install = $(BIN)/uv pip install --quiet --python $(or $(2),.venv)/bin/python --require-hashes -r $(1) \
	|| $(or $(2),.venv)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=…")'
	$(PYTHON) -m venv .venv

.venv/.installed: requirements.txt requirements-bootstrap.txt | .venv/pyvenv.cfg
	@echo "Installing the locked packages into .venv (about a minute, once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.txt
	@$(call install,requirements.txt)
	@printf '%s\n' '#!/bin/sh' 'root=$$(CDPATH= cd -- "$$(dirname -- "$$0")/../.." && pwd)' \
		'PYTHONPATH="$$root" exec "$$root/.venv/bin/python" -m local.cli "$$@"' > $(BIN)/pipelines
	@chmod +x $(BIN)/pipelines
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@echo "Installing the packages for tests and checks …"
	@$(call install,requirements-dev.txt)
	@touch $@

# Other recommenders, to compare with: gigabytes on Linux, and so in an environment that nothing else uses.
.venv-peers/.installed: requirements-peers.txt .venv/.installed
	@echo "Installing other recommenders into .venv-peers (some GB on Linux, once) …"
	@$(PYTHON) -m venv .venv-peers
	@$(call install,requirements-peers.txt,.venv-peers)
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json .venv/.installed
	@$(BIN)/python -m local.node ci --loglevel=error

setup: .venv/.installed ## Install what a run needs
setup-dev: .venv/.installed-dev ## Install what tests and checks need
tools: node_modules/.package-lock.json ## Install the CDK command line and the validator of state machines

# --- the application ---

run: setup ## Run a scenario on this machine (SCENARIO=hrnn DATA=path)
	@$(PIPELINES) run $(SCENARIO) $(if $(DATA),--data "$(DATA)")

up: setup ## Keep the local platform running, so that the next run is quick
	@$(PIPELINES) up

report: setup ## Show the latest report
	@$(PIPELINES) report

validate: setup ## Check the settings before anything is deployed
	@$(PIPELINES) validate

synth: setup ## Write the CloudFormation templates to cdk.out
	@$(PIPELINES) synth

deploy: setup tools ## Deploy to AWS
	@$(PIPELINES) deploy

destroy: setup tools ## Remove the stacks from AWS
	@$(PIPELINES) destroy

# --- development ---

test: setup-dev tools ## Run all tests
	@$(BIN)/python -m pytest

e2e: setup-dev ## Run only the tests of whole scenarios
	@$(BIN)/python -m pytest -m e2e

lint: setup-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup-dev
	@$(BIN)/mypy

check: lint types test ## All that CI runs

format: setup-dev ## Format the code
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

lock: setup-dev ## Resolve the dependencies anew and write the lock files
	@$(LOCK) pyproject.toml -o requirements.txt
	@$(LOCK) pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt
	@$(LOCK) pyproject.toml --extra peers -c requirements.txt -o requirements-peers.txt
	@for layer in control data; do \
		UV_NO_CONFIG=1 UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --generate-hashes \
			--no-emit-index-url --no-annotate --python-version 3.14 --python-platform x86_64-manylinux_2_28 \
			-c requirements.txt lambdas/requirements-$$layer.in -o lambdas/requirements-$$layer.txt || exit 1; \
	done
	@$(BIN)/uv --version | sed 's/^uv \([^ ]*\).*/uv==\1/' | $(LOCK) - -o requirements-bootstrap.txt

vendor: tools ## Take the pages' chart library over from the locked npm packages
	@cp node_modules/d3/dist/d3.min.js node_modules/@observablehq/plot/dist/plot.umd.min.js lambdas/reports/page/vendor/

bench: setup-dev ## Measure what the README claims
	@$(BIN)/python -m benchmarks

quality: setup .venv-peers/.installed ## Compare the recipes with other recommenders (DATA=path)
	@$(BIN)/python -m benchmarks.quality $(if $(DATA),--data "$(DATA)")

clean: ## Remove what runs and builds have left (not the results, not the environment)
	rm -rf cdk.out .pytest_cache .mypy_cache .ruff_cache .hypothesis
