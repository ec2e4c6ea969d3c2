#!/bin/sh
# fuzz.sh N: N executions, half of them for Parse, the rest shared by the targets that read what a stranger wrote. Seeds are
# the committed corpus and, with AFTERCARE_DATA, real mail. It can be stopped and started again at any time.
set -eu
cd "$(dirname "$0")/.."
: "${GO:=go}"
n=$1
run() {
	echo "fuzz: $1 ($2 executions)"
	$GO test -run '^$' -fuzz "^$1\$" -fuzztime "${2}x" -fuzzminimizetime 5x -timeout 24h ./mailbox
}
run FuzzParse $((n / 2))
run FuzzCutBody $((n / 4))
run FuzzHTMLToText $((n / 4))
