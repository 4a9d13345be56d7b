#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# help.sh BUILD: what --help of each program, sub-command and script prints fits 80 columns.
set -euo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
build=${1:?usage: help.sh BUILD}
failed=0 looked_at=0

look_at() { # COMMAND...
    local text
    if ! text=$("$@" --help) || [[ -z $text ]]; then
        echo "failed: $* --help does not help"
        failed=1
    elif ! awk -v command="$*" 'length($0) > 80 { print command ": " length($0) " columns: " $0; wide = 1 } END { exit wide }' \
        <<<"$text"; then
        failed=1
    fi
    looked_at=$((looked_at + 1))
}

look_at "$build/bench_mmap"
look_at "$build/bench_results"
for command in $(sed -n 's/^COMMAND(\([a-z]*\))/\1/p' "$tree/tools/commands.def"); do
    look_at "$build/bench_results" "$command"
done
for study in bench_overhead history_scale changes_power; do
    [[ ! -x $build/$study ]] || look_at "$build/$study"
done
for script in $(grep -l -e '--help *\(|[^)]*\)\?)' "$tree"/bench/*.sh "$tree"/bench/studies/*.sh); do
    look_at "$script"
done
[[ $looked_at -gt 15 ]] || { echo "failed: $looked_at helps are too few"; failed=1; }
exit "$failed"
