#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bench/compare_revisions.sh [OPTION...] BASE [HEAD] [-- FLAG...]: did HEAD (default: what is checked out)
# become slower than BASE? Builds both, runs them in turns, writes Markdown. The flags go to both
# programs. For continuous integration, and for one's own machine. --help has the options.
#
# The exit status is 3 for a confirmed regression or a failure of HEAD alone, 4 where cells of BASE
# could not be compared, 1 for an error, else 0; with --strict 4 where it cannot be told. --since-change takes
# both revisions from what `bench_results check` suspects.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
tree=$(git -C "$here" rev-parse --show-toplevel)
# shellcheck source=bench/revisions.sh
source "$here/revisions.sh"

usage() {
    cat <<'TEXT'
Usage: bench/compare_revisions.sh [OPTION...] BASE [HEAD] [-- FLAG...]
       bench/compare_revisions.sh --since-change --db=URL [OPTION...]

BASE and HEAD are revisions of git; HEAD is what is checked out unless it is
given. Both are built in a worktree of their own, which is removed in the end;
your tree and branches stay as they are.

  --rounds=N        so many processes of each build (default 20; fewer than 6
                    give no verdict)
  --filter=REGEX    the cells to measure (default: a few writers at five chunk
                    sizes)
  --dir=DIR         where the files are written (default: the current directory)
  --markdown=FILE   the report (default bench_mmap-compare.md);
                    $GITHUB_STEP_SUMMARY gets it, too
  --keep=DIR        keep all runs, in DIR/old and DIR/new
  --since-change    ask the store whether something became slower, and compare
                    the revisions before and after where it suspects it; what is
                    missing or failed there is the status as it is
  --db=URL          add the runs of HEAD to that store: a SQLite file, or
                    postgresql://...
  --builds=DIR      keep the builds there, by revision, and use those that are
                    there
  --margin=SHARE    changes smaller than that are none (default 2%)
  --alpha=P         chance of any false finding (default 0.05)
  --must-see=SHARE  a slow-down of a kernel or of all that may not be missed
                    (default 10%)
  --allow-missing=REGEX   cells that were taken away on purpose
  --seed=N          of the order of the processes and of what is drawn
  --strict          exit with 4 where it cannot be told, with 1 where the store
                    cannot be written; without, that is said, and the status is
                    0; cells that HEAD lacks are 4 all the same
  --help            this text
TEXT
}

rounds=20 filter='' directory=$PWD markdown=bench_mmap-compare.md keep='' db='' builds='' seed=''
strict=false since_change=false verdict=() revisions=() flags=() github=()
while [[ $# -gt 0 ]]; do
    case $1 in
    --help) usage; exit 0 ;;
    --strict) strict=true ;;
    --since-change) since_change=true ;;
    --rounds=* | --filter=* | --markdown=* | --keep=* | --db=* | --builds=* | --seed=*)
        name=${1%%=*}
        printf -v "${name#--}" '%s' "${1#*=}"
        ;;
    --dir=*) directory=${1#*=} ;;
    --margin=* | --alpha=* | --must-see=* | --allow-missing=*) verdict+=("$1") ;;
    --) shift; flags=("$@"); break ;;
    -*) fail "there is no option '$1'; --help lists them" ;;
    *) revisions+=("$1") ;;
    esac
    shift
