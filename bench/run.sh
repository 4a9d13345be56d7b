#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bench/run.sh [--all] [FLAG...]: installs what is missing, builds, measures in the current directory,
# keeps the run in results/, and draws it beside the run. The flags are those of bench_mmap.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
run=$build/run.json

# The run goes where the user says, and is of what the user says, if the user says so.
own_output=true
[[ -z ${BENCHMARK_OUT:-} ]] || own_output=false
for argument in "$@"; do
    [[ $argument != --benchmark_out=* ]] || own_output=false
done

build_programs

started=$(utc_now)
flags=("--dir=$PWD" "$@")
if $own_output; then
    rm -f "$run"
    flags+=("--benchmark_out=$run" --benchmark_out_format=json)
fi
"$build/bench_mmap" "${flags[@]}" || {
    status=$?
    if $own_output && [[ -s $run ]]; then
        printf 'run.sh: not put into results/: the run is not complete\n' >&2
    fi
    exit "$status"
}

# --help, --writers and the like measure nothing.
$own_output && [[ -s $run ]] || exit 0

# A path as it is called from here: shorter, and to be typed again.
near() { # PATH
    realpath --relative-base="$PWD" "$1"
}

keep_run "$run" "$started"
echo
echo "the run is in $(near "$kept")"
page=${kept%.json}.html
if "$build/bench_results" report "$kept" -o "$page" >/dev/null; then
    echo "as a page: $(near "$page")"
fi
echo "where the time goes: $(near "$build/bench_results") show $(near "$kept")"
