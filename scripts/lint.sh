#!/bin/sh
# Format, vet and staticcheck over everything.
set -eu
cd "$(dirname "$0")/.."
: "${GO:=go}"
unformatted=$(gofmt -l $(git ls-files '*.go' 2>/dev/null || find . -name '*.go'))
if [ -n "$unformatted" ]; then
	echo "not formatted by gofmt:" >&2
	echo "$unformatted" >&2
	exit 1
fi
$GO vet ./...
$GO tool staticcheck ./...
$GO mod verify >/dev/null
echo "lint: clean"
