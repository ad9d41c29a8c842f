# Every target sets itself up in .venv; the stamps make a second run quick.
PYTHON ?= python3
BIN := .venv/bin
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet

.DEFAULT_GOAL := help
.PHONY: help run demo test check format lock clean

help:  ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run.stamp  ## Run the daemon with the configuration in config/
	exec $(BIN)/aggregator run

demo: .venv/run.stamp  ## Show a sample newsroom, no network needed
	exec $(BIN)/aggregator demo

test: .venv/dev.stamp  ## Run the tests
	$(BIN)/pytest --cov --cov-report=term --cov-fail-under=95

check: .venv/dev.stamp  ## Lint, types, floors
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev.stamp  ## Format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: .venv/dev.stamp  ## Renew the locks (needs uv)
	$(LOCK) --group build --output-file requirements/run.txt
	$(LOCK) --group build --extra postgresql --output-file requirements/postgresql.txt
	$(LOCK) --group build --group dev --extra postgresql --output-file requirements/dev.txt

clean:  ## Remove the environment and the caches
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage*

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: .venv/bin/python requirements/run.txt pyproject.toml
	@echo "Setting up .venv (once) ..."
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/dev.stamp: .venv/bin/python requirements/dev.txt pyproject.toml
	@echo "Setting up .venv for development (once) ..."
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@ .venv/run.stamp
