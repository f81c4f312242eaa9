# The verbs of this project; CI calls the same ones.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: help run setup test lint types contracts unit bench lock workbench clean

help:
	@echo "make run    set up, start the box on ./inbox and the review desk, print where both are"
	@echo "make test   everything CI runs: lint, types, import contracts, and all tests"
	@echo "make setup  the .venv with the command \`appliance\` in it"
	@echo "make bench  the benchmarks: a table for people, JSON lines when piped"

run: setup
	@exec $(BIN)/appliance run

setup: $(BIN)/.service

$(BIN)/.service: requirements/service.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with make PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Debian keeps venv apart: apt install python3-venv, then again."; rm -rf $(VENV); exit 1; }
	$(PIP) --require-hashes -r requirements/service.lock
	PYTHONWARNINGS=ignore $(PIP) --no-deps --no-build-isolation --editable . 2>/dev/null || $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/.test: $(BIN)/.service requirements/test.lock
	$(PIP) --require-hashes -r requirements/test.lock
	@touch $@

# torch stays outside the lock: its build differs from machine to machine. Any from 2.13 will do.
workbench: $(BIN)/.workbench

$(BIN)/.workbench: $(BIN)/.service requirements/workbench.lock
	$(PIP) torch==2.13.0
	$(PIP) --no-deps --require-hashes -r requirements/workbench.lock
	@touch $@

test: lint types contracts unit

lint: $(BIN)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/.test
	$(BIN)/mypy

contracts: $(BIN)/.test
	$(BIN)/lint-imports

unit: $(BIN)/.test
	$(BIN)/python -m pytest

bench: setup
	@$(BIN)/python -m bench

# Rewrites the locks, with hashes and without any host name.
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-options --allow-unsafe --strip-extras
lock:
	$(COMPILE) --all-build-deps --constraint requirements/bounds.in -o requirements/service.lock pyproject.toml
	$(COMPILE) -o requirements/test.lock requirements/test.in
	$(COMPILE) --extra workbench --constraint requirements/service.lock --constraint requirements/bounds.in -o requirements/workbench.all pyproject.toml
	awk '/^[a-z0-9]/ {skip = /^(torch|triton|nvidia-|cuda-)/} !skip' requirements/workbench.all > requirements/workbench.lock
	rm requirements/workbench.all

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
