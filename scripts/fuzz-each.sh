#!/bin/sh
# fuzz-each.sh N: N executions of every fuzz target, on top of the committed corpus.
set -eu
cd "$(dirname "$0")/.."
: "${GO:=go}"
n=$1
grep -rhoE --include='*_test.go' --exclude-dir=testdata -l '^func Fuzz[A-Za-z0-9_]+' . | sort -u | while read -r file; do
	dir=$(dirname "$file")
	for target in $(grep -oE '^func Fuzz[A-Za-z0-9_]+' "$file" | sed 's/^func //'); do
		echo "fuzz: $dir $target ($n executions)"
		# Minimising is bounded: an input that only widens coverage may otherwise hold the run up for minutes.
		$GO test -run '^$' -fuzz "^$target\$" -fuzztime "${n}x" -fuzzminimizetime 5x "$dir" | tail -n 2
	done
done
