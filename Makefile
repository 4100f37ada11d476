# Everything by a few words: run, setup, test, test-15, lock. Each brings the clone up to date first.
.POSIX:
.DEFAULT_GOAL := run
.PHONY: run setup test test-15 dev lock

# The first Python on this machine that is new enough.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
INSTALL = @test -n "$(PYTHON)" || { echo "Banyan needs Python 3.11 or newer and found none." \
	"On Debian: apt-get install python3 python3-venv" >&2; exit 2; }; \
	$(PYTHON) -I banyan/site/install.py
TESTS ?= tests

## run: serve on http://127.0.0.1:8000 (another port: BANYAN_PORT=8001 make run)
run:
	$(INSTALL)
	@.venv/bin/banyan up

## setup: prepare everything without serving; leaves .venv/bin/banyan
setup:
	$(INSTALL)
	@.venv/bin/banyan up --prepare

## dev: what checks and tests need
dev:
	$(INSTALL) --tests
	@.venv/bin/banyan up --assets

## test: run all tests, or some: make test TESTS=tests/setup
test: dev
	@PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 .venv/bin/python -m pytest \
		-p pytest_django.plugin -p xdist.plugin -n 2 --dist loadfile $(TESTS)

## test-15: the database shelf again, on Debian's PostgreSQL 15 where it is installed
test-15: dev
	@PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 .venv/bin/python -m tests.fifteen $(filter-out tests,$(TESTS))

## lock: make the locks anew from requirements/*.in and package.json
lock: dev
	@cd requirements && lock="../.venv/bin/python -m uv pip compile --quiet --upgrade --no-header \
		--generate-hashes --universal --python-version 3.11" && \
		$$lock run.in -o run.txt && $$lock dev.in -c run.txt -o dev.txt && $$lock node.in -o node.txt
	@npm update --package-lock-only
