#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bench/bisect.sh [OPTION...] GOOD BAD [CELL] [-- FLAG...]: which commit made it slower? git bisect, whose question
# is answered by `bench_results ab`. --help has the options.
#
# A revision is bad where the whole interval of its ratio to GOOD lies above half of the slow-down (in
# logarithms), good where it lies below, and measured again with more rounds where it holds both.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

usage() {
    cat <<'TEXT'
Usage: bench/bisect.sh [OPTION...] GOOD BAD [CELL] [-- FLAG...]

Finds the commit between GOOD and BAD that made CELL slower. CELL is a regular
expression over the names of benchmarks (default: Mmap and Write at three chunk
sizes); the geometric mean of what it matches is looked at. FLAGS go to the
program. Revisions are built in a worktree of their own, which is removed in the
end; your tree and branches stay as they are.

  --build=COMMAND    how another project is built: run by sh in a worktree; the
                     repository is that of the current directory
  --program=PATH     what --build leaves in the worktree: a Google Benchmark
                     program
  --results=PATH     the bench_results to ask (default: that of BAD; with
                     --build, the one in $PATH)
  --rounds=N         so many processes of each build at first, up to four times
                     as many in doubt (default 12)
  --alpha=P          chance that any step of the search goes the wrong way
                     (default 0.05)
  --dir=DIR          where bench_mmap writes its files (default: the current
                     directory)
  --builds=DIR       keep the builds there, by revision, and use those that are
                     there
  --help             this text

Exit status: 0 the commit is named, 1 an error, 4 it cannot be told: BAD is not
slower, or only commits that cannot be built or decided are left.
TEXT
}

rounds=12 alpha=0.05 directory=$PWD builds='' command='' program='' results='' words=() flags=()
while [[ $# -gt 0 ]]; do
    case $1 in
    --help) usage; exit 0 ;;
    --rounds=*) rounds=${1#*=} ;;
    --alpha=*) alpha=${1#*=} ;;
    --dir=*) directory=${1#*=} ;;
    --builds=*) builds=${1#*=} ;;
    --build=*) command=${1#*=} ;;
    --program=*) program=${1#*=} ;;
    --results=*) results=${1#*=} ;;
    --) shift; flags=("$@"); break ;;
    -*) echo "bisect.sh: there is no option '$1'; --help lists them" >&2; exit 1 ;;
    *) words+=("$1") ;;
    esac
    shift
done

if [[ -n $command ]]; then
    tree=$(git rev-parse --show-toplevel) || exit 1
else
    tree=$(git -C "$here" rev-parse --show-toplevel)
fi
# shellcheck source=bench/revisions.sh
source "$here/revisions.sh"

