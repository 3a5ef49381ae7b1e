# Préau. `make run` serves the demonstration town; `make test` checks everything. Both do their own set-up.
# From a bare Debian 12 with Python 3.11: system libraries come by apt-get, the rest goes into .venv.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Whoever keeps no compiled modules would wait for their compilation in every process.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
APP := $(BIN)/flask --app app
UV := $(BIN)/uv pip
PACKAGES := app.py config.py demo domain gateways models views
SOURCES := $(PACKAGES) tests migrations

# What the portal needs to draw PDFs, and what the tests need beside it.
RUN_LIBRARIES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
TEST_LIBRARIES := $(RUN_LIBRARIES) chromium postgresql-15 poppler-utils

APT := tools/apt-missing.sh

.PHONY: help run serve test check bench load pages words guide-pictures pins setup setup-dev lint fast browser clean

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

run: setup ## Set up everything, then serve the portal and its demonstration town on http://127.0.0.1:5000
	$(APP) demo --if-empty
	exec $(APP) serve

test: setup-dev lint ## Set up everything, then run every check and every test, on SQLite and PostgreSQL.
	$(BIN)/pytest

check: setup-dev lint fast ## Lint, types, import contracts, templates and the fast tests: under a minute.

bench: setup-dev ## Run the benchmarks, each beside its ceiling.
	$(APT) wrk
	$(BIN)/python -m tests.bench

load: setup-dev ## Opening day: 350 parents at once, then 1,750; docs/load.md has the figures.
	$(BIN)/python -m tests.bench.opening_day

pages: setup-dev ## Look at every page (axe, 320 px, weight, statements) and write docs/pages.md.
	$(BIN)/python -m tests.pages

words: setup-dev ## Collect the citizens' words, bring translations/ up to date, and list what is not translated.
	$(BIN)/python -m tests.words

guide-pictures: setup-dev ## Take the guides' pictures anew, of the demonstration town.
	$(APT) chromium-l10n
	$(BIN)/python -m tests.guide_pictures

pins: $(VENV)/stamp-uv ## Compile requirements*.txt anew from requirements*.in.
	$(UV) compile --quiet --no-header --no-annotate --python-version 3.11 --upgrade requirements.in -o requirements.txt
	$(UV) compile --quiet --no-header --no-annotate --python-version 3.11 --upgrade --constraint requirements.txt \
		requirements-dev.in -o requirements-dev.txt

# --- the parts of `make check` -------------------------------------------------------------------

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy models domain gateways
	$(BIN)/lint-imports --cache-dir var/import-linter
	$(BIN)/djlint templates --lint --quiet

fast: setup-dev
	PREAU_TEST_DATABASES=sqlite $(BIN)/pytest -m "not slow and not browser and not race" --quiet

browser: setup-dev
	$(BIN)/pytest tests/browser

# --- set-up, stamped so that a second call takes no time -----------------------------------------

setup: $(VENV)/stamp-run
setup-dev: $(VENV)/stamp-dev

$(VENV)/stamp-uv:
	$(APT) --for-venv $(PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	touch $@

$(VENV)/stamp-run: requirements.txt $(APT) | $(VENV)/stamp-uv
	$(APT) $(RUN_LIBRARIES)
	$(UV) install --quiet --python $(BIN)/python -r requirements.txt
	touch $@

$(VENV)/stamp-dev: requirements-dev.txt $(APT) | $(VENV)/stamp-run
	$(APT) $(TEST_LIBRARIES)
	$(UV) install --quiet --python $(BIN)/python -r requirements-dev.txt
	touch $@

clean: ## Remove the environment and the caches, never the data in var/.
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis var/import-linter
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
