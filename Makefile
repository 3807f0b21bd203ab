# Two commands matter: `make run` and `make test`. Both begin with `make setup` and need nothing but Python >= 3.11.
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONPATH := $(CURDIR)
# A file of tests stays with one process; each process has servers and a browser of its own. Three: they often wait.
PYTEST_ARGS ?= --numprocesses=3 --dist=loadfile --no-loadscope-reorder

.PHONY: setup setup-test run test lint bench i18n migration clean

setup:            ## everything the application needs, under .venv/ and node_modules/
	@tools/setup.sh run

setup-test:       ## and what the tests need, a browser included
	@tools/setup.sh test

run: setup        ## the whole product on http://127.0.0.1:8000 (or $$PORT); Ctrl-C stops it
	@exec .venv/bin/flask up

test: setup-test lint  ## everything: style, types, layers, scripts, units, browsers, faults
	.venv/bin/python -m pytest $(PYTEST_ARGS)

lint: setup-test
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: setup-test ## ratios to floors measured in the same run; keeps the last in bench/RESULTS.md
	.venv/bin/python -m bench

i18n: setup       ## collect texts from code and translations/src into the catalogues
	.venv/bin/python -m tools.i18n merge

migration: setup  ## make migration NAME="what changes": a new migration from the difference to the models
	.venv/bin/flask db upgrade && .venv/bin/flask db migrate -m "$(NAME)"

clean:            ## remove what can be made again (keeps instance/: your data)
	rm -rf .venv node_modules app/static/dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
