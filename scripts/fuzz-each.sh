#!/bin/sh
# fuzz-each.sh N: N executions of every fuzz target, on top of the committed corpus. It goes on behind a finding and fails at
# the end.
set -eu
cd "$(dirname "$0")/.."
: "${GO:=go}"
n=$1
said=$(mktemp)
trap 'rm -f "$said"' EXIT INT TERM
failed=
for file in $(grep -rlE --include='*_test.go' --exclude-dir=testdata '^func Fuzz[A-Za-z0-9_]+' . | sort -u); do
	dir=$(dirname "$file")
	for target in $(grep -oE '^func Fuzz[A-Za-z0-9_]+' "$file" | sed 's/^func //'); do
		echo "fuzz: $dir $target ($n executions)"
		# Minimising is bounded: an input that only widens coverage may otherwise hold the run up for minutes.
		if $GO test -run '^$' -fuzz "^$target\$" -fuzztime "${n}x" -fuzzminimizetime 5x "$dir" >"$said" 2>&1; then
			tail -n 1 "$said"
		else
			tail -n 30 "$said"
			failed="$failed $target"
		fi
	done
done
[ -z "$failed" ] || { echo "fuzz: findings in$failed"; exit 1; }
