#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bench/studies/lockstep.sh [OPTION...] BUILD [-- FLAG...]: how much do the two processes of a pair differ although they
# are the same program, in lockstep and one after the other, and what does a comparison find then? BUILD is a
# build directory with the tests and the studies. The pairs are those of real runs of `bench_results ab`; the
# slow-downs are put into their numbers (bench/studies/power_ab.sh has real ones).
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

usage() {
    cat <<'TEXT'
Usage: bench/studies/lockstep.sh [OPTION...] BUILD [-- FLAG...]

  --pairs=N         of each way (default 120)
  --block=N         so many of one way, then as many of the next (default 10)
  --ways=LIST       of lockstep, lockstep-any, one-after-the-other,
                    one-after-the-other-pinned (default: all; any: not bound to
                    one processor)
  --comparisons=N   drawn from the pairs, for each figure (default 300)
  --keep=DIR        where the pairs stay; those that are there are taken, too
  --dir=DIR         where the files are written (default: the current directory)
  --help            this text

Flags go to bench_mmap; without any: 5 repetitions of Mmap and Write at four
chunk sizes.
TEXT
}

pairs=120 block=10 comparisons=300 keep='' directory=$PWD words=() flags=()
ways=lockstep,lockstep-any,one-after-the-other,one-after-the-other-pinned
declare -A options=([lockstep]='auto last' [lockstep-any]='auto any' [one-after-the-other]='never any'
    [one-after-the-other-pinned]='never last')
while [[ $# -gt 0 ]]; do
    case $1 in
    --help) usage; exit 0 ;;
    --pairs=* | --block=* | --ways=* | --comparisons=* | --keep=*)
        name=${1%%=*}
        printf -v "${name#--}" '%s' "${1#*=}"
        ;;
    --dir=*) directory=${1#*=} ;;
    --) shift; flags=("$@"); break ;;
    -*) fail "there is no option '$1'; --help lists them" ;;
    *) words+=("$1") ;;
    esac
    shift
done
[[ ${#words[@]} -eq 1 ]] || fail "name one build directory: lockstep.sh BUILD"
build=$(cd "${words[0]}" 2>/dev/null && pwd -P) || fail "${words[0]} is no directory"
program=$build/tests/bench_mmap_slow
[[ -x $program && -x $build/bench_results && -x $build/power ]] ||
    fail "$build has no tests/bench_mmap_slow, no bench_results or no power: build it with the tests and the studies"
[[ $pairs$block$comparisons =~ ^[0-9]+$ && $block -gt 0 ]] || fail "--pairs, --block and --comparisons take whole numbers"
[[ -d $directory ]] || fail "$directory is no directory: --dir says where the files are written"
IFS=, read -ra names <<<"$ways"
for way in "${names[@]}"; do
    [[ -n ${options[$way]:-} ]] || fail "--ways knows ${!options[*]}, not '$way'"
done
[[ ${#flags[@]} -gt 0 ]] ||
    flags=('--benchmark_filter=^(Mmap|Write)/' '--chunks=1K,4K,64K,1M' --benchmark_repetitions=5)
flags+=("--dir=$directory")

work_in "${TMPDIR:-/tmp}/bench_mmap-lockstep-XXXXXX"
runs=${keep:-$work/runs}
mkdir -p "$runs"

# Files are numbered on: N.json of old and new are a pair.
record() { # WAY ROUNDS
    local option cpu begin=$EPOCHREALTIME status=0 number
    read -r option cpu <<<"${options[$1]}"
    mkdir -p "$runs/$1/old" "$runs/$1/new"
    "$build/bench_results" ab "env BENCH_MMAP_SLOW= $program" "env BENCH_MMAP_SLOW=none $program" "--rounds=$2" \
        "--lockstep=$option" "--cpu=$cpu" "--keep=$work/block" --format=csv -- "${flags[@]}" \
        >/dev/null 2>"$work/messages" || status=$?
    [[ $status =~ ^[034]$ ]] || {
        cat "$work/messages" >&2
        fail "bench_results ab failed: the message above says why"
    }
    for ((number = 1; number <= $2; number++)); do
        total[$1]=$((${total[$1]} + 1))
        mv "$work/block/old/$number.json" "$runs/$1/old/${total[$1]}.json"
        mv "$work/block/new/$number.json" "$runs/$1/new/${total[$1]}.json"
    done
    rm -r "$work/block"
    awk -v b="$begin" -v e="$EPOCHREALTIME" -v n="$2" 'BEGIN { print e - b, n }' >>"$runs/$1/blocks"
    awk '{ s += $1; n += $2 } END { print s / n }' "$runs/$1/blocks" >"$runs/$1/seconds"
}

declare -A total
for way in "${names[@]}"; do
    total[$way]=0
    while [[ -e $runs/$way/new/$((${total[$way]} + 1)).json ]]; do total[$way]=$((${total[$way]} + 1)); done
done
begin=$SECONDS left=1
while [[ $left -gt 0 ]]; do
    left=0
    for way in "${names[@]}"; do
        now=$((pairs - ${total[$way]} < block ? pairs - ${total[$way]} : block))
        [[ $now -le 0 ]] || record "$way" "$now"
        left=$((left + (pairs > ${total[$way]} ? pairs - ${total[$way]} : 0)))
    done
    echo "$left pairs left after $((SECONDS - begin)) s" >&2
done
cd "$runs"
"$build/power" "${names[@]}" "$comparisons"
