# make demo: set up everything and stylize the example pictures.
# make test: set up everything and run the checks and tests.

PYTHON ?= python3
VENV ?= .venv
# Installed before anything else, so that no other package picks a build of its own. With a GPU
# this is the CUDA build wherever pip's index has one; TORCH="torch==2.13.0+cpu" or the like and
# pip's own PIP_INDEX_URL choose another.
TORCH ?= torch==2.13.0

# Options of make bench, say BENCH="--data pictures".
BENCH ?=

BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
INSTALLED := $(VENV)/.installed

.PHONY: demo test check format docs bench clean

demo: $(INSTALLED)
	$(BIN)/ganstyle stylize examples/*.jpg out
	$(BIN)/ganstyle stylize examples/drafts out/drafts --style landscape
	@echo "Compare the pictures in examples/ with those in out/."

test: $(INSTALLED) check

check:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

format: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(INSTALLED)
	$(BIN)/python -m ganstyle.cli.reference > docs/options.md

bench: $(INSTALLED)
	$(BIN)/python benchmarks/all.py $(BENCH)

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet "$(TORCH)"
	$(BIN)/pip install --quiet --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) out build dist .mypy_cache .ruff_cache .pytest_cache
