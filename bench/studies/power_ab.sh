#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bench/studies/power_ab.sh [OPTION...] BUILD [-- FLAG...]: how often does `bench_results ab` find a slow-down of known
# size, on real runs on this machine? BUILD is a build directory with the tests: bench_mmap_slow, which makes
# samples longer by so many per cent, is in there. The power program answers the same from runs that are
# taken once, where the slow-down is put into the numbers.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

usage() {
    cat <<'TEXT'
Usage: bench/studies/power_ab.sh [OPTION...] BUILD [-- FLAG...]

  --slow=LIST       what is slowed down, by how many per cent: WRITER:PERCENT,
                    WRITER:PERCENT:CHUNK (one cell), '*':PERCENT (everything),
                    none (default none,Write:5,Write:10,Write:10:16384)
  --times=N         so many comparisons of each, in turns (default 3)
  --rounds=N        of each comparison (default 20)
  --margin=SHARE, --alpha=P, --lockstep=WHEN, --cpu=N   as of bench_results ab
  --dir=DIR         where the files are written (default: the current directory)
  --help            this text

Flags go to bench_mmap; without any: 5 repetitions of Mmap and Write at seven
chunk sizes. A comparison finds a slow-down when it says "slower" of the writer,
the cell or all cells that were slowed down; it is wrong when it says "slower"
or "faster" of anything that was not.
TEXT
}

slow='none,Write:5,Write:10,Write:10:16384' times=3 rounds=20 directory=$PWD passed=() words=() flags=()
while [[ $# -gt 0 ]]; do
    case $1 in
    --help) usage; exit 0 ;;
    --slow=*) slow=${1#*=} ;;
    --times=*) times=${1#*=} ;;
    --rounds=*) rounds=${1#*=} ;;
    --dir=*) directory=${1#*=} ;;
    --margin=* | --alpha=* | --lockstep=* | --cpu=*) passed+=("$1") ;;
    --) shift; flags=("$@"); break ;;
    -*) fail "there is no option '$1'; --help lists them" ;;
    *) words+=("$1") ;;
    esac
    shift
done
[[ ${#words[@]} -eq 1 ]] || fail "name one build directory: power_ab.sh BUILD"
build=$(cd "${words[0]}" 2>/dev/null && pwd -P) || fail "${words[0]} is no directory"
program=$build/tests/bench_mmap_slow
[[ -x $program && -x $build/bench_results ]] ||
    fail "$build has no tests/bench_mmap_slow or no bench_results: build it with the tests"
[[ $times =~ ^[1-9][0-9]*$ && $rounds =~ ^[1-9][0-9]*$ ]] || fail "--times and --rounds take whole numbers"
[[ -d $directory ]] || fail "$directory is no directory: --dir says where the files are written"
IFS=, read -ra settings <<<"$slow"
for setting in "${settings[@]}"; do
    [[ $setting =~ ^(none|([A-Za-z]+|\*):[0-9.]+(:[0-9]+)?)$ ]] ||
        fail "--slow takes WRITER:PERCENT[:CHUNK] or none, not '$setting'"
done
[[ ${#flags[@]} -gt 0 ]] ||
    flags=('--benchmark_filter=^(Mmap|Write)/' '--chunks=1K,4K,16K,64K,256K,1M,10M' --benchmark_repetitions=5)
flags+=("--dir=$directory")

work_in "${TMPDIR:-/tmp}/bench_mmap-power-XXXXXX"

# Prints "FOUND WRONG RATIO", from the rows of a comparison: KIND,NAME,CHANGE,OLD,NEW,RATIO,LOW,HIGH,... (no name
# of bench_mmap has a comma).
judge() { # SETTING CSV
    awk -F , -v setting="$1" '
        BEGIN { split(setting, part, ":") }
        NR == 1 { next }
        {
            name = $2
            writer = name
            sub(/\/.*/, "", writer)
            change = $3
            own = part[1] != "none" && (part[1] == "*" || writer == part[1])
            if (part[3] != "" && $1 == "cell") own = own && name ~ ("/chunk:" part[3] "(/|$)")
            target = part[1] == "*" ? $1 == "all" : \
                     part[3] != "" ? $1 == "cell" && own : $1 == "writer" && own
            if (target) { ratio = sprintf("%.3f [%.3f, %.3f]", $6, $7, $8); found = change == "slower" }
            # The mean over all cells, and over the cells of a writer, moves with what moves in it.
            if ($1 == "all" && part[1] != "none") own = 1
            if (change == "slower" && !own || change == "faster") wrong = 1
        }
        END { print found + 0, wrong + 0, ratio == "" ? "-" : ratio }' "$2"
}

echo "bench_results ab, $rounds rounds${passed[*]:+, ${passed[*]}}: ${flags[*]}"
declare -A found wrong
begin=$SECONDS
for ((time = 1; time <= times; time++)); do
    for setting in "${settings[@]}"; do
        status=0
        "$build/bench_results" ab "env BENCH_MMAP_SLOW= $program" "env BENCH_MMAP_SLOW=$setting $program" \
            "--rounds=$rounds" "${passed[@]}" --format=csv -- "${flags[@]}" \
            >"$work/rows" 2>"$work/messages" || status=$?
        [[ $status -eq 0 || $status -eq 3 || $status -eq 4 ]] || {
            cat "$work/messages" >&2
            fail "bench_results ab failed: the message above says why"
        }
        read -r is_found is_wrong ratio < <(judge "$setting" "$work/rows")
        found[$setting]=$((${found[$setting]:-0} + is_found))
        wrong[$setting]=$((${wrong[$setting]:-0} + is_wrong))
        said='not found'
        [[ $is_found -eq 0 ]] || said=found
        [[ $setting != none ]] || said='-'
        [[ $is_wrong -eq 0 ]] || said+=', and wrong about another'
        printf '%d/%d  %-20s %s  times as long %s  exit %d\n' "$time" "$times" "$setting" "$said" "$ratio" "$status"
    done
done

# Wilson's 95 % interval of a share.
share() { # HITS COUNT
    awk -v k="$1" -v n="$2" 'BEGIN {
        z = 1.96; p = k / n; d = 1 + z * z / n; m = (p + z * z / (2 * n)) / d
        h = z / d * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        printf "%.0f [%.0f, %.0f]", 100 * p, 100 * (m - h < 0 ? 0 : m - h), 100 * (m + h > 1 ? 1 : m + h) }'
}

printf '\n| slowed down, by %% | comparisons | found, %% | wrong, %% |\n| --- | --- | --- | --- |\n'
for setting in "${settings[@]}"; do
    hits=''
    [[ $setting == none ]] || hits=$(share "${found[$setting]}" "$times")
    printf '| %s | %d | %s | %s |\n' "$setting" "$times" "$hits" "$(share "${wrong[$setting]}" "$times")"
done
echo "$(((SECONDS - begin) / (times * ${#settings[@]}))) s a comparison"
