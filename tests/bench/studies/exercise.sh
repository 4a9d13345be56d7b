#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# exercise.sh BENCH_OVERHEAD: bench/studies/exercise.py has a row for each chunk size, with times of Python and of C for all
# three ways, and leaves nothing behind; bad input is said with status 1.
set -euo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
program=$(realpath "${1:?usage: exercise.sh BENCH_OVERHEAD}")
command -v python3 >/dev/null || {
    echo "skipped: python3 is not there"
    exit 77
}
work=$(mktemp -d "${TMPDIR:-/tmp}/bench_mmap-test-exercise-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
fail() {
    echo "failed: $*" >&2
    exit 1
}

mkdir "$work/files"
"$tree/bench/studies/exercise.py" --dir="$work/files" --size=10000 --chunks=64,4K,1M --rounds=2 "$program" >"$work/log"
cat "$work/log"
[[ -z $(ls -A "$work/files") ]] || fail "files are left: $(ls -A "$work/files")"
# Positive times, shares of at most 100 %, or none. 1M is larger than the file.
awk '$1 ~ /^[0-9]+$/ && NF == 10 {
    rows = rows " " $1
    for (i = 2; i <= 10; i++)
        if (i % 3 != 1 && $i + 0 <= 0 || i % 3 == 1 && $i + 0 > 100)
            exit 1
}
END { exit rows != " 64 4096" }' "$work/log" || fail "no rows of 64 and 4096 with times"
[[ $(grep -c "^.* beats the mapping in Python .*, in C (" "$work/log") == 2 ]] || fail "no crossovers"
[[ $(grep -c ": Python adds -\?[0-9]* ns a chunk to the [0-9]* ns of " "$work/log") == 3 ]] || fail "no cost of a chunk"

for bad in --size=0 --chunks=x --rounds=0 --chunks=20M --nonsense; do
    status=0
    "$tree/bench/studies/exercise.py" "$bad" "$program" >/dev/null 2>"$work/messages" || status=$?
    [[ $status == 1 && $(wc -l <"$work/messages") == 1 ]] || fail "$bad: status $status, $(cat "$work/messages")"
done
