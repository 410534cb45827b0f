# One command for each thing there is to do. `make` alone lists them.
#   PYTHON=python3.12   which Python makes the environment (3.11 or newer)
#   VENV=.venv          where the environment is
#   EXTRAS=dev,ui       what `make test` installs beside payback itself; `ui` adds the page tests
#   QUICK=1             `make score` on a fixed sample

PYTHON ?= python3
VENV ?= .venv
EXTRAS ?= dev
IN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo setup check test pages thorough score bench golden docs pictures catalogue lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{ printf "make %-10s %s\n", $$1, $$2 }'

demo: $(VENV)/.runs ## environment if missing, a verdict on bundled real data
	@$(IN)/payback demo

setup: $(VENV)/.develops ## environment and hooks
	@if [ -d .git ]; then $(IN)/prek install; fi

check: $(VENV)/.develops ## format, lint, types, fast tests
	$(IN)/ruff format .
	$(IN)/ruff check --fix .
	$(IN)/mypy
	-$(IN)/ty check src
	$(IN)/pytest -n auto -q -m 'not slow and not page and not long'

test: $(VENV)/.develops ## environment if missing, the tests: under five minutes on two cores
	$(IN)/pytest -n auto -m 'not long and not page'

pages: $(VENV)/.develops ## the page tests, in Chromium (EXTRAS=dev,ui)
	$(IN)/pytest -n auto -m page

thorough: $(VENV)/.develops ## the tests that take long
	$(IN)/pytest -n auto -m long

score: $(VENV)/.develops ## scores against ground truth (QUICK=1: a fixed sample)
	$(IN)/python -m benchmarks.score $(if $(QUICK),--quick)

bench: $(VENV)/.develops ## speed against named peers
	$(IN)/pip install -q -c constraints.txt -e '.[bench]'
	$(IN)/python -m benchmarks

golden: $(VENV)/.develops ## rewrite expected files; read the diff like code
	$(IN)/pytest -n auto -q --golden
	@git --no-pager diff --stat -- tests

docs: $(VENV)/.develops ## docs and examples: links, commands, error codes
	$(IN)/pytest -q tests/test_documents.py

pictures: $(VENV)/.develops ## the pictures of docs/pictures, from the demo (EXTRAS=dev,ui)
	$(IN)/python -m tools.pictures

catalogue: $(VENV)/.develops ## gather every sentence people read into the catalogues
	$(IN)/python -m tools.catalogue

lock: $(VENV)/.develops ## newest versions that fit, into constraints.txt and requirements.lock
	$(IN)/pip install -q uv
	$(IN)/python -m tools.lock

clean: ## remove the environment and what the tools left
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.*

# Each stamp says: this environment holds what that work needs, as pyproject.toml and constraints.txt stand now.

$(IN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "payback needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | head -n 1)."; \
	  echo "  Name a newer one: make $(or $(MAKECMDGOALS),demo) PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	@echo "making an environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runs: pyproject.toml constraints.txt hatch_build.py | $(IN)/python
	@echo "installing payback into $(VENV)"
	@$(IN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.develops: pyproject.toml constraints.txt hatch_build.py | $(IN)/python
	@echo "installing payback and [$(EXTRAS)] into $(VENV)"
	@$(IN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $(VENV)/.runs $@
