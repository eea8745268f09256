# `make run` needs Python 3.11 to 3.13 and make, nothing else. Another Python: make run PYTHON=python3.12

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
SPARK_READY := $(VENV)/ready_spark

# Spark weighs half a gigabyte: a company on one machine is spared it, and the tests always have it.
ENGINE_READY := $(READY) $(if $(filter spark,$(ONE_COMPANY_TARGET)),$(SPARK_READY))
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all:

# What is asked for reaches a command through its environment, as it was typed: neither make nor the shell reads a sign in it.
ASKED := PERIOD MEASURE SEGMENT VALUE_BASIS LIMIT MONTH TO PORT CUSTOMERS
$(foreach name,$(ASKED),$(if $(value $(name)),$(eval override $(name) := $$(value $(name)))$(eval export $(name))))

# Without bytecode every start would compile all imports again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test ui explain asked_for_a_figure close_period restate roll_back train_identity lint docs bench lock

help:
	@echo "make run       read the exports, build, audit, publish, and tell the headline"
	@echo "make test      every test"
	@echo "make ui        Dagster's web UI on this machine"
	@echo "make explain   why a number is what it is: PERIOD=2026-10 MEASURE=lost_customers, with SEGMENT, VALUE_BASIS, LIMIT"
	@echo "make close_period MONTH=2026-10  close a month as soon as it is over, and refresh"
	@echo "make restate   which closed figures would move, and why, before anything is published"
	@echo "make roll_back give readers the publication before; TO=<publication id> for another"
	@echo "make train_identity  learn anew, from this company's records, how likely two of them are one customer"
	@echo "make lint | docs | bench | lock"

run: $(ENGINE_READY)
	@$(BIN)/python -m dagster_project refresh

test: $(READY) $(SPARK_READY)
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder tests

ui: $(ENGINE_READY)
	@$(BIN)/python -m dagster_project ui $${PORT:+"--port=$$PORT"}

explain: asked_for_a_figure $(READY)
	@$(BIN)/python -m dagster_project explain "$$PERIOD" "$$MEASURE" $${SEGMENT:+"--segment=$$SEGMENT"} \
		$${VALUE_BASIS:+"--value-basis=$$VALUE_BASIS"} $${LIMIT:+"--limit=$$LIMIT"}

asked_for_a_figure:
	@test -n "$$PERIOD" && test -n "$$MEASURE" || { echo "Say which figure: make explain PERIOD=2026-10 MEASURE=lost_customers"; exit 1; }

close_period: $(ENGINE_READY)
	@$(BIN)/python -m dagster_project close_period "$$MONTH"

restate: $(ENGINE_READY)
	@$(BIN)/python -m dagster_project restate

roll_back: $(ENGINE_READY)
	@$(BIN)/python -m dagster_project roll_back $${TO:+"$$TO"}

train_identity: $(READY)
	@$(BIN)/python -m dagster_project train_identity

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/sqlfluff lint dbt_project/models dbt_project/tests

docs: $(ENGINE_READY)
	@$(BIN)/python -m dagster_project docs

bench: $(READY)
	@$(BIN)/python -m bench $${CUSTOMERS:+--customers $$CUSTOMERS}

# The environment is made once and brought up to date where the lock changed. It is never emptied: a run or the web UI
# may be using it, and a set-up that was cut off goes on where it stopped.
$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
		echo "Python 3.11, 3.12 or 3.13 is needed, and $(PYTHON) is not one: say which to use, as in make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: install its venv package (on Debian and Ubuntu: apt install python3-venv)"; exit 1; }
	@echo "Setting up $(VENV) (once; some minutes) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP_INSTALL) -r requirements.lock
	@$(BIN)/python -m compileall -q dagster_project
	@touch $(READY)

# PySpark comes as source alone; packing it compiles nothing, with the setuptools of requirements.lock.
$(SPARK_READY): requirements-spark.lock $(READY)
	@echo "Adding Spark to $(VENV) (once; half a gigabyte) …"
	@$(BIN)/python $(PIP_INSTALL) --no-binary pyspark --use-pep517 --no-build-isolation -r requirements-spark.lock
	@touch $(SPARK_READY)

# Both locks from pyproject.toml, with uv (https://docs.astral.sh/uv). The second holds only what Spark adds.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-strip-extras

lock:
	@$(LOCK) --extra dev pyproject.toml -o requirements.lock
	@$(LOCK) --extra spark -c requirements.lock pyproject.toml -o requirements-spark.lock \
		$$(sed -n 's/^\([A-Za-z0-9._-]*\).*==.*/--no-emit-package \1/p' requirements.lock) \
		&& sed -i.bak '/^# The following packages/,$$d' requirements-spark.lock && rm requirements-spark.lock.bak
