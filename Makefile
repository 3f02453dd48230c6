# Each target is a command that one can type; none knows more than how to reach it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo demo-reset test fix lock pictures bench

setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	$(BIN)/claimbot demo $(if $(PORT),--port $(PORT))

demo-reset: setup
	$(BIN)/claimbot demo --reset $(if $(PORT),--port $(PORT))

test: setup
	$(BIN)/python tests/run_all.py

pictures: setup
	$(BIN)/python -m tests.browser.picture

fix: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --extra dev --no-emit-package claimbot pyproject.toml -o requirements.lock

bench: setup
	short=0; for each in durable_turns waiting_reminders sweep recount finding desk export credit; do $(BIN)/python -m benchmarks.$$each || short=1; done; exit $$short
