# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts of bench/ and bench/studies/ share: sourced. `tree` is this tree, or what the script set.

: "${tree:=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)}"
build=$tree/build-bench

fail() { # SENTENCE
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 1
}

# Makes the directory `work`; clean_up is called when the script ends, however that is.
work_in() { # TEMPLATE
    work=$(mktemp -d "$1")
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
}

clean_up() {
    rm -rf --one-file-system "$work"
}

# Builds the programs of a tree; what CMake says is shown where that fails.
build_tree() { # TREE BUILD OPTION...
    local log source=$1 into=$2
    shift 2
    log=$({ CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja} cmake -S "$source" -B "$into" -DCMAKE_BUILD_TYPE=Release \
        -DBUILD_TESTING=OFF "$@" &&
        cmake --build "$into" --parallel "$(nproc)" --target bench_mmap bench_results; } 2>&1) || {
        printf '%s\n' "$log" >&2
        return 1
    }
}

# Installs what a build needs, keeps others out until this process ends, and builds this tree.
build_programs() {
    local packages=(--build)
    # The revision that a run is of comes from git.
    [[ ! -e $tree/.git ]] || packages+=(git)
    "$tree/third_party/install.sh" "${packages[@]}"

    # Two at once would measure each other, and build over each other.
    mkdir -p "$build"
    exec 9>"$build/lock"
    flock --nonblock 9 || fail "another run of this tree is under way: wait for it to end"
    [[ -x $build/bench_mmap ]] || echo "building, which takes a minute or two"
    build_tree "$tree" "$build" || fail "the build failed: the messages above say why"
}

run_context() { # RUN KEY
    sed -n "s/^ *\"$2\": \"\\([0-9A-Za-z._-]*\\)\",\\{0,1\\}\$/\\1/p" "$1" | head -n 1
}

# Moves a complete run to results/<machine key>/<time>-<revision>.json: `kept`.
keep_run() { # RUN STARTED
    local machine revision
    machine=$(run_context "$1" machine_key)
    revision=$(run_context "$1" git_revision)
    [[ -n $machine && -n $revision ]] || fail "$1: no machine_key or no git_revision in its context"
    kept=$tree/results/$machine/$2-$revision.json
    mkdir -p "${kept%/*}"
    mv "$1" "$kept"
}

# As it stands in the names of runs.
utc_now() {
    date -u +%Y%m%dT%H%M%SZ
}
