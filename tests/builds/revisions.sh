#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# revisions.sh [BUILD]: bench/compare_revisions.sh end to end, in a throw-away clone of this tree: a head in
# which a writer takes four times as long, a head in which nothing changed, and bad input. BUILD is
# a directory for what is built here, kept for the next time.
set -euo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
build=${1:-}

fail() {
    printf 'failed: %s\n' "$1" >&2
    exit 1
}

skip() {
    printf 'skipped: %s\n' "$1"
    exit 77
}

command -v git >/dev/null || skip "no git here"
git -C "$tree" rev-parse --verify --quiet HEAD >/dev/null || skip "the tree is not under git"

work=$(mktemp -d "${TMPDIR:-/tmp}/bench_mmap-test-revisions-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
export HOME=$work GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@localhost \
    GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@localhost \
    GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z'
unset GITHUB_STEP_SUMMARY GITHUB_ACTIONS DESTDIR CFLAGS CXXFLAGS LDFLAGS BENCHMARK_OUT BENCHMARK_FILTER
# Worktrees, measured files and reports go there, so that what is left behind can be seen.
export TMPDIR=$work/temporary
mkdir "$TMPDIR" "$work/files"

clone=$work/clone
git clone --quiet --no-hardlinks "$tree" "$clone"
# What is tested is this tree as it is, committed or not.
git -C "$tree" ls-files -z --cached --others --exclude-standard |
    (cd "$tree" && while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done) |
    tar -C "$tree" --null -T - -cf - | tar -C "$clone" -xf -
commit() { # MESSAGE
    git -C "$clone" add -A
    git -C "$clone" commit --quiet --allow-empty -m "$1"
    git -C "$clone" rev-parse HEAD
}
git -C "$clone" checkout --quiet -B work
base=$(commit base)
same=$(commit "nothing changed")
# The slow-down of the test build, put into the program itself.
cat >>"$clone/CMakeLists.txt" <<'TEXT'
target_sources(bench_mmap PRIVATE tests/support/slow_writer.c)
target_link_options(bench_mmap PRIVATE -Wl,--wrap=bm_kernel_run)
TEXT
sed -i 's/getenv("BENCH_MMAP_SLOW")/"Write:300"/' "$clone/tests/support/slow_writer.c"
grep -q '"Write:300"' "$clone/tests/support/slow_writer.c" || fail "slow_writer.c reads another variable"
# And a writer less.
sed -i '/(Writev,/d' "$clone/src/registry/writers.def"
slow=$(commit "a slow writer")
git -C "$clone" checkout --quiet -B mine "$same"
echo "mine" >>"$clone/README.md"

builds=${build:+$build/revisions}
builds=${builds:-$work/builds}
# Those of other trees than this one are of no use any more.
for old in "$builds"/*; do
    [[ ${old##*/} == "$base" || ${old##*/} == "$same" || ${old##*/} == "$slow" ]] || rm -rf "$old"
done

state() {
    git -C "$clone" status --porcelain
    git -C "$clone" for-each-ref
    git -C "$clone" worktree list | wc -l
    git -C "$clone" rev-parse HEAD
}

# EXPECTED STATUS (a pattern) ARGUMENT...: the output is in $work/log. Nothing is left behind.
compare() {
    local expected=$1 status=0 before
    shift
    before=$(state)
    (cd "$work" && "$clone/bench/compare_revisions.sh" "--dir=$work/files" "--builds=$builds" "$@") \
        >"$work/log" 2>&1 || status=$?
    # shellcheck disable=SC2053 # a pattern
    [[ $status == $expected ]] || {
        cat "$work/log" >&2
        fail "compare_revisions.sh $*: exit status $status, not $expected"
    }
    [[ $(state) == "$before" ]] || fail "compare_revisions.sh $*: the clone is not what it was"
    [[ -z $(find "$TMPDIR" "$work/files" -mindepth 1) ]] ||
        fail "compare_revisions.sh $*: something is left in the temporary directories"
}

says() { # FILE TEXT
    grep -Fq -- "$2" "$1" || {
        cat "$1" >&2
        fail "${1##*/} does not say '$2'"
    }
}

readonly small=(--file_size=64K '--chunks=4K,16K' --benchmark_repetitions=3)

bad_input() {
    compare 1
    says "$work/log" "name the revision to compare with"
    compare 1 nonsense
    says "$work/log" "git knows no revision 'nonsense' here"
    compare 1 "$base" "$base"
    says "$work/log" "the same commit"
    compare 1 --rounds=many "$base"
    says "$work/log" "--rounds takes a number"
    compare 1 --markdown="$work/nowhere/report.md" "$base" "$same"
    says "$work/log" "nowhere/report.md cannot be made"
    compare 1 --markdown="$work/files" "$base" "$same"
    says "$work/log" "is no file that may be written"
    compare 1 --colour "$base"
    says "$work/log" "there is no option '--colour'"
}

# A slow-down to four times as long shows in every round, whatever the machine does.
slower_head() {
    export GITHUB_STEP_SUMMARY=$work/summary.md
    compare 3 --rounds=16 --seed=1 --filter='^(Mmap|Write)/' --markdown="$work/report.md" \
        --keep="$work/runs" --db="$work/store.db" "$base" "$slow" -- "${small[@]}"
    unset GITHUB_STEP_SUMMARY
    says "$work/log" "::error title=Slower::Write"
    says "$work/report.md" "### Slower: "
    says "$work/report.md" "${slow:0:12} against ${base:0:12}"
    says "$work/summary.md" "### Slower: "
    [[ $(find "$work/runs/old" "$work/runs/new" -name '*.json' | wc -l) -eq 32 ]] || fail "not all runs are kept"
    [[ $(grep -c '^added ' "$work/log") -eq 16 ]] || fail "not the 16 runs of HEAD are in the store"
    "$builds/$slow/bench_results" machines "--db=$work/store.db" >"$work/machines"
    says "$work/machines" "16"
    says "$work/runs/new/1.json" "${slow:0:12}"
    says "$work/runs/old/1.json" "${base:0:12}"
}

# At that alpha one in a thousand would be called slower; half of that, and it would take the margin, too.
unchanged_head() {
    compare '[04]' --strict --rounds=14 --alpha=0.001 --filter='^(Mmap|Write)/' \
        --markdown="$work/report.md" "$base" -- "${small[@]}"
    says "$work/log" "what is not committed is not measured"
}

# Too few rounds give no verdict: that fails with --strict only.
too_few_rounds() {
    compare 4 --strict --rounds=2 --markdown="$work/report.md" "$base" "$slow" -- "${small[@]}" \
        '--benchmark_filter=^Write/'
    compare 0 --rounds=2 --markdown="$work/report.md" "$base" "$slow" -- "${small[@]}" \
        '--benchmark_filter=^Write/'
    says "$work/log" "it cannot be told whether HEAD is slower"
    says "$work/report.md" "No verdict"
}

# A writer that HEAD lacks fails without --strict, too, unless it was taken away on purpose.
writer_that_is_gone() {
    compare 4 --rounds=2 --filter='^Writev?/' "$base" "$slow" -- "${small[@]}"
    says "$work/log" "Writev/"
    ! grep -Fq "that is no failure without --strict" "$work/log" || fail "a missing writer passes"
}

# A store that cannot be written fails with --strict only, and hides neither the report nor the runs;
# a password stays one.
store_that_cannot_be_written() {
    compare 1 --strict --rounds=2 --db=/dev/null/store --keep="$work/strict" --markdown="$work/other.md" "$base" "$slow" -- \
        "${small[@]}" '--benchmark_filter=^Write/'
    says "$work/log" "the runs of HEAD are not, or not all, in the store"
    compare 0 --rounds=2 --db="postgresql://me:secret@127.0.0.1:1/x" --markdown="$work/other.md" "$base" "$slow" -- \
        "${small[@]}" '--benchmark_filter=^Write/'
    says "$work/log" "the runs of HEAD are not, or not all, in the store"
    says "$work/other.md" "No verdict"
    ! grep -q secret "$work/log" || fail "the password is in the log"
    saved=("$work"/bench_mmap-runs-*/new/*.json)
    [[ ${#saved[@]} -eq 2 ]] || fail "the 2 runs of HEAD are lost"
    says "${saved[0]}" "${slow:0:12}"
}

# A head that cannot be built.
head_that_cannot_be_built() {
    git -C "$clone" stash --quiet
    echo 'message(FATAL_ERROR "not today")' >>"$clone/CMakeLists.txt"
    broken=$(commit "cannot be built")
    compare 1 "$base" "$broken"
    says "$work/log" "not today"
    says "$work/log" "cannot be built"
}

bad_input
slower_head
unchanged_head
too_few_rounds
writer_that_is_gone
store_that_cannot_be_written
head_that_cannot_be_built
echo "compare_revisions.sh: all as it should be"