done
if $since_change; then
    [[ ${#revisions[@]} -eq 0 && -n $db ]] || fail "--since-change takes the revisions from a store: name it by --db=URL, and no revision"
else
    [[ ${#revisions[@]} -ge 1 && ${#revisions[@]} -le 2 ]] ||
        fail "name the revision to compare with, and no more than one other: compare_revisions.sh BASE [HEAD]"
fi
[[ $rounds =~ ^[1-9][0-9]{0,3}$ ]] || fail "--rounds takes a number from 1 to 9999, not '$rounds'"
[[ -z $seed || $seed =~ ^[0-9]{1,9}$ ]] || fail "--seed takes a whole number, not '$seed'"
[[ -d $directory ]] || fail "$directory is no directory: --dir says where the files are written"
# Not only after all rounds.
if [[ -e $markdown ]]; then
    [[ ! -d $markdown && -w $markdown ]] || fail "$markdown is no file that may be written: --markdown names the report"
else
    [[ -w $(dirname -- "$markdown") ]] || fail "$markdown cannot be made: --markdown names the report"
fi
: "${seed:=$((RANDOM * 32768 + RANDOM + 1))}"

make_work
build() { # NAME COMMIT
    build_revision "$1" "$2" || {
        cat "$work/log" >&2
        fail "$1, ${2:0:12}, cannot be built: the messages above say why"
    }
}

# What is not missing or failed is a matter of luck, and no failure without --strict.
end_unsure() { # SENTENCE
    echo "compare_revisions.sh: $1" >&2
    ! $strict || exit 4
    exit 0
}

said() { # KEY: its value in what the store said
    sed -n "s/^  \"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" "$work/check"
}

if $since_change; then
    "$tree/third_party/install.sh" --build git
    head=$(commit_of HEAD)
    build "the checker" "$head"
    status=0
    "$builds/$head/bench_results" check --confirm "--db=$db" --format=json >"$work/check" || status=$?
    [[ $status =~ ^[034]$ ]] || fail "the store cannot be asked: the message above says why"
    echo "$(said machine): $(said verdict)" >&2
    case $(said verdict_code) in
    suspected) ;;
    failed | missing) exit "$status" ;;
    *) [[ $status -eq 0 ]] || end_unsure "it cannot be told whether something became slower"; exit 0 ;;
    esac
    revisions=("$(said confirm_base)" "$(said confirm_head)")
    [[ -n ${revisions[0]} ]] ||
        end_unsure "the code did not change where the times did: there are no two builds to compare"
    read -ra asked <<<"$(said confirm_flags)"
    flags=("${asked[@]}" "${flags[@]}")
    # It is there already.
    db=''
fi

base=$(commit_of "${revisions[0]}")
head=$(commit_of "${revisions[1]:-HEAD}")
[[ $base != "$head" ]] || fail "BASE and HEAD are the same commit, $base: there is nothing to compare"
if ! $since_change && [[ ${#revisions[@]} -eq 1 && -n $(git -C "$tree" status --porcelain --untracked-files=no) ]]; then
    echo "compare_revisions.sh: what is not committed is not measured" >&2
fi

if [[ -z $filter && ${#flags[@]} -eq 0 ]] && ! $since_change; then
    filter='^(Mmap|MmapPopulateWrite|Write|WriteFalloc|Writev|StdioLarge|Uring|Memcpy|EmptyCall)/'
    flags=('--chunks=1K,4K,16K,64K,1M')
fi
flags=(--benchmark_repetitions=5 "${flags[@]}" "--dir=$directory")
[[ -z $filter ]] || flags+=("--benchmark_filter=$filter")

"$tree/third_party/install.sh" --build git
build base "$base"
build head "$head"
results=$builds/$head/bench_results

runs=${keep:-$work/runs}
status=0
"$results" ab "$builds/$base/bench_mmap" "$builds/$head/bench_mmap" "--rounds=$rounds" \
    "--seed=$seed" "--keep=$runs" "${verdict[@]}" -- "${flags[@]}" >"$work/ab" || status=$?
if [[ $status -ne 0 && $status -ne 3 && $status -ne 4 ]]; then
    cat "$work/ab" >&2
    fail "the comparison failed: the messages above say why"
fi
[[ -d $runs/old && -d $runs/new ]] || fail "it was stopped before a round was complete"

# The same runs and seed give the same verdict; annotations are for the log of a job only.
show() { # FLAG...
    local shown=0
    "$results" compare "$runs/old" "$runs/new" "--seed=$seed" "${verdict[@]}" "$@" || shown=$?
    [[ $shown -eq $status ]]
}
[[ -z ${GITHUB_ACTIONS:-} && -z ${GITHUB_STEP_SUMMARY:-} ]] || github=(--github)
show "${github[@]}" || fail "the verdict of the kept runs is another"
show --format=markdown >"$work/report" || fail "no report could be made"
show --format=json >"$work/json" || fail "no report could be made"
{
    printf 'bench_mmap: %s against %s\n\n' "${head:0:12}" "${base:0:12}"
    cat "$work/report"
} >"$markdown" || fail "$markdown could not be written"

# What took so long does not go with the temporary directory.
save_runs() {
    local saved
    saved=$(mktemp -d "$PWD/bench_mmap-runs-XXXXXX")
    cp -r "$runs/new" "$saved"
    printf '%s\n' "$saved"
}

if [[ -n $db ]]; then
    # A URL may hold a password: it is not for the log.
    "$results" add "$runs"/new/*.json "--db=$db" || {
        [[ $status -eq 3 ]] || ! $strict || status=1
        [[ -n $keep ]] || runs=$(save_runs) || fail "the runs of HEAD are neither in the store nor here"
        echo "compare_revisions.sh: the runs of HEAD are not, or not all, in the store: the message above says why;" \
            "they are in $runs/new" >&2
        [[ -z ${GITHUB_ACTIONS:-} ]] || echo "::warning title=History::the runs of HEAD are not in the store"
    }
fi
# Cells that are missing are no matter of luck.
if [[ $status -eq 4 ]] && ! $strict && grep -Eq '"missing": ?0,' "$work/json"; then
    end_unsure "it cannot be told whether HEAD is slower; that is no failure without --strict"
fi
exit "$status"
