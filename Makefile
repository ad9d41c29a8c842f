# Every target sets itself up in .venv; the stamps make a second run quick.
PYTHON ?= python3
BIN := .venv/bin
LOCKED := --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --no-strip-extras --custom-compile-command "make lock" --quiet
LOCK := uv pip compile pyproject.toml $(LOCKED)

.DEFAULT_GOAL := help
.PHONY: help run demo test check format lock audit sbom clean

help:  ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run.stamp  ## Run the daemon with the configuration in config/
	exec $(BIN)/aggregator run

demo: .venv/run.stamp  ## Show a sample newsroom, no network needed
	exec $(BIN)/aggregator demo

# Without bytecode each of some hundred processes would compile its modules anew.
test: export PYTHONDONTWRITEBYTECODE =
test: .venv/dev.stamp  ## Run the tests; COVERAGE=1 measures their coverage as well
	$(BIN)/pytest $(if $(COVERAGE),--cov --cov-report=term --cov-fail-under=95)

check: .venv/dev.stamp  ## Lint, types, floors
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev.stamp  ## Format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock:  ## Renew the locks (needs uv on the PATH)
	$(LOCK) --output-file requirements/run.txt
	$(LOCK) --extra postgresql --output-file requirements/postgresql.txt
	$(LOCK) --extra semantic --output-file requirements/semantic.txt
	$(LOCK) --group dev --extra postgresql --extra semantic --output-file requirements/dev.txt
	uv pip compile --group pyproject.toml:build $(LOCKED) --output-file requirements/build.txt
	uv pip compile --group pyproject.toml:release $(LOCKED) --output-file requirements/release.txt

audit: .venv/dev.stamp  ## Licences and known vulnerabilities of what we use
	@.ci/audit

# With the version in its place, which pyproject.toml leaves to the package.
sbom: .venv/release.stamp  ## List what a release is made of, as CycloneDX, in dist/
	@mkdir -p dist
	@version=$$(sed -n 's/^__version__ = "\(.*\)"/\1/p' aggregator/__init__.py) && \
	sed "s/^dynamic = .*/version = \"$$version\"/" pyproject.toml >.venv/pyproject.toml && \
	.venv/release/bin/python -W ignore::UserWarning .venv/release/bin/cyclonedx-py requirements \
		requirements/run.txt --pyproject .venv/pyproject.toml --output-reproducible --validate \
		--output-format JSON --output-file "dist/aggregator-$$version.cdx.json" && \
	echo "dist/aggregator-$$version.cdx.json"

clean:  ## Remove the environment and the caches
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage*

.venv/bin/python:
	$(PYTHON) -m venv .venv

# What builds comes first and pinned, so that nothing is fetched behind the lock's back. The locks are
# whole: with --no-deps nothing is resolved again, and no release made since can come between.
INSTALL := $(BIN)/pip install -qq --disable-pip-version-check --no-build-isolation --use-pep517 --no-deps

.venv/build.stamp: .venv/bin/python requirements/build.txt
	@echo "Setting up .venv (once, about a minute) ..."
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/build.txt
	@touch $@

.venv/run.stamp: .venv/build.stamp requirements/run.txt pyproject.toml
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@$(INSTALL) --no-index -e .
	@touch $@

# Tools of a release have a place of their own: what they need is none of ours.
.venv/release.stamp: .venv/bin/python requirements/release.txt
	@$(PYTHON) -m venv .venv/release
	@.venv/release/bin/pip install -qq --disable-pip-version-check --no-deps --require-hashes \
		-r requirements/release.txt
	@touch $@

.venv/dev.stamp: .venv/build.stamp requirements/dev.txt pyproject.toml
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@$(INSTALL) --no-index -e .
	@touch $@ .venv/run.stamp
