# Everything a newcomer needs: `make train` and `make test`. Nothing is installed outside this folder, but for
# Chromium, which `make test` asks apt for when no browser is found.

PYTHON ?= python3
UV_VERSION := 0.13.8
CONCEPT ?= trypophobia

UV := .tools/bin/uv
RUN := .venv/bin
export PATH := $(CURDIR)/.tools/node/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup train test check test-python test-extension extension serve screenshot clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{ printf "  make %-16s %s\n", $$1, $$2 }'

setup: .venv/.ready extension/build/.ready .flinch-weights ## install everything into this folder: Python, Node, extension, pretrained weights

train: setup ## train on what the store holds (drawn pictures, if it is empty) and export, gate and report
	$(RUN)/flinch synthesize --if-empty --concept $(CONCEPT)
	$(RUN)/flinch train --concept $(CONCEPT)
	$(RUN)/flinch label round --concept $(CONCEPT)

test: setup check test-extension test-python ## run everything: linters, types, layers, TypeScript, Python, Chromium, PostgreSQL

check: .venv/.ready extension/node_modules/.ready ## linters, types and layers, in Python and in TypeScript
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports
	cd extension && npm run --silent typecheck

test-python: setup chromium ## the Python tests, the extension in Chromium and the journey among them
	$(RUN)/pytest

test-extension: extension/build/.ready ## the TypeScript tests
	cd extension && npm test --silent

extension: extension/build/.ready ## build the extension into extension/dist

serve: .venv/.ready ## take readers' reports on http://127.0.0.1:8000
	$(RUN)/flinch serve --concept $(CONCEPT)

screenshot: setup chromium ## take the README's pictures anew, with the newest bundle
	$(RUN)/python docs/screenshot.py

clean: ## remove what was built and installed; the store in .flinch stays
	rm -rf .venv .tools extension/node_modules extension/build extension/dist

# --- below: how the pieces get here -------------------------------------------------------------------------

.PHONY: chromium
chromium:
	@sh tests/chromium.sh

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "flinch needs Python 3.11 or newer; run: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .tools || \
		{ echo "python3 cannot make virtual environments; install the package python3-venv"; exit 1; }
	.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.ready: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --locked --all-extras --python $(PYTHON)
	@touch $@

# A node of 20 or newer on the PATH is used as it is; else a package of the Python registry brings one.
.tools/node/.ready: .venv/.ready
	@sh extension/tools/node.sh .tools/node $(UV) $(RUN)/python
	@touch $@

extension/node_modules/.ready: .tools/node/.ready extension/package.json extension/package-lock.json
	cd extension && npm ci --silent --no-fund --no-audit
	@touch $@

EXTENSION_SOURCES := $(shell find extension/src extension/public extension/tools -type f 2>/dev/null) extension/build.mjs extension/tsconfig.json

extension/build/.ready: extension/node_modules/.ready $(EXTENSION_SOURCES)
	cd extension && npm run --silent build
	@touch $@

# Fetched at set-up so that later trainings need no network.
.PHONY: .flinch-weights
.flinch-weights: .venv/.ready .tools/node/.ready
	@$(RUN)/flinch weights --concept $(CONCEPT)
