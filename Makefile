# `make demo` and `make test` are all a newcomer needs; `make help` lists the rest.
#
# Installs go one way: .venv from the system's python3, uv inside it, then the pinned and hashed
# requirements. They are added with `install`, never `sync`, so that demo and test (and an extra
# you chose yourself) do not undo each other. Stamp files make a second run install nothing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps

# A mirror configured for pip is honoured by uv too.
define uv
index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true)}}"; \
env $${index:+UV_DEFAULT_INDEX="$$index"} VIRTUAL_ENV=$(VENV) $(BIN)/uv
endef

# Two workers, one thread each: the numbers are the same and two cores are not fought over.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest

.PHONY: help demo dashboard weeks test check smoke torture bench requirements clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# -- installation ---------------------------------------------------------------------------

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else \
	  f"churnboard needs Python 3.11 or newer; {sys.executable} is {v[0]}.{v[1]}. Try: make PYTHON=python3.12 ...")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/core: requirements.txt | $(STAMPS)/venv
	$(uv) pip install --compile-bytecode --require-hashes -r requirements.txt
	@touch $@

$(STAMPS)/dev: requirements-dev.txt | $(STAMPS)/venv
	$(uv) pip install --compile-bytecode --require-hashes -r requirements-dev.txt
	@touch $@ $(STAMPS)/core

$(STAMPS)/self: pyproject.toml | $(STAMPS)/venv
	$(uv) pip install --no-deps --editable .
	@touch $@

# -- the product ----------------------------------------------------------------------------

demo: $(STAMPS)/core $(STAMPS)/self  ## The main job end to end: import, evaluate, rate, pick, export
	@$(BIN)/churnboard import arena-monthly data/history/arena_monthly_top8.csv
	@$(BIN)/churnboard prices import litellm
	@$(BIN)/churnboard eval --suite calibration --seeds 0
	@$(BIN)/churnboard eval --suite calibration-video --seeds 0
	@$(BIN)/churnboard refresh
	@$(BIN)/churnboard board
	@$(BIN)/churnboard half-life
	@$(BIN)/churnboard picks
	@printf '\nSee it: make dashboard   (a page in your browser, at http://localhost:8501)\n\n'
	@$(BIN)/churnboard export

dashboard: $(STAMPS)/core $(STAMPS)/self  ## Open the dashboard on the current edition
	@$(BIN)/churnboard dashboard

weeks: $(STAMPS)/core $(STAMPS)/self  ## Three simulated weeks of cycles: what is due, missed, evaluated and published
	@$(BIN)/python -m benchmarks.weeks build/weeks

# -- the checks -----------------------------------------------------------------------------

test: $(STAMPS)/dev $(STAMPS)/self  ## Every test but the torture ones (under 15 minutes on two cores)
	$(PYTEST) -n 2 --dist worksteal -m "not torture"

check: $(STAMPS)/dev $(STAMPS)/self  ## Format, lint, types, import contracts, fast tests (under 5 minutes on two cores)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(PYTEST) -q -n 2 --dist worksteal

smoke: $(STAMPS)/core $(STAMPS)/self  ## In seconds: does an installation without the dev tools work?
	@$(BIN)/python tests/smoke.py

torture: $(STAMPS)/dev $(STAMPS)/self  ## A hundred random kills, nodes of a cluster lost, the half-life and the picks on every kind of simulated board
	$(PYTEST) -m torture

bench: $(STAMPS)/dev $(STAMPS)/self  ## What the harness adds and saves, how fast commands answer and votes are rated
	$(BIN)/python -m benchmarks.harness_overhead
	$(BIN)/python -m benchmarks.shared_encoding
	$(BIN)/python -m benchmarks.cli_latency
	$(BIN)/python -m benchmarks.half_life
	$(BIN)/python -m benchmarks.ratings
	$(BIN)/python -m benchmarks.assignment
	$(BIN)/python -m benchmarks.cluster

# -- upkeep ---------------------------------------------------------------------------------

COMPILE = pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet

requirements: | $(STAMPS)/venv  ## Compile the pinned requirements again from pyproject.toml
	$(uv) $(COMPILE) --extra api --extra serve -o requirements.txt
	$(uv) $(COMPILE) --extra api --extra serve --extra dev --constraint requirements.txt -o requirements-dev.txt

clean:  ## Remove caches and the virtual environment; never home/, which holds your runs
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist *.egg-info
	find evals leaderboard tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