[[ ${#words[@]} -ge 2 && ${#words[@]} -le 3 ]] ||
    fail "name a revision that is fast, one that is slow, and at most one cell: bisect.sh GOOD BAD [CELL]"
[[ $rounds =~ ^[1-9][0-9]{0,3}$ && $rounds -ge 6 ]] || fail "--rounds takes a number from 6 to 9999, not '$rounds'"
[[ $alpha =~ ^0?\.[0-9]+$ ]] || fail "--alpha takes a number between 0 and 1, not '$alpha'"
[[ -d $directory ]] || fail "$directory is no directory: --dir says where the files are written"
[[ -n $command && -n $program || -z $command$program ]] || fail "--build and --program go together: how it is built, and what comes out"
good=$(commit_of "${words[0]}")
bad=$(commit_of "${words[1]}")
[[ $good != "$bad" ]] || fail "GOOD and BAD are the same commit, $good: there is nothing to search"
git -C "$tree" merge-base --is-ancestor "$good" "$bad" ||
    fail "${good:0:12} is no ancestor of ${bad:0:12}: the search needs a way from GOOD to BAD"

cell=${words[2]:-}
if [[ -z $command ]]; then
    "$here/../third_party/install.sh" --build git
    [[ -n $cell ]] || flags=('--chunks=4K,64K,1M' "${flags[@]}")
    flags=("--dir=$directory" "${flags[@]}")
    : "${cell:=^(Mmap|Write)/}"
fi
flags=(--benchmark_repetitions=5 "${flags[@]}")
[[ -z $cell ]] || flags+=("--benchmark_filter=$cell")

make_work

# shellcheck disable=SC2317 # called by build_revision
build_with_command() { # WORKTREE BUILD
    (cd "$1" && sh -c "$command") && cp -- "$1/$program" "$2/program"
}

built=0 build_s=0
build() { # NAME COMMIT
    local begin=$SECONDS
    build_revision "$1" "$2" ${command:+build_with_command} || {
        cat "$work/log" >&2
        echo "bisect.sh: $1, ${2:0:12}, cannot be built: the messages above say why" >&2
        return 1
    }
    built=$((built + 1))
    build_s=$((build_s + SECONDS - begin))
}

program_of() { # COMMIT
    if [[ -n $command ]]; then
        echo "$builds/$1/program"
    else
        echo "$builds/$1/bench_mmap"
    fi
}

# The geometric mean over all cells of COMMIT to that of BASE: ratio, low and high. 1: it failed.
measure() { # BASE COMMIT ROUNDS CONFIDENCE
    local status=0
    "$results" ab "$(program_of "$1")" "$(program_of "$2")" "--rounds=$3" "--confidence=$4" --format=csv \
        -- "${flags[@]}" >"$work/rows" 2>"$work/messages" || status=$?
    [[ $status =~ ^[034]$ ]] || {
        cat "$work/messages" >&2
        fail "bench_results ab failed: the message above says why"
    }
    # KIND,NAME,CHANGE,OLD,NEW,RATIO,LOW,HIGH,...: the row over all cells is left out where it would be the
    # only writer's or the only cell's, whose name may be quoted.
    awk 'BEGIN { rank["all"] = 3; rank["writer"] = 2; rank["cell"] = rank["control"] = 1 }
        { gsub(/"[^"]*"/, "name"); split($0, value, ",") }
        rank[value[1]] > best { best = rank[value[1]]; row = value[6] " " value[7] " " value[8] }
        END { print row; exit !best }' "$work/rows" || fail "nothing was measured: does ${cell:-the program} name a benchmark?"
}

in_percent() { # RATIO LOW HIGH
    awk -v r="$1" -v l="$2" -v h="$3" 'BEGIN { printf "%+.1f %% [%+.1f, %+.1f]", 100 * (r - 1), 100 * (l - 1), 100 * (h - 1) }'
}

# Says "bad", "good" or "skip" of COMMIT, and by what: THRESHOLD is a ratio to GOOD.
judge() { # COMMIT THRESHOLD
    local now ratio low high answer
    for now in "$rounds" $((2 * rounds)) $((4 * rounds)); do
        read -r ratio low high < <(measure "$good" "$1" "$now" "$confidence") || exit 1
        answer=$(awk -v l="$low" -v h="$high" -v t="$2" 'BEGIN { print(l > t ? "bad" : h < t ? "good" : "skip") }')
        printf '%s  %s  %s after %d rounds\n' "${1:0:12}" "$answer" "$(in_percent "$ratio" "$low" "$high")" "$now" >&2
        [[ $answer == skip ]] || break
    done
    echo "$answer"
}

commits=$(git -C "$tree" rev-list --count "$good..$bad")
steps=0
while ((1 << steps < commits)); do steps=$((steps + 1)); done
# Every look at every step may err; the first question and the last one are looks, too.
confidence=$(awk -v a="$alpha" -v n="$((3 * (steps + 1)))" 'BEGIN { printf "%.6f", 1 - a / n }')
echo "$commits commits: GOOD and BAD are built first, then at most $steps more" >&2
build GOOD "$good" || exit 1
build BAD "$bad" || exit 1
[[ -n $results || -n $command ]] || results=$builds/$bad/bench_results
[[ -n $results ]] || results=$(command -v bench_results) || fail "no bench_results in \$PATH: --results names one"
[[ -x $results ]] || fail "$results cannot be run: --results names a bench_results"

begin=$SECONDS
for now in "$rounds" $((2 * rounds)) $((4 * rounds)); do
    read -r ratio low high < <(measure "$good" "$bad" "$now" "$confidence") || exit 1
    ! awk -v l="$low" 'BEGIN { exit !(l > 1) }' || break
done
round_s=$((SECONDS - begin))
echo "BAD against GOOD: $(in_percent "$ratio" "$low" "$high") after $now rounds" >&2
awk -v l="$low" 'BEGIN { exit !(l > 1) }' || {
    echo "BAD is not slower than GOOD, as far as $now rounds can tell: there is nothing to search"
    exit 4
}
threshold=$(awk -v r="$ratio" 'BEGIN { printf "%.9f", sqrt(r) }')
announce() { # STEPS
    printf 'builds left: at most %d, comparisons: %d, which take about %d min, and up to four times as much in doubt\n' \
        "$1" "$(($1 + 1))" "$((($1 * build_s / built + ($1 + 1) * round_s + 59) / 60))" >&2
}
announce "$steps"

git -C "$tree" worktree add --quiet --detach "$work/search" "$bad"
search() { git -C "$work/search" bisect "$@"; }
search start --no-checkout "$bad" "$good" >"$work/said"
while ! grep -q ' is the first bad commit' "$work/said"; do
    commit=$(git -C "$work/search" rev-parse BISECT_HEAD)
    answer=skip
    if build "a step" "$commit"; then
        answer=$(judge "$commit" "$threshold")
        [[ -n $answer ]] || exit 1
    fi
    steps=$((steps > 0 ? steps - 1 : 0))
    announce "$steps"
    search "$answer" >"$work/said" 2>&1 || {
        # Only skipped ones are left: git lists them.
        echo "It cannot be told which of these it was:"
        grep -E '^[0-9a-f]{40}' "$work/said" | while read -r left; do git -C "$tree" --no-pager log -1 --format='  %h %s' "$left"; done
        search reset >/dev/null 2>&1 || true
        exit 4
    }
done
culprit=$(sed -n 's/^\([0-9a-f]*\) is the first bad commit$/\1/p' "$work/said")
search reset >/dev/null 2>&1 || true

parent=$(git -C "$tree" rev-parse "$culprit^")
build "its parent" "$parent" || exit 1
build "the culprit" "$culprit" || exit 1
read -r ratio low high < <(measure "$parent" "$culprit" "$now" 0.95) || exit 1
git -C "$tree" --no-pager log -1 --format='%h %s (%an, %as)' "$culprit"
echo "  against its parent: $(in_percent "$ratio" "$low" "$high"), 95 % interval, $now rounds"
