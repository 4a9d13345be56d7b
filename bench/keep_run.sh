# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What run.sh and filesystems.sh share: sourced, with `tree` set and `fail SENTENCE` there.

# shellcheck disable=SC2154 # set by who sources this
build=$tree/build-bench

# Installs what a build needs, keeps others out until this process ends, and builds.
build_programs() {
    local packages=(--build) log
    # The revision that a run is of comes from git.
    [[ ! -e $tree/.git ]] || packages+=(git)
    "$tree/third_party/install.sh" "${packages[@]}"

    # Two at once would measure each other, and build over each other.
    mkdir -p "$build"
    exec 9>"$build/lock"
    flock --nonblock 9 || fail "another run of this tree is under way: wait for it to end"

    log=$({ CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja} cmake -S "$tree" -B "$build" \
        -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF &&
        cmake --build "$build" --parallel "$(nproc)" --target bench_mmap bench_results; } 2>&1) || {
        printf '%s\n' "$log" >&2
        fail "the build failed: the messages above say why"
    }
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
