# The few commands of the house. What they do is in tools/, in files one can read.
.POSIX:
MAKEFLAGS += --no-print-directory
.PHONY: help run setup release releases test costly quick quick-phone quick-server lint lint-types lint-rules ci bench lighthouse chaos soak fuzz unsteady coverage mutants dev lock clean

BIN = .venv/bin
SETUP = @python=$$(sh tools/python.sh) && "$$python" tools/setup.py

help: ## Show this list
	@sed -n 's/^\([a-z]*\): ## /\1|/p' Makefile | while IFS='|' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

run: ## Set up what is missing, make the demo on the first start, serve
	$(SETUP) port
	$(SETUP) run
	@exec sh tools/run.sh

setup: ## Set up what is missing, nothing else: for a real installation, without the demo
	$(SETUP) setup

release: ## Make the archive of a release in dist/, for servers without a network (LOA_SIGNING_KEY signs it)
	$(SETUP) setup
	@$(BIN)/python tools/release.py

test: ## Run the tests: the phone app's own, then server, desk and browser
	$(SETUP) test
	$(SETUP) npm run --silent test
	@$(BIN)/python -m pytest -n 3 --dist worksteal

costly: ## Run what `make test` leaves to `make ci`: dear tests, more stories in a browser, the other database
	$(SETUP) test
	@$(BIN)/python -m pytest -n 3 --dist worksteal --costly -m costly

quick: ## Run a slice of the tests in a minute or two: unit, API, desk and rules on SQLite, no browser
	$(SETUP) quick
	@$(MAKE) -j 2 quick-phone quick-server

quick-phone: # a start of some seconds, in which a core would have nothing to do
	$(SETUP) npm run --silent test

quick-server:
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal --quick tests/unit tests/api tests/desk tests/property

lint: ## Check style, types and the borders between the layers
	$(SETUP) lint
	@$(MAKE) -j 2 lint-types lint-rules

lint-types: # takes one core for as long as all the others together
	@$(BIN)/mypy

lint-rules:
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports
	$(SETUP) npm run --silent lint
	$(SETUP) npm run --silent typecheck

ci: ## Everything a change must pass
	@$(MAKE) lint
	@$(MAKE) test
	@$(MAKE) costly

bench: ## Measure the exchange beside the least a server could do; ONLY=W4 takes one work (tests/bench/README.md)
	$(SETUP) test
	@exec sh tools/bench.sh

lighthouse: ## The four scores of Lighthouse for phone and desk; each is 100 or the audits are named
	$(SETUP) test
	$(SETUP) lighthouse
	@exec sh tools/lighthouse.sh

chaos: ## Kill, cut, fill and starve real servers at length; counts are printed (tests/chaos/README.md)
	$(SETUP) test
	$(SETUP) chaos
	@exec sh tools/chaos.sh

releases: ## Make a release, install, upgrade, break and roll it back on both databases; cut its power at each step (as root)
	$(SETUP) test
	@$(BIN)/python -m pytest -q --long tests/release

soak: ## The tests marked `costly(soak=True)`, then 2,000 random histories of the shipped phone app on each database (tests/property)
	$(SETUP) test
	@exec sh tools/soak.sh

fuzz: ## 20,000 requests made from the OpenAPI document on each database; ONLY=sync takes one route (tests/fuzz/README.md)
	$(SETUP) test
	@exec sh tools/fuzz.sh

unsteady: ## Journeys where app, test or line are late at random, all tests on a busy machine; ONLY=app takes one (tests/unsteady)
	$(SETUP) test
	@exec sh tools/unsteady.sh

coverage: ## Branches of services and sync that `make test` takes, by file; ONLY=tests/unit counts a slice
	$(SETUP) test
	@exec sh tools/coverage.sh

mutants: ## Break sync/ and the phone's exchange in small ways, a sample of them; what no test notices is listed
	$(SETUP) test
	@$(BIN)/python tools/mutants.py

dev: ## Serve with reloading, rebuild the phone app on every change
	$(SETUP) port
	$(SETUP) test
	@exec sh tools/dev.sh

lock: ## Choose versions anew and write the locks (needs uv and npm)
	@sh tools/lock.sh

clean: ## Remove what make made, except the data in var/
	@rm -rf .venv .cache dist pwa/node_modules pwa/dist server/desk/static/built tests/tus/node_modules tests/lighthouse/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
