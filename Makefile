# make demo   set up, then crawl, read, search and show the demo newspaper
# make test   set up, then everything that is checked
# See CONTRIBUTING.md for the rest.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
VALIDATORS := .venv-validators
LAB := .venv-lab

.PHONY: demo test faults check docs lock validate lab bench clean

demo: $(READY)
	$(BIN)/archiver demo

test: $(READY) check
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# kill -9, power cuts, full disks, damaged files, by the hundred, and a month of five newspapers (an hour; a short
# form is in 'make test').
faults: $(READY)
	$(BIN)/python -m pytest tests/faults tests/crawl/test_month.py --faults=long -s

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# The set-up: a virtual environment with exactly what requirements.lock names, hashes checked.
$(READY): requirements.lock pyproject.toml
	@echo "archiver: making the virtual environment $(VENV) (a minute or two the first time)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "archiver: needs Python 3.11 or later; name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@echo "archiver: installing what requirements.lock names"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "archiver: installing archiver itself"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# Write the generated part of the documentation anew.
docs: $(READY)
	$(BIN)/python -m tests.reference docs/cli.md
	$(BIN)/python -m tests.export.fields docs/export.md

# Pin anew: newest versions that pyproject.toml allows, every hash, no addresses.
lock: $(READY)
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --extra dev \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate \
	  -o requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate \
	  -o bench/extractors.lock pyproject.toml bench/extractors.in

# What other people's tools say of our WARCs: fastwarc, cdxj-indexer, gzip, wacz and pywb (GPL, so only here).
validate: $(READY) $(VALIDATORS)/.ready
	$(BIN)/python -m bench.validate $(VALIDATORS)/bin

$(VALIDATORS)/.ready: bench/validators.lock
	$(PYTHON) -m venv $(VALIDATORS)
	$(VALIDATORS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/validators.lock
	@touch $@

# How good the clean text is, beside other extractors: make lab SETS="folder folder". See bench/extraction.py.
lab: $(LAB)/.ready
	$(LAB)/bin/python -m bench.extraction --with archiver,trafilatura,readability,newspaper,resiliparse $(SETS)

# --no-deps: the lock is complete, and older versions of pip stumble over an extra that is named twice.
$(LAB)/.ready: bench/extractors.lock
	$(PYTHON) -m venv $(LAB)
	$(LAB)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r bench/extractors.lock
	@touch $@

bench: $(READY)
	$(BIN)/python -m bench.crawl

clean:
	rm -rf $(VENV) $(VALIDATORS) $(LAB) demo-archive dist
