# Everything a newcomer needs: `make train` and `make test`. Nothing is installed outside this folder, but for
# Chromium, which `make test` asks apt for when no browser is found.

# The newest that TensorFlow has wheels for; one that is there in name only (a version manager's) is passed over.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c '$(FITS)' >/dev/null 2>&1 && command -v $$name && break; done)
UV_VERSION := 0.13.8
CONCEPT ?= trypophobia
BROWSER ?= chrome

UV := .tools/bin/uv
RUN := .venv/bin
export PATH := $(CURDIR)/.tools/node/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup train test checked check check-python check-extension test-python test-extension
.PHONY: extension bench serve screenshot clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{ printf "  make %-16s %s\n", $$1, $$2 }'

setup: .venv/.ready extension/build/.ready weights ## install everything into this folder: Python, Node, extension, pretrained weights

train: setup ## train on what the store holds (drawn pictures, if it is empty) and export, gate and report
	$(RUN)/flinch synthesize --if-empty --concept $(CONCEPT)
	$(RUN)/flinch train --concept $(CONCEPT)
	@$(RUN)/flinch label round --concept $(CONCEPT) >/dev/null

test: setup checked test-python ## run everything: linters, types, layers, TypeScript, Python, Chromium, PostgreSQL

# Two at a time; what each says comes in one piece.
checked: setup
	@$(MAKE) --no-print-directory -j2 --output-sync check-python check-extension test-extension

check: check-python check-extension ## linters, types and layers, in Python and in TypeScript

check-python: .venv/.ready
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

check-extension: extension/build/.ready extension/packages/.ready-firefox
	cd extension && npm run --silent typecheck
	cd extension && npm run --silent lint

# Browser tests mostly wait for pages, the pipeline's mostly compute: side by side they take little longer than one.
# What the browser tests say comes when both are done; what measures time runs by itself afterwards.
test-python: setup chromium ## the Python tests: the extension in Chromium beside the pipeline and its journey
	@$(RUN)/pytest -m "not alone" tests/extension >.pytest-browser.log 2>&1 & browser=$$!; \
	trap 'kill $$browser' INT TERM; \
	$(RUN)/pytest --ignore tests/extension; pipeline=$$?; \
	wait $$browser; ended=$$?; \
	cat .pytest-browser.log; rm .pytest-browser.log; \
	[ $$pipeline -eq 0 ] && [ $$ended -eq 0 ]
	$(RUN)/pytest -m alone tests/extension

test-extension: extension/build/.ready ## the TypeScript tests
	cd extension && npm test --silent

extension: extension/packages/.ready-$(BROWSER) ## build extension/dist and its store package; BROWSER=firefox: for Firefox

bench: setup ## run the benchmarks (an hour and more; BENCH=page: only that one) and write docs/benchmarks.md
	$(RUN)/python bench/run_all.py $(BENCH)

serve: .venv/.ready ## take readers' reports on http://127.0.0.1:8000
	$(RUN)/flinch serve --concept $(CONCEPT)

screenshot: setup chromium ## take the pictures of README and stores anew, with the released model
	$(RUN)/python docs/screenshot.py

clean: ## remove what was built and installed; the store in .flinch stays
	rm -rf .venv .tools extension/node_modules extension/build extension/dist extension/dist-firefox extension/packages

# --- below: how the pieces get here -------------------------------------------------------------------------

.PHONY: chromium
chromium:
	@sh tests/chromium.sh

# Named by the version, so that another one is fetched.
UV_STAMP := .tools/.uv-$(UV_VERSION)

$(UV_STAMP):
	@python="$(PYTHON)"; "$${python:-false}" -c '$(FITS)' 2>/dev/null || \
		{ echo "flinch needs Python 3.11, 3.12 or 3.13; run: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -m venv --clear .tools || \
		{ echo "$(PYTHON) cannot make virtual environments; Debian, Ubuntu: install the package python3-venv" >&2; exit 1; }
	.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# A node of 20.19 or newer on the PATH is used as it is; else a package of the Python registry brings one. Compiled
# once: else, where PYTHONDONTWRITEBYTECODE is set, every start compiles TensorFlow anew, which takes twice its import.
.venv/.ready: $(UV_STAMP) pyproject.toml uv.lock
	$(UV) sync --quiet --locked --all-extras --compile-bytecode $$(sh extension/tools/node.sh group .tools/node) \
		--python "$(PYTHON)"
	@sh extension/tools/node.sh link .tools/node $(RUN)/python
	@touch $@

# Only after .venv, which may bring the node; a change there is none here.
extension/node_modules/.ready: extension/package.json extension/package-lock.json | .venv/.ready
	cd extension && npm ci --silent --no-fund --no-audit
	@touch $@

EXTENSION_SOURCES := $(shell find extension/src extension/public extension/tools extension/building extension/library \
	extension/model -type f 2>/dev/null) $(wildcard extension/*.mjs) extension/tsconfig.json

extension/build/.ready: extension/node_modules/.ready $(EXTENSION_SOURCES)
	cd extension && npm run --silent build
	@touch $@

extension/packages/.ready-chrome: extension/build/.ready
	cd extension && npm run --silent package
	@touch $@

extension/packages/.ready-firefox: extension/node_modules/.ready $(EXTENSION_SOURCES)
	cd extension && npm run --silent build -- firefox && npm run --silent package -- firefox
	@touch $@

# A stamp says nothing of a dist that somebody deleted.
ifeq ($(and $(wildcard extension/dist/manifest.json),$(wildcard extension/build/parity.mjs)),)
.PHONY: extension/build/.ready
endif

ifeq ($(wildcard extension/dist-firefox/manifest.json),)
.PHONY: extension/packages/.ready-firefox
endif

# Fetched at set-up so that later trainings need no network. Where they cannot be had (exit code 6), an earlier bundle
# may serve: training decides.
.PHONY: weights
weights: .venv/.ready
	@$(RUN)/flinch weights --concept $(CONCEPT) || \
		{ [ $$? -eq 6 ] && echo "set-up goes on: training will ask again, or start from an earlier bundle" >&2; }
