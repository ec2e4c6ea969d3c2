# aftercare: what can be run. The shipped binary needs Go only; the tests want gcc (for -race), Dovecot and Postfix.

GO ?= go
N ?= 100000
CEILING ?=

.PHONY: all build test lint exam fuzz bench demo clean

all: build

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/aftercare ./cmd/aftercare

demo:
	$(GO) run ./cmd/aftercare demo

# lint, unit tests and the server suite under -race, kills against the plain binary, 50,000 fuzz executions a target. As root
# with AFTERCARE_REQUIRE_SERVERS=1 it installs what is missing; otherwise tests that need a missing server skip and say so.
test:
	@GO='$(GO)' sh scripts/test.sh

lint:
	@GO='$(GO)' sh scripts/lint.sh

# The floors on real data in the folder AFTERCARE_DATA (unset: they skip and say so), monsters, fuzzing, 30 kills.
exam:
	@GO='$(GO)' sh scripts/exam.sh

# By hand, resumable: the corpus that was found is kept in Go's cache. N executions in all, half of them for Parse.
fuzz:
	@GO='$(GO)' sh scripts/fuzz.sh $(N)

# By hand: one run, ratios. CEILING=command adds the ceiling of the same machine (see scripts/bench.sh).
bench:
	@GO='$(GO)' CEILING='$(CEILING)' sh scripts/bench.sh

clean:
	rm -rf bin
