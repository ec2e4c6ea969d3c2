#!/bin/sh
# The tests that every change must pass. See the Makefile.
set -eu
cd "$(dirname "$0")/.."
: "${GO:=go}"
began=$(date +%s)

sh scripts/install-servers.sh
sh scripts/lint.sh

race=-race
if ! command -v gcc >/dev/null 2>&1; then
	race=
	echo "no C compiler: the tests run without -race"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# -count=1: a result from the cache would hide a mail server that is no longer there.
status=0
$GO test -json -count=1 $race -timeout 15m ./... >"$work/tests.json" 2>"$work/tests.err" || status=$?
cat "$work/tests.err" >&2
$GO run ./internal/tools/testlines -slowest 10 <"$work/tests.json" || status=1
if [ "$status" != 0 ]; then
	echo "the tests failed" >&2
	exit "$status"
fi

sh scripts/fuzz-each.sh 50000
echo "make test: passed in $(($(date +%s) - began)) s"
