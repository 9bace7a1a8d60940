# Babelreel: build it, see it work, check it. `make` alone lists the targets.
#
# What is installed and made goes to .cache/, bin/ and tools/ui/node_modules/;
# git ignores all three. Every target may be run again: nothing is done twice.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

empty :=
space := $(empty) $(empty)

CACHE := $(CURDIR)/.cache
HOST := $(CACHE)/enginehost
TOOLS := $(CACHE)/tools/bin
TOOLS_STAMP := $(CACHE)/tools/$(shell cat tools/go.mod tools/go.sum | sha256sum | cut -c1-16)
UI_STAMP := tools/ui/node_modules/.package-lock.json
export GOLANGCI_LINT_CACHE := $(CACHE)/golangci-lint

# Packages are compiled two at a time: a compiler takes up to 2 GB.
GO_BUILD := go build -p 2
GO_TEST := $(TOOLS)/gotestsum --format standard-quiet --hide-summary skipped,output -- -p 2

# Where goroutines share data; the race detector triples the time elsewhere for nothing.
RACE := store engine internal/child

FUZZTIME ?= 10s

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## What a user needs.

.PHONY: demo
demo: setup build ## install, build, make the demo film and localize it
	./bin/babelreel demo

.PHONY: build
build: ## build bin/babelreel and bin/babelreel-temporal
	$(GO_BUILD) -o bin/babelreel ./cmd/babelreel
	cd embed && $(GO_BUILD) -ldflags "-s -w" -o ../bin/babelreel-temporal ./cmd/babelreel-temporal

.PHONY: setup
setup: ## install what running needs: Debian packages, engine host
	@tools/setup/toolchain.sh
	@tools/setup/debian.sh run
	@engine/host/setup.sh $(HOST)

.PHONY: clean
clean: ## remove what was built and made; what was installed stays
	rm -rf bin $(CACHE)/demo $(CACHE)/ledger $(CACHE)/ledger.tsv

## What the checks need.

.PHONY: setup-debian
setup-debian:
	@tools/setup/toolchain.sh
	@tools/setup/debian.sh run test

.PHONY: setup-host
setup-host: setup-debian
	@engine/host/setup.sh $(HOST) --tests

.PHONY: setup-tools
setup-tools: $(TOOLS_STAMP)

.PHONY: setup-ui
setup-ui: $(UI_STAMP)

# The stamp is named after the pinned versions, so new ones are built at once.
$(TOOLS_STAMP):
	rm -rf $(CACHE)/tools
	mkdir -p $(TOOLS)
	cd tools && $(GO_BUILD) -ldflags "-s -w" -o $(TOOLS)/ tool
	touch $@

$(UI_STAMP): tools/ui/package.json tools/ui/package-lock.json
	cd tools/ui && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

## The checks.

STEPS := setup-debian setup-host setup-tools setup-ui build lint unit race embed-test host-test e2e

.PHONY: test
test: ## run every check and print where the time went
	@tools/ledger.sh --start; \
	status=0; \
	for step in $(STEPS); do tools/ledger.sh $$step $(MAKE) $$step || { status=$$?; break; }; done; \
	tools/ledger.sh --print; \
	exit $$status

.PHONY: lint
lint: setup-tools setup-debian ## check style, layers, workflow determinism and scripts
	$(TOOLS)/golangci-lint run ./...
	cd embed && $(TOOLS)/golangci-lint run ./...
	@unformatted=$$($(TOOLS)/gofumpt -extra -l $$(git ls-files -co --exclude-standard -- '*.go')); \
	if [ -n "$$unformatted" ]; then printf 'not formatted (make fmt):\n%s\n' "$$unformatted" >&2; exit 1; fi
	$(TOOLS)/workflowcheck -config tools/workflowcheck.yaml ./workflows/...
	shellcheck --severity=warning .ci/run $$(git ls-files -co --exclude-standard -- '*.sh')

.PHONY: fmt
fmt: setup-tools ## format every Go file
	$(TOOLS)/golangci-lint fmt ./...
	cd embed && $(TOOLS)/golangci-lint fmt ./...

.PHONY: unit
unit: setup-tools ## test the packages of the main module, those of race apart
	$(GO_TEST) $$(go list ./... | grep -vE '^[^/]*/[^/]*/[^/]*/($(subst $(space),|,$(RACE)))(/|$$)')

.PHONY: race
race: setup-tools ## test with the race detector where goroutines share data
	$(GO_TEST) -race $(RACE:%=./%/...)

.PHONY: embed-test
embed-test: setup-tools ## test the embedded Temporal
	cd embed && $(GO_TEST) ./...

.PHONY: host-test
host-test: setup-host ## test the engine host
	$(HOST)/venv/bin/python -m pytest -q engine/host/tests

.PHONY: e2e
e2e: setup-host setup-tools setup-ui build ## test whole jobs, crashes and the UI in real processes
	$(GO_TEST) -tags e2e -p 1 -count=1 -timeout 30m ./internal/e2e/...

.PHONY: ui-test
ui-test: setup-host setup-tools setup-ui build ## test only what a person does in the UI
	$(GO_TEST) -tags e2e -p 1 -count=1 -timeout 30m -run UI ./internal/e2e/...

.PHONY: screenshots
screenshots: setup-host setup-ui build ## take the pictures of docs/img anew, with the neural engines
	SCREENSHOTS=$(CURDIR)/docs/img go test -tags e2e -count=1 -timeout 20m -run '^TestUI|^TestRealEngines$$/^the_demo_film$$' ./internal/e2e/...

.PHONY: histories
histories: build ## record the histories of this release for the replay tests
	mkdir -p workflows/testdata/histories
	RECORD_HISTORIES=$(CURDIR)/workflows/testdata/histories go test -tags e2e -p 1 -count=1 -run 'TestWholeJob|TestOneEdited|TestContinue' ./internal/e2e

.PHONY: bench
bench: setup build ## measure the local stack and an activity hop, median of 5 (15 minutes)
	@test -f $(CACHE)/demo/film.mp4 || { echo 'make the film first: make demo' >&2; exit 1; }
	{ go test -tags e2e -timeout 40m -run '^$$' -bench LocalStack -benchtime 1x -count 5 ./internal/e2e; \
	  cd embed && go test -run '^$$' -bench ActivityHop -benchtime 200x -count 5 .; } | tee $(CACHE)/bench.txt | awk -f tools/median.awk

.PHONY: bench-units
bench-units: ## measure the parts: timed text, QA, store, media
	go test -p 1 -run '^$$' -bench . -benchmem ./...

.PHONY: fuzz
fuzz: ## fuzz every fuzz test for FUZZTIME each (10s)
	@grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' --exclude-dir=.cache --exclude-dir=node_modules . | sort | \
	while IFS=: read -r file func; do \
		echo "$$file: $${func#func }"; \
		(cd $$(dirname $$file) && go test -run '^$$' -fuzz "^$${func#func }$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x .); \
	done
