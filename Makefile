# `make` lists what there is. Needs only Python 3.11+; everything else is installed on the way.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
# A server that may not keep its bytecode compiles itself anew at every start: five seconds instead of one.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
CODE := src tests scripts bench
WITH_ENGINE := $(BIN)/python scripts/engine.py run --

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: bootstrap pages ## Set up what is missing and run the product at http://127.0.0.1:8000
	@exec $(BIN)/fastflow up

.PHONY: bootstrap
bootstrap: ## Make .venv match uv.lock, installing uv where there is none
	@scripts/bootstrap

.PHONY: pages
pages: bootstrap ## Build the web app into the package, where web/ has changed
	@scripts/pages

.PHONY: check
check: bootstrap ## Format, lint, types, import contracts, lockfile, generated files, known vulnerabilities
	scripts/web run check
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/uv lock --check --quiet
	$(BIN)/python scripts/check_house.py
	$(BIN)/python scripts/reference.py --check
	$(BIN)/zensical build --strict
	$(BIN)/python scripts/audit.py

.PHONY: format
format: bootstrap ## Format the code and mend what can be mended by machine
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix --quiet $(CODE)

.PHONY: test
test: bootstrap pages ## Every ring of tests; starts a Docker Engine where none answers
	@$(WITH_ENGINE) scripts/rings all

.PHONY: test-fast
test-fast: bootstrap ## Only the rings that need neither Engine nor PostgreSQL
	@scripts/rings fast

.PHONY: test-store
test-store: bootstrap ## Every query on SQLite and on a PostgreSQL of its own
	@scripts/rings store

.PHONY: test-docker
test-docker: bootstrap ## Executors against a real Engine
	@$(WITH_ENGINE) scripts/rings docker

.PHONY: test-process
test-process: bootstrap ## Executors against local processes
	@scripts/rings process

.PHONY: test-acceptance
test-acceptance: bootstrap ## Stories through the public API of a real server
	@$(WITH_ENGINE) scripts/rings acceptance

.PHONY: test-deploy
test-deploy: bootstrap ## The stack of deploy/: built, used, upgraded, lost and restored
	@$(WITH_ENGINE) scripts/rings deploy

.PHONY: test-web
test-web: bootstrap pages ## Components, and stories in a real browser
	@$(WITH_ENGINE) scripts/rings web

.PHONY: test-faults
test-faults: bootstrap ## Killed servers, restarted Engines, full disks
	@$(WITH_ENGINE) scripts/rings faults

.PHONY: bench
bench: bootstrap pages ## Measure; writes bench-results/*.json and docs/benchmarks.md
	@$(WITH_ENGINE) scripts/measure

.PHONY: bench-others
bench-others: bootstrap pages ## The same figures beside Prefect, Dagster and Airflow, installed from PyPI
	@$(WITH_ENGINE) scripts/measure others

.PHONY: runner-image
runner-image: bootstrap ## Get the image of attempts: pulled, or built from Debian packages
	@$(WITH_ENGINE) $(BIN)/fastflow runner-image

.PHONY: docker
docker: bootstrap ## Make sure a Docker Engine answers (Debian, as root: installs and starts one)
	@$(BIN)/python scripts/engine.py start

.PHONY: docker-stop
docker-stop: bootstrap ## Stop the Engine that `make docker` started
	@$(BIN)/python scripts/engine.py stop

.PHONY: reference
reference: bootstrap ## Write docs/reference anew from the code
	@$(BIN)/python scripts/reference.py

.PHONY: docs
docs: bootstrap ## Build the documentation as a site into site/
	@$(BIN)/zensical build --strict

.PHONY: screenshots
screenshots: bootstrap pages ## Render every page of the web app into docs/screenshots
	@$(WITH_ENGINE) $(BIN)/python -m tests.web.screenshots docs/screenshots

.PHONY: wheel
wheel: bootstrap pages ## Build the package with its pages into dist/
	@rm -rf dist
	@$(BIN)/uv build --quiet --wheel
	@$(BIN)/python -m zipfile --list dist/*.whl | grep -q 'fastflow/web/index.html' || \
		{ echo "the wheel has no pages" >&2; exit 1; }
	@ls dist/*.whl

.PHONY: clean
clean: ## Remove what was built here; keeps ./data
	rm -rf src/fastflow/web web/node_modules .venv .tools .cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist site bench-results
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
