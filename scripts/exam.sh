#!/bin/sh
# The floors: accuracy on real data, memory on monsters, fuzzing, kills. Without -race; nothing here depends on the clock.
set -eu
cd "$(dirname "$0")/.."
: "${GO:=go}"
began=$(date +%s)
if [ -z "${AFTERCARE_DATA:-}" ]; then
	echo "SKIP: AFTERCARE_DATA names no folder with real mail; its floors are not measured"
else
	AFTERCARE_DATA=$(cd "$AFTERCARE_DATA" && pwd)
	export AFTERCARE_DATA
fi
export AFTERCARE_EXAM=1
status=0
$GO test -count=1 -v -timeout 14m -run '^TestExam|^TestMonster|^TestKill' ./mailbox ./responder/... ./templates ./store ./cmd/aftercare/servertest || status=1
sh scripts/fuzz.sh 500000 || status=1
[ "$status" = 0 ] || { echo "make exam: FAILED" >&2; exit 1; }
echo "make exam: passed in $(($(date +%s) - began)) s"
