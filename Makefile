# Everyday commands. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
export PYTHONPATH := $(CURDIR)
# Far more than any of our test runs needs; it only stops one that hangs.
PYTEST := timeout 2700 $(PY) -m pytest -q

.PHONY: help run start install dev chromium test test-sqlite test-postgres test-browser check sure bench format \
	translate requirements clean

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: install ## start Mutualim with its demo territory on http://127.0.0.1:8000 (PORT, HOST, DATABASE_URL)
	@exec .venv/bin/flask serve --migrate --demo

start: install ## start Mutualim for real, without the demo: it shows the code that /installation asks for
	@exec .venv/bin/flask serve --migrate

install: ## make or refresh the virtual environment of the application
	@scripts/venv.sh run
	@$(PY) scripts/translate.py compile

dev: ## the same, with what tests and checks need
	@scripts/venv.sh dev
	@$(PY) scripts/translate.py compile

chromium:
	@scripts/chromium.sh

test: dev chromium test-sqlite test-postgres test-browser ## the whole suite: SQLite, PostgreSQL, browser

test-sqlite: ## the suite on SQLite
	MUTUALIM_TEST_DB=sqlite $(PYTEST) -n 2 --dist worksteal --ignore=tests/browser

test-postgres: ## the suite on PostgreSQL
	MUTUALIM_TEST_DB=postgres $(PYTEST) -n 2 --dist worksteal --ignore=tests/browser

test-browser: ## the journeys in a real browser, two files at a time; the main one on PostgreSQL too
	$(PYTEST) -n 2 --dist loadfile tests/browser
	MUTUALIM_TEST_DB=postgres $(PYTEST) tests/browser/test_main_journey.py

check: dev ## formatting, lint, types, import contracts, templates, stylesheet, translations
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/djlint --quiet --lint templates
	$(PY) static/css/make.py --check
	$(PY) static/illustrations/make.py --check
	$(PY) scripts/translate.py check

sure: check test ## every check and every test: before each push

bench: dev ## measure the engine and the pages on this machine
	$(PY) scripts/bench.py --json var/bench.json

format: dev ## put every Python file in shape
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix-only .

translate: dev ## collect the sentences, update the French file, compile it
	$(PY) scripts/translate.py update

requirements: dev ## compile the pinned requirements again from requirements*.in
	$(PY) -m pip install --quiet --disable-pip-version-check uv
	.venv/bin/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url \
		requirements.in -o requirements.txt
	.venv/bin/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url \
		requirements-dev.in -o requirements-dev.txt

clean: ## remove what tools left behind (keeps var/, the data)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find app tests migrations scripts -name __pycache__ -type d -prune -exec rm -rf {} +
