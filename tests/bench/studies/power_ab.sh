#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# power_ab.sh BUILD: bench/studies/power_ab.sh finds a writer that takes four times as long, and is wrong about
# nothing that it could not be right about. bench/studies/lockstep.sh records pairs, goes on where it was, and says how
# much they differ.
set -euo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
build=$(realpath "${1:?usage: power_ab.sh BUILD}")
work=$(mktemp -d "${TMPDIR:-/tmp}/bench_mmap-test-power_ab-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

"$tree/bench/studies/power_ab.sh" --slow=Write:300,Write:300:4096 --times=1 --rounds=14 --dir="$work" "$build" -- \
    --benchmark_repetitions=3 --file_size=64K --chunks=4K,16K '--benchmark_filter=^(Mmap|Write)/' >"$work/log"
cat "$work/log"
for setting in Write:300 Write:300:4096; do
    grep -Eq "^1/1  $setting +found.* times as long [2-9]\.[0-9]+ \[[0-9.]+, [0-9.]+\]  exit 3\$" "$work/log" || {
        echo "failed: $setting is not found" >&2
        exit 1
    }
done

for pairs in 2 3; do
    "$tree/bench/studies/lockstep.sh" --ways=lockstep --pairs=$pairs --keep="$work/pairs" --dir="$work" "$build" -- \
        --benchmark_repetitions=5 --file_size=64K --chunks=4K '--benchmark_filter=^(Mmap|Write)/' >"$work/log" 2>"$work/messages"
done
cat "$work/log"
grep -Eq '^\| lockstep \| 3 \| [0-9.]+ \| 0\.[0-9]+ \| 0\.[0-9]+ \| 0\.[0-9]+ \|$' "$work/log" || {
    echo "failed: lockstep.sh prints no deviations of three pairs" >&2
    exit 1
}
