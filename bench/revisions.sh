# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts that build revisions share; they source it. They set $tree, the repository, and
# $builds, where builds are kept by revision. Each is built from the same place, $builds/tree, which a compiler cache
# needs to find what revisions have in common.

: "${tree:?the script that sources this file sets it}"
# shellcheck source=bench/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

commit_of() { # REVISION
    git -C "$tree" rev-parse --verify --quiet --end-of-options "$1^{commit}" ||
        fail "git knows no revision '$1' here; in a shallow clone, fetch it first"
}

worktree=''
# shellcheck disable=SC2317 # called by the trap
clean_up() {
    local directory
    for directory in "$work"/*/.git ${worktree:+"$worktree/.git"}; do
        [[ ! -e $directory ]] || git -C "$tree" worktree remove --force "${directory%/.git}" || true
    done
    rm -rf --one-file-system "$work"
}

make_work() {
    work_in "${TMPDIR:-/tmp}/bench_mmap-revisions-XXXXXX"
    : "${builds:=$work/builds}"
    mkdir -p "$builds"
    builds=$(cd "$builds" && pwd -P)
}

build_with_cmake() { # WORKTREE BUILD
    build_tree "$1" "$2" -DBENCH_MMAP_TESTS=OFF
}

# Two scripts with the same $builds take turns.
add_worktree() { # COMMIT
    exec 8>"$builds/lock"
    flock 8
    # One that was cut off may have left it.
    if [[ -e $builds/tree ]]; then
        git -C "$tree" worktree remove --force "$builds/tree" || return 1
    fi
    worktree=$builds/tree
    git -C "$tree" worktree add --detach "$worktree" "$1"
}

# Builds in a worktree, unless the build is there. What the build printed is in $work/log.
build_revision() { # NAME COMMIT [BUILDER [ARGUMENT...]]: BUILDER WORKTREE BUILD ARGUMENT...
    local name=$1 commit=$2 builder=${3:-build_with_cmake} build=$builds/$2
    # The mark is set last: a build that was cut off has none.
    [[ ! -e $build/complete ]] || return 0
    rm -rf "$build"
    mkdir -p "$build"
    echo "building $name, ${commit:0:12}" >&2
    { add_worktree "$commit" && "$builder" "$worktree" "$build" "${@:4}"; } >"$work/log" 2>&1 || return 1
    touch "$build/complete"
    git -C "$tree" worktree remove --force "$worktree"
    worktree=''
    exec 8>&-
}
