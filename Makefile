# RecruitPro: `make` lists what can be done. Everything runs in .venv, made from PYTHON (3.11 or newer).
.DEFAULT_GOAL := help
.PHONY: help run stack reset demo test fmt bench bench-jobs load chaos verify-events export-database verify-export admin-user setup-postgres migrate-sqlite scan-corpus fuzz package restore-drill smoke deploy diff rollback destroy install cost dashboard go-live-check

PYTHON ?= python3
PORT ?= 8000
ENV ?= dev
SEED ?= 2026
FUZZ_SECONDS ?= 60
export PORT PYTHON EMAIL NAME ORGANIZATION SQLITE

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  Variables: PORT=$(PORT) (run, demo), ENV=$(ENV) (package: dev, staging, production), PYTHON=$(PYTHON)"

run: install ## start everything on this machine and serve http://127.0.0.1:8000
	@exec .venv/bin/python -m infra.local run

stack: install ## start everything but HTTP, to use with chalice local
	@exec .venv/bin/python -m infra.local stack

reset: install ## forget all local data
	@.venv/bin/python -m infra.local reset

demo: install ## play the main story against a running server
	@.venv/bin/python -m infra.demo.play --url http://127.0.0.1:$(PORT)

test: install ## format, lint, types and all tests, as CI runs them
	@infra/local/check.sh

fmt: install ## format the code and repair what the linter can
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

bench: install ## measure speed and memory
	@.venv/bin/python -m tests.benchmarks

bench-jobs: install ## measure background jobs beside RQ and Dramatiq
	@.venv/bin/python -m tests.benchmarks.jobs

load: install ## put many people at once on the app: SCENARIO (all), MINUTES=3 of 500 users mixed, ROWS=100000, FRESH=1
	@PATH=$$PATH:/usr/sbin .venv/bin/python -m tests.load $(foreach each,$(SCENARIO),--scenario $(each)) \
		$(if $(MINUTES),--minutes $(MINUTES)) $(if $(ROWS),--rows $(ROWS)) $(if $(FRESH),--fresh)

chaos: install ## do 10,000 jobs under 1,000 faults, and account for each
	@.venv/bin/python -m tests.chaos

verify-events: install ## verify that nobody has changed what happened; names the first event that was
	@if [ -z "$$RECRUITPRO_DATABASE_URL$$RECRUITPRO_DATABASE_HOST" ] && [ -f .local/environment ]; then \
		set -a; . .local/environment; set +a; fi; exec .venv/bin/python -m infra.verify_events

export-database: install ## export the database, encrypted, to the bucket of backups
	@if [ -z "$$RECRUITPRO_EXPORT_DATABASE_URL$$RECRUITPRO_DATABASE_DIRECT_HOST" ] && [ -f .local/environment ]; then \
		set -a; . .local/environment; set +a; fi; exec .venv/bin/python -m infra.logical_export run

verify-export: install ## restore an export into a throwaway PostgreSQL and compare it: EXPORT (its name), else the newest
	@if [ -z "$$RECRUITPRO_EXPORT_DATABASE_URL$$RECRUITPRO_DATABASE_DIRECT_HOST" ] && [ -f .local/environment ]; then \
		set -a; . .local/environment; set +a; fi; exec .venv/bin/python -m infra.logical_export verify $(EXPORT)

admin-user: install ## create an organization with its first admin: EMAIL, NAME, ORGANIZATION
	@if [ -z "$$RECRUITPRO_DATABASE_URL$$RECRUITPRO_DATABASE_HOST" ] && [ -f .local/environment ]; then \
		set -a; . .local/environment; set +a; fi; \
		exec .venv/bin/python -m infra.admin_user --email "$$EMAIL" --name "$$NAME" --organization "$$ORGANIZATION"

migrate-sqlite: install ## bring the data of the old RecruitPro over: SQLITE (its file), ORGANIZATION
	@if [ -z "$$RECRUITPRO_DATABASE_URL$$RECRUITPRO_DATABASE_HOST" ] && [ -f .local/environment ]; then \
		set -a; . .local/environment; set +a; fi; \
		exec .venv/bin/python -m infra.migrate_sqlite --sqlite "$$SQLITE" --organization "$$ORGANIZATION"

setup-postgres: install ## prepare a PostgreSQL of your own: URL of its admin, without the password (CHECK=1 only looks)
	@exec .venv/bin/python -m infra.setup_postgres --superuser-url "$(URL)" $(if $(DATABASE),--database "$(DATABASE)") \
		$(if $(CONNECTIONS),--connections "$(CONNECTIONS)") $(if $(CA_FILE),--ca-file "$(CA_FILE)") \
		$(if $(CHECK),--check-only) $(if $(MIGRATE),--migrate)

scan-corpus: install ## show what becomes of 800 evasive and 1,000 honest files (SEED=2026)
	@PATH=$$PATH:/usr/sbin .venv/bin/python -m tests.corpus --seed $(SEED)

fuzz: install ## feed parsers and the API what nobody would choose (FUZZ_SECONDS=60 for each parser, five times that for the API)
	@.venv/bin/python -m tests.fuzz --seconds $(FUZZ_SECONDS)
	@.venv/bin/python -m tests.fuzz.contract --seconds $$((5 * $(FUZZ_SECONDS)))

smoke: install ## look at a deployment from outside (URL; SMOKE_EMAIL and SMOKE_PASSWORD play the main story too)
	@exec .venv/bin/python -m infra.smoke --url "$(URL)"

go-live-check: install ## go through the checklist before real people use it (URL, ENV)
	@exec .venv/bin/python -m infra.go_live --url "$(URL)" --environment "$(ENV)"

dashboard: install ## show the last hour of the running stack as plots (MINUTES=60; PORT is the stack's)
	@exec .venv/bin/python -m infra.dashboard --url "$(or $(URL),http://127.0.0.1:$(PORT))" --minutes "$(or $(MINUTES),60)"

cost: install ## reckon what a month on AWS costs, for three sizes
	@.venv/bin/python -m infra.cost

deploy: install ## deploy ENV: shows what changes, asks (YES=1: does not), migrates, looks, goes back when it does not work
	@exec .venv/bin/python -m infra.deploy deploy --environment $(ENV) $(if $(YES),--yes) $(if $(DIRTY),--allow-dirty) \
		$(if $(PACKAGE),--package "$(PACKAGE)") $(foreach each,$(REPLACE),--allow-replacing $(each))

diff: install ## show what a deployment of ENV would change, and change nothing
	@exec .venv/bin/python -m infra.deploy diff --environment $(ENV) $(if $(DIRTY),--allow-dirty) \
		$(if $(PACKAGE),--package "$(PACKAGE)")

rollback: install ## bring back the release before, or TO=its number
	@exec .venv/bin/python -m infra.deploy rollback --environment $(ENV) $(if $(YES),--yes) $(if $(TO),--to $(TO)) \
		$(foreach each,$(REPLACE),--allow-replacing $(each))

destroy: install ## remove ENV (never production; staging with NAME=staging), after a list of what stays
	@exec .venv/bin/python -m infra.deploy destroy --environment $(ENV) $(if $(YES),--yes) $(if $(NAME),--name "$(NAME)")

restore-drill: install ## lose a database on purpose, bring it back from its backup and WAL, compare every row
	@.venv/bin/python -m infra.restore_drill

package: install ## build the deployable package of ENV
	@.venv/bin/python -m infra.package --environment $(ENV)

install: ## make .venv and install the pinned requirements
	@infra/local/install.sh
