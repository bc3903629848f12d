# The commands of Pedbasis. All paths are relative, so the path of the checkout may contain spaces.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check bench screenshots messages format requirements clean

PORT ?= 8000
export PORT
ifdef DATA_DIR
export DATA_DIR
endif
ifdef PYTHON
export PYTHON
endif
PY = .venv/bin/python
COMPILE = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make requirements"

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

demo: .venv/.installed-requirements-demo.txt ## all of Pedbasis on this machine, with demo data (PORT=8000, DATA_DIR=var)
	@$(PY) -m pedbasis.translations
	@exec $(PY) -m local demo

test: .venv/.installed-requirements-dev.txt ## all tests, including browser tests, with coverage (ARGS="tests/meetups -k join" for some)
	@$(PY) -m pedbasis.translations
	@exec env DEBUG=1 MAP_TILES_URL=off SECRET_KEY=test DB_POOL_MAX=60 $(PY) -m local exec --ephemeral -- $(PY) -m pytest -p tests.valkey_per_worker -p tests.browser_first -n 2 --dist loadfile --no-loadscope-reorder $(or $(ARGS),--cov)

check: .venv/.installed-requirements-dev.txt ## format, lint, types, import direction, migrations, translations, dependencies
	@exec $(PY) tools/check.py

bench: .venv/.installed-requirements-dev.txt ## benchmarks; see docs/performance.md
	@$(PY) -m pedbasis.translations
	@exec env SECRET_KEY=bench $(PY) -m local exec --ephemeral -- $(PY) -m bench $(ARGS)

screenshots: .venv/.installed-requirements-dev.txt ## the screenshots in README and docs
	@$(PY) -m pedbasis.translations
	@exec env SECRET_KEY=screenshots $(PY) -m local exec --ephemeral -- $(PY) -m tools.screenshots $(ARGS)

messages: .venv/.installed-requirements-dev.txt ## extract the texts to translate into locale/ (needs GNU gettext)
	@exec $(PY) tools/messages.py

format: .venv/.installed-requirements-dev.txt ## format the code
	@$(PY) -m ruff check --quiet --fix . ; $(PY) -m ruff format .

requirements: .venv/.installed-requirements-dev.txt ## compile requirements*.txt from pyproject.toml (ARGS="--upgrade")
	@$(COMPILE) $(ARGS) pyproject.toml --output-file requirements.txt
	@$(COMPILE) $(ARGS) pyproject.toml --extra demo --constraint requirements.txt --output-file requirements-demo.txt
	@$(COMPILE) $(ARGS) --group node --output-file requirements-node.txt
	@$(COMPILE) $(ARGS) pyproject.toml --extra demo --group dev --constraint requirements-demo.txt --output-file requirements-dev.txt

clean: ## remove generated files: .venv, caches, compiled files; the data in var/ stays
	@rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache locale/*/LC_MESSAGES/*.mo
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed-requirements-demo.txt: requirements-demo.txt tools/venv.sh
	@tools/venv.sh requirements-demo.txt "$(PORT)"

.venv/.installed-requirements-dev.txt: requirements-dev.txt tools/venv.sh
	@tools/venv.sh requirements-dev.txt
