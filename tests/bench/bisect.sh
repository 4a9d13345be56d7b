#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bisect.sh BENCH_RESULTS: bench/bisect.sh, and what bench/compare_revisions.sh --since-change asks, end to end, in a repository made here whose programs take no time:
# they write down times that are drawn, longer by a quarter from one commit on.
set -euo pipefail

results=$(realpath "${1:?usage: bisect.sh BENCH_RESULTS}")
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../bench" && pwd -P) script=$bench/bisect.sh

fail() {
    printf 'failed: %s\n' "$1" >&2
    exit 1
}

command -v git >/dev/null || { echo "skipped: no git here"; exit 77; }

work=$(mktemp -d "${TMPDIR:-/tmp}/bench_mmap-test-bisect-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export HOME=$work GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@localhost \
    GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@localhost
export TMPDIR=$work/temporary
mkdir "$TMPDIR"

repository=$work/repository
git init --quiet "$repository"
cat >"$work/program" <<'SH'
#!/bin/sh
# Two benchmarks of five repetitions, of log-normal times about a millisecond; the first is FACTOR times as slow,
# on a machine that is SLOWED times as slow at it.
for argument in "$@"; do
    case $argument in
    --benchmark_out=*) out=${argument#*=} ;;
    --benchmark_context=*) context=${argument#*=} ;;
    --benchmark_filter=*) filter=${argument#*=} ;;
    esac
done
awk -v seed="$$" -v factor=FACTOR -v slowed="${SLOWED:-1}" -v date="${DATE:-2026-01-01T00:00:00}" -v context="$context" -v filter="$filter" 'BEGIN {
    label[0] = "BM_Slow"; label[1] = "BM_Other"
    srand(seed * 7919)
    printf "{\"context\": {\"date\": \"" date "+00:00\", \"num_cpus\": 2, \"library_build_type\": \"release\""
    count = split(context, pair, ",")
    for (i = 1; i <= count; i++) { split(pair[i], part, "="); printf ", \"%s\": \"%s\"", part[1], part[2] }
    printf "},\n\"benchmarks\": ["
    for (name = 0; name < 2; name++)
        for (r = 0; r < 5 && label[name] ~ filter; r++) {
            noise = sqrt(-2 * log(1 - rand())) * cos(6.2831853 * rand())
            time = 1e6 * exp(0.03 * noise) * (name ? 1 : factor * slowed)
            printf "%s\n{\"name\": \"%s\", \"run_type\": \"iteration\", \"repetitions\": 5, \"repetition_index\": %d, \"threads\": 1, ", comma, label[name], r
            printf "\"iterations\": 1, \"real_time\": %.3f, \"cpu_time\": %.3f, \"time_unit\": \"ns\"}", time, time
            comma = ","
        }
    print "\n]}"
}' >"$out"
SH

commit() { # MESSAGE FACTOR [BUILD]
    sed "s/FACTOR/$2/" "$work/program" >"$repository/bench"
    echo "${3:-true}" >"$repository/build.sh"
    echo "$1" >"$repository/note"
    git -C "$repository" add -A
    git -C "$repository" commit --quiet -m "$1"
    git -C "$repository" rev-parse HEAD
}

state() {
    git -C "$repository" status --porcelain
    git -C "$repository" for-each-ref
    git -C "$repository" worktree list | wc -l
    git -C "$repository" rev-parse HEAD
}

bisect() { # STATUS ARGUMENT...
    local expected=$1 status=0 before
    shift
    before=$(state)
    (cd "$repository" && "$script" --results="$results" --build='sh build.sh && chmod +x bench' --program=bench "$@") \
        >"$work/log" 2>"$work/messages" || status=$?
    [[ $status -eq $expected ]] || {
        cat "$work/messages" "$work/log" >&2
        fail "bisect.sh $*: exit status $status, not $expected"
    }
    [[ $(state) == "$before" ]] || fail "bisect.sh $*: the repository is not what it was"
    [[ -z $(find "$TMPDIR" -mindepth 1) ]] || fail "bisect.sh $*: something is left in the temporary directory"
}

says() { # FILE TEXT
    grep -Fq -- "$2" "$work/$1" || {
        cat "$work/messages" "$work/log" >&2
        fail "it does not say '$2'"
    }
}

declare -a commits
for number in {0..16}; do
    commits[number]=$(commit "change $number" "$([[ $number -lt 11 ]] && echo 1 || echo 1.25)")
done
first=${commits[0]} last=${commits[16]}

bad_input() {
    bisect 1 "$first"
    says messages "name a revision that is fast"
    bisect 1 "$first" nonsense
    says messages "git knows no revision 'nonsense' here"
    bisect 1 "$first" "$first"
    says messages "the same commit"
    bisect 1 "$last" "$first"
    says messages "is no ancestor of"
    bisect 1 --rounds=2 "$first" "$last"
    says messages "--rounds takes a number"
    bisect 1 --program= "$first" "$last"
    says messages "--build and --program go together"
    bisect 1 --colour "$first" "$last"
    says messages "there is no option '--colour'"
    bisect 1 --build=false "$first" "$last"
    says messages "cannot be built"
}

