#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bench/run.sh [--all] [FLAG...]: installs what is missing, builds, measures in the current directory,
# and keeps the run in results/. The flags are those of bench_mmap. Without --all, and without a filter
# of one's own, a few writers that stand for the others are measured.
set -euo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$tree/build-bench
run=$build/run.json

fail() {
    printf 'run.sh: %s\n' "$1" >&2
    exit 1
}

readonly headline='^(Mmap|MmapPopulateWrite|Write|WriteFalloc|Writev|Stdio|StdioLarge|Uring|Memcpy|EmptyCall)/'

# The run goes where the user says, and is of what the user says, if the user says so.
own_output=true all=false
[[ -z ${BENCHMARK_OUT:-} ]] || own_output=false
[[ -z ${BENCHMARK_FILTER:-} ]] || all=true
given=()
for argument in "$@"; do
    case $argument in
    --all) all=true ;;
    --benchmark_filter=*) all=true; given+=("$argument") ;;
    --benchmark_out=*) own_output=false; given+=("$argument") ;;
    *) given+=("$argument") ;;
    esac
done

packages=(--build)
# The revision that a run is of comes from git.
[[ ! -e $tree/.git ]] || packages+=(git)
"$tree/third_party/install.sh" "${packages[@]}"

# Two at once would measure each other, and build over each other.
mkdir -p "$build"
exec 9>"$build/lock"
flock --nonblock 9 || fail "another run of this tree is under way: wait for it to end"

build_program() {
    CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja} cmake -S "$tree" -B "$build" \
        -DCMAKE_BUILD_TYPE=Release -DBENCH_MMAP_TESTS=OFF &&
        cmake --build "$build" --parallel "$(nproc)" --target bench_mmap bench_results
}
log=$(build_program 2>&1) || {
    printf '%s\n' "$log" >&2
    fail "the build failed: the messages above say why"
}

started=$(date -u +%Y%m%dT%H%M%SZ)
flags=("--dir=$PWD" "${given[@]}")
$all || flags+=("--benchmark_filter=$headline")
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

context() {
    sed -n "s/^ *\"$1\": \"\\([0-9A-Za-z._-]*\\)\",\\{0,1\\}\$/\\1/p" "$run" | head -n 1
}
machine=$(context machine_key)
revision=$(context git_revision)
[[ -n $machine && -n $revision ]] || fail "$run: no machine_key or no git_revision in its context"
kept=$tree/results/$machine/$started-$revision.json
mkdir -p "${kept%/*}"
mv "$run" "$kept"
echo
echo "the run is in $kept"
echo "where the time goes: $build/bench_results show $kept"
$all || echo "the other writers too: bench/run.sh --all"
