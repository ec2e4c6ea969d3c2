#!/bin/sh
# Measurements, by hand: the Go benchmarks of the packages, then the program against a real Dovecot, with a table at the end.
# Needs Dovecot and Postfix (scripts/install-servers.sh) and root. Limits on bytes fail, times are printed. See docs/speed.md.
#
#   CEILING=command   a program that does the same work without a decision, for the ratio. It gets IMAP_ADDR (host:port,
#                     plain), IMAP_USER, IMAP_PASSWORD and SMTP_PORT (on 127.0.0.1) in its environment, and as many mails
#   MAILS=n           wait for the drain (10000)
#   ROUNDS=n          how often the drain is measured (1)
#   COPIES=1          measures the drain once more with a copy of each reply appended to the Sent folder
#   PACKAGES=0        leaves the benchmarks of the packages out
set -eu
cd "$(dirname "$0")/.."
: "${GO:=go}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

status=0
if [ "${PACKAGES:-1}" != 0 ]; then
	$GO test -run '^$' -bench . -benchmem -benchtime 500ms ./... >"$work/packages" 2>&1 || status=1
	if [ "$status" = 0 ]; then
		grep '^Benchmark' "$work/packages" || true
	else
		cat "$work/packages"
	fi
fi

CGO_ENABLED=0 $GO build -trimpath -ldflags '-s -w' -o "$work/aftercare" ./cmd/aftercare
export AFTERCARE_BENCH="$work/table" AFTERCARE_BENCH_BINARY="$work/aftercare"
export AFTERCARE_BENCH_MAILS="${MAILS:-}" AFTERCARE_BENCH_ROUNDS="${ROUNDS:-}" AFTERCARE_BENCH_COPIES="${COPIES:-}" CEILING="${CEILING:-}"
$GO test -count=1 -timeout 30m ./internal/bench >"$work/log" 2>&1 || { status=1; cat "$work/log"; }

echo
[ ! -f "$work/table" ] || awk -F '\t' '{ printf "%-42s %-38s %s\n", $1, $2, $3 }' "$work/table"
[ -f "$work/table" ] || { echo "nothing was measured:"; cat "$work/log"; }
exit "$status"
