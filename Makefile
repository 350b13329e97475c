# Needs python3 (3.11 or newer) and make, nothing else: node comes as a Python wheel. `make help` lists the targets.
SHELL := /bin/bash -o pipefail
PYTHON ?= python3
PORT ?= 8000
export PARKLINK_DATA_DIR ?= data

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt
# One more than there are cores: tests wait for databases and child processes as much as they compute.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)
PYTEST := $(BIN)/python -m pytest -q
# Shows one moving line instead of hundreds; the whole output is in the log, whose end is shown when something fails.
COUNT := tee .venv/install.log | awk '/^Collecting/ {printf "\r    %3d packages: %-36s", ++n, $$2; fflush()} \
	/^Installing collected/ {printf "\r    %3d packages: %-36s", n, "unpacking"; fflush()} END {print ""}'

.PHONY: help setup demo test drill lint bench clean
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

demo: setup ## set everything up and serve the demo at http://127.0.0.1:8000 (PORT= and PARKLINK_DATA_DIR= change where)
	@exec $(BIN)/parklink demo --port $(PORT)

setup: .venv/.runtime ## create .venv, install pinned packages, fetch the front-end files
	@$(BIN)/python -m portal.assets

test: .venv/.test ## set up what tests need and run all but the slow ones
	@$(BIN)/python -m portal.assets
	@.ci/provision
	@echo "== tests"
	@$(PYTEST) -n $(WORKERS) --dist loadfile -m "not browser and not slow"
	@echo "== tests in the browser"
	@$(PYTEST) -n $(WORKERS) --dist loadfile -m "browser and not slow"

drill: .venv/.test ## run the slow tests: crashes, races, long fuzzing
	@$(BIN)/python -m portal.assets
	@.ci/provision
	@$(PYTEST) -n $(WORKERS) --dist loadfile -m "slow and not browser"

bench: .venv/.test ## measure what is fast, beside peers in the same run
	@$(PIP) --quiet --editable ".[bench]"
	@$(BIN)/python -m benchmarks.requests

lint: .venv/.test ## style, types, who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean: ## remove what make has made (not your data)
	rm -rf .venv node_modules portal/static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which with PYTHON="; exit 1; }
	@echo "[1/3] creating .venv"
	@$(PYTHON) -m venv .venv > /dev/null || { rm -rf .venv; \
		echo "python3 cannot make environments here: apt-get install python3-venv, then run this again"; exit 1; }

# Stamps: a second `make` compares dates and goes on. The test set comes apart, so that a demo need not wait for it.
.venv/.runtime: constraints.txt pyproject.toml | .venv/bin/python
	@echo "[2/3] installing packages (a few minutes with an empty cache)"
	@$(PIP) --editable '.[assets]' 2>&1 | $(COUNT) || { tail -15 .venv/install.log; exit 1; }
	@touch $@
	@echo "[3/3] front-end files"

.venv/.test: .venv/.runtime
	@echo "[+] installing the test set"
	@$(PIP) --editable '.[assets,test]' 2>&1 | $(COUNT) || { tail -15 .venv/install.log; exit 1; }
	@touch $@