the_slow_commit_is_named() {
    bisect 0 "$first" "$last" BM_Slow
    says messages "16 commits: GOOD and BAD are built first, then at most 4 more"
    says messages "builds left: at most 4, comparisons: 5, which take about"
    says messages "builds left: at most 1, comparisons: 2, which take about"
    says log "change 11 (test, "
    grep -Eq 'against its parent: \+[0-9.]+ % \[\+[0-9.]+, \+[0-9.]+\], 95 % interval' "$work/log" ||
        fail "no ratio of the culprit: $(cat "$work/log")"
}

what_is_not_slower_is_not_searched() {
    bisect 4 "$first" "${commits[10]}" BM_Slow
    says log "BAD is not slower than GOOD"
}

# What lies before the slow commit cannot be built: it may have been either.
commits_that_cannot_be_built_are_named() {
    local slow
    git -C "$repository" checkout --quiet --detach "$first"
    commit "not to be built" 1 false >/dev/null
    slow=$(commit "slow" 1.25)
    git -C "$repository" checkout --quiet --detach "$slow"
    bisect 4 "$first" "$slow" BM_Slow
    says messages "cannot be built"
    says log "It cannot be told which of these it was:"
    says log "not to be built"
    says log "slow"
}

# A machine's history of these commits: two runs of each; from the tenth on it is SLOWED.
record() { # STORE SLOWED COMMIT...
    local store=$1 slowed=$2 number=0 run
    shift 2
    mkdir "$work/runs"
    for run in "$@"; do
        for again in 1 2; do
            number=$((number + 1))
            DATE=$(printf '2026-01-%02dT%02d:00:00' $((1 + number / 24)) $((number % 24))) \
                SLOWED=$([[ $number -le 20 ]] && echo 1 || echo "$slowed") "$builds/$run/bench_mmap" \
                "--benchmark_context=machine_key=aa,git_revision=${run:0:12}" "--benchmark_out=$work/runs/$again-$number.json"
        done
    done
    "$results" add "$work"/runs/*.json "--db=$store" >/dev/null
    rm -r "$work/runs"
}

ask() { # STATUS STORE ARGUMENT...
    local expected=$1 status=0 store=$2
    shift 2
    (cd "$repository" && scripts/compare_revisions.sh --since-change "--db=$store" --rounds=8 --seed=1 \
        "--builds=$builds" "--markdown=$work/report.md" "$@") >"$work/log" 2>"$work/messages" || status=$?
    [[ $status -eq $expected ]] || {
        cat "$work/messages" "$work/log" >&2
        fail "compare_revisions.sh --since-change $*: exit status $status, not $expected"
    }
}

# Only what an A/B comparison of the revisions before and after confirms fails.
a_suspicion_is_confirmed_or_not() {
    local commit same
    git -C "$repository" checkout --quiet --detach "$last"
    mkdir "$repository/scripts" "$repository/third_party"
    cp "$bench"/{compare_revisions,revisions,common}.sh "$repository/scripts"
    printf '#!/bin/sh\n' >"$repository/third_party/install.sh"
    chmod +x "$repository/third_party/install.sh"
    builds=$work/builds
    for commit in "${commits[@]}"; do
        mkdir -p "$builds/$commit"
        git -C "$repository" show "$commit:bench" >"$builds/$commit/bench_mmap"
        chmod +x "$builds/$commit/bench_mmap"
        ln -s "$results" "$builds/$commit/bench_results"
        touch "$builds/$commit/complete"
    done
    record "$work/code.db" 1 "${commits[@]}"
    ask 3 "$work/code.db"
    says messages "aa: Suspected of being slower, and not confirmed yet: BM_Slow, +2"
    says report.md "Slower: "
    says report.md "against ${commits[9]:0:12}"
    # The machine became slower, and the code did not.
    record "$work/machine.db" 1.25 "${commits[@]:0:11}" "${commits[@]:0:6}"
    ask 0 "$work/machine.db"
    says messages "aa: Suspected of being slower, and not confirmed yet: BM_Slow, +2"
    ! grep -q "Slower: " "$work/report.md" || fail "it is confirmed: $(cat "$work/report.md")"
    mapfile -t same < <(yes "$last" | head -17)
    record "$work/same.db" 1.25 "${same[@]}"
    ask 0 "$work/same.db"
    says messages "the code did not change where the times did"
    ask 4 "$work/same.db" --strict
    ask 1 "$work/same.db" "$first"
    says messages "--since-change takes the revisions from a store"
}

bad_input
the_slow_commit_is_named
what_is_not_slower_is_not_searched
commits_that_cannot_be_built_are_named
a_suspicion_is_confirmed_or_not
echo "bisect.sh: all as it should be"
