# Hirnok. `make demo` shows everything, `make check test` is what CI runs. Options: make test ARGS="-k import"
SHELL := /bin/bash
PY := .venv/bin/python
ARGS ?=
ONLY ?=
SCALE ?= 1

.PHONY: help setup demo dev check format test test-postgres corpora bench chaos soak size screenshots translations clean
help:  ## list these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1\t/' | expand -t 16

setup:  ## install everything into the checkout (quick when nothing changed)
	@tools/setup.sh

demo: setup  ## everything running, with demo data and a mail sandbox; Ctrl-C stops it
	@.venv/bin/hirnok up --demo

dev: setup  ## everything running on your own data (var/), with error details
	@HIRNOK_DEBUG=1 .venv/bin/hirnok up

check: setup  ## format, lint, types, layers, templates, translations, sizes, migrations
	@tools/check.sh

format: setup  ## write the format that `check` wants
	@.venv/bin/ruff check -q --fix hirnok tests tools conftest.py; .venv/bin/ruff format -q hirnok tests tools conftest.py
	@find hirnok -path '*/templates/*.html' -print0 | xargs -0r .venv/bin/djade --target-version 5.2

test: setup  ## the whole suite, on the embedded PostgreSQL unless DATABASE_URL is set
	@.venv/bin/pytest -n 2 $(ARGS)

test-postgres: setup  ## the database tests once more, on the PostgreSQL of Debian (15 or newer)
	@tools/with-debian-postgres.sh .venv/bin/pytest -n 2 -m 'database and not browser' $(ARGS)

corpora: setup  ## import, compose and sort over the collections in ../shared/corpora, where they exist
	@$(PY) tools/corpora.py $(ARGS)

bench: setup  ## how fast it is on this machine; make bench ONLY=campaign SCALE=0.1 (docs/performance.md)
	@.venv/bin/hirnok bench --scale $(SCALE) $(if $(ONLY),--only $(ONLY))

chaos: setup  ## two hundred faults at random, nothing lost; make chaos FAULTS=20 SEED=7 (docs/chaos.md)
	@$(PY) -m tests.chaos --faults $(or $(FAULTS),200) $(if $(SEED),--seed $(SEED)) $(if $(RECIPIENTS),--recipients $(RECIPIENTS))

soak: setup  ## one campaign to a million: memory, rate and counts over its time
	@$(PY) -m hirnok.bench.soak $(if $(RECIPIENTS),--recipients $(RECIPIENTS))

size: setup  ## the longest functions and modules
	@$(PY) tools/size.py --worst

screenshots: setup  ## pictures of the pages, for the README
	@$(PY) tools/screenshots.py $(ARGS)

translations: setup  ## bring the catalogues up to date with the source
	@$(PY) tools/translations.py extract && $(PY) tools/translations.py compile

clean:  ## remove what setup made; your data in var/ stays
	rm -rf .venv node_modules hirnok/ui/static/built var/tests .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
