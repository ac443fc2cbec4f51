# Everything a machine needs is installed by these targets; `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
UV := $(shell command -v uv 2>/dev/null || echo $(CURDIR)/.askwell/uv/bin/uv)
PYTHON := .venv/bin/python

.PHONY: help install run serve test unit model conversation guard-report bench bench-retrieval bench-peers bench-vectors widget widget-tools browser lint types format validate clean

help:  ## list what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(UV):
	@echo "uv is not installed; installing it into .askwell/uv" >&2
	python3 -m venv .askwell/uv && .askwell/uv/bin/pip install --quiet uv

install: $(UV)  ## install Python 3.10 if needed, and everything else into .venv
	@test -x .venv/bin/askwell && cmp -s uv.lock .venv/.installed || { $(UV) sync --locked && cp uv.lock .venv/.installed; }

run: install  ## install, index, train, serve; prints the address of the chat page
	.venv/bin/askwell serve

test: install widget-tools browser  ## install, then every check and test
	$(MAKE) --no-print-directory lint types
	$(PYTHON) -m pytest -q

unit: install widget-tools  ## tests without a model, some seconds
	$(PYTHON) -m pytest -q -m unit

model: install  ## tests with the real encoder and index
	$(PYTHON) -m pytest -q -m model

conversation: install widget-tools browser  ## tests with the trained bot, the real actions and HTTP
	$(PYTHON) -m pytest -q -m conversation

guard-report: install  ## measure the guard on the held-out utterances and write bot/guardrails/REPORT.md
	$(PYTHON) -m tests.guardrails.report

bench: install  ## how long a turn takes and how much memory, beside a bare Rasa
	$(PYTHON) -m tests.benchmarks.turns

bench-retrieval: install  ## own questions: right passage, refusals, silence
	$(PYTHON) -m tests.benchmarks.retrieval

PEERS := .askwell/peers/bin/python
CORPUS ?= corpus.jsonl
QUERIES ?= queries.jsonl
QRELS ?= qrels.tsv

bench-peers: install $(UV)  ## beside Haystack, LangChain and bm25s; CORPUS= QUERIES= QRELS= in BEIR's form
	@test -x $(PEERS) || $(UV) venv --quiet --python 3.10 .askwell/peers
	$(UV) pip install --quiet --python $(PEERS) "haystack-ai>=2.10,<3" langchain-community langchain-huggingface \
		"sentence-transformers>=5.1,<6" "transformers<5" "faiss-cpu<1.9" "numpy<2" bm25s PyStemmer
	$(PYTHON) -m tests.benchmarks.peers --peers $(PEERS) --corpus $(CORPUS) --queries $(QUERIES) --qrels $(QRELS)

bench-vectors: install  ## vector search at 10 thousand, 100 thousand and 1 million vectors; heavy
	$(PYTHON) -m tests.benchmarks.vectors

# npm and node come from .venv, so that the machine needs neither.
NPM := cd bot/widget && PATH="$(CURDIR)/.venv/bin:$$PATH" npm

widget: install widget-tools  ## build the chat widget from bot/widget/src; prints sizes and the hash for pages
	@$(NPM) run --silent build

widget-tools: install
	@cmp -s bot/widget/package-lock.json bot/widget/node_modules/.installed || \
		{ ($(NPM) ci --silent --ignore-scripts) && cp bot/widget/package-lock.json bot/widget/node_modules/.installed; }

browser: install  ## a Chromium for the widget's tests, if the machine has none
	@$(PYTHON) -m tests.widget.chromium

lint: install  ## ruff: rules and format
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: install  ## mypy, strict
	.venv/bin/mypy

format: install  ## let ruff rewrite what it can
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

validate: install  ## let Rasa check the dialogue's data
	RASA_TELEMETRY_ENABLED=false .venv/bin/rasa data validate -d bot/domain -c config.yml --data bot/nlu bot/rules --fail-on-warnings

clean:  ## remove what was built; documents and settings stay
	rm -rf .askwell .pytest_cache .mypy_cache .ruff_cache .hypothesis
