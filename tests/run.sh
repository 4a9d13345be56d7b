#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/run.sh [--quick|--long] [FLAG...]: installs what is missing, builds, and runs the tests. --quick
# leaves out the slow ones and the other builds, and is done in 3 minutes; --long adds what takes long or
# downloads. The flags are those of ctest, such as -R NAME.
set -euo pipefail

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$tree/build-tests
selection=()
case ${1:-} in
--quick) selection=(--label-exclude '^(slow|builds)$') ;;&
--quick | --long)
    export BENCH_MMAP_TESTS=${1#--}
    shift
    ;;
esac

"$tree/tests/no_server.sh"

# Compilers and checkers, what the tests watch programs with, file systems to write to, a server
# that the tests start for themselves, and a browser with what drives it.
"$tree/third_party/install.sh" --build git libcmocka-dev libjansson-dev meson \
    clang clang-format clang-tidy libclang-rt-dev ccache \
    strace valgrind fio xfsprogs btrfs-progs postgresql chromium nodejs

# Other machines, and Debian as it comes.
if [[ ${BENCH_MMAP_TESTS:-} == long ]]; then
    "$tree/third_party/install.sh" mmdebstrap qemu-user musl-tools gcc-aarch64-linux-gnu g++-aarch64-linux-gnu \
        gcc-i686-linux-gnu g++-i686-linux-gnu || echo "the builds for other machines are skipped" >&2
fi

mkdir -p "$build"
exec 9>"$build/lock"
flock --nonblock 9 || {
    echo "run.sh: another run of these tests is under way: wait for it to end" >&2
    exit 1
}

# Several modes of builds.sh compile the same sources in the same way; Meson finds ccache by itself.
export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
export CCACHE_DIR=${CCACHE_DIR:-$build/ccache} CCACHE_BASEDIR=/ CCACHE_NOHASHDIR=true

cmake -G Ninja -S "$tree" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBENCH_MMAP_FULL_TESTS=ON -DBENCH_MMAP_STUDIES=ON \
    -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
    -DCMAKE_C_FLAGS=-Werror -DCMAKE_CXX_FLAGS=-Werror
cmake --build "$build" -j2

# Why tests were skipped stands in the log only: it is said before the summary, which comes last.
log=$build/Testing/Temporary/LastTest.log
ctest --test-dir "$build" --no-tests=error --output-on-failure -j2 "${selection[@]}" "$@" | awk -v log_file="$log" '
    / tests passed, / { holding = 1 }
    holding { held = held $0 "\n"; next }
    { print; fflush() }
    END {
        system("grep -h \"^skipped: \" \"" log_file "\" 2>/dev/null | sort -u")
        printf("%s", held)
    }'
