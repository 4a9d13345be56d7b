#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# builds.sh MODE [BUILD]: builds the project in another way and tests that. BUILD is a CMake build
# directory that is built; what is built here goes below it.
#
# Each mode is a function. The line above it is read by CMakeLists.txt too, which makes a test of it:
#   #: MODE TIMEOUT_S [WORD...]: what it shows
# The words: both, it uses two processors; meson, it uses the one Meson build; long, it takes long, or downloads,
# and is done where BENCH_MMAP_TESTS is long.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
tree=${tests%/*/*}
mode=${1:-}
build=${2:-$tree/build-tests}
build=$(cd "$build" && pwd -P)
work=$build/builds/$mode
words=$(sed -n "s/^#: $mode [0-9]*\([a-z ]*\): .*/\1 /p" "${BASH_SOURCE[0]}")
jobs=1
[[ $words != *' both '* ]] || jobs=2
unset DESTDIR CFLAGS CXXFLAGS LDFLAGS

fail() {
    printf 'failed: %s\n' "$1" >&2
    exit 1
}

skip() {
    printf 'skipped: %s: %s\n' "$mode" "$1"
    exit 77
}

needs() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || skip "no $program here"
    done
}

# Finds nothing where it should: that is a failure, not an empty success.
not_empty() {
    [[ -s $1 ]] || fail "nothing to look at: $1 is empty"
}

configure() { # DIRECTORY FLAG...
    local directory=$1
    shift
    cmake -G Ninja -S "$tree" -B "$directory" -DBENCH_MMAP_STUDIES=ON -DCMAKE_C_FLAGS=-Werror -DCMAKE_CXX_FLAGS=-Werror "$@"
}

# The usual build has done all of the tests: another is asked whether they pass there, too.
test_all() { # DIRECTORY FLAG...
    local directory=$1
    shift
    export BENCH_MMAP_TESTS=${BENCH_MMAP_TESTS:-quick}
    ctest --test-dir "$directory" --no-tests=error --output-on-failure -j"$jobs" "$@"
}

# The programs of the shim's own tests.
shim_tests() { # DIRECTORY
    sed -n 's/^build \(test_benchmark_c[a-z_]*\):.*/\1/p' "$1/build.ninja" | sort -u
}

# Several modes may want it: the second finds it done.
meson_build() { # DIRECTORY FLAG...
    local directory=$1
    shift
    if [[ ! -f $directory/build.ninja ]]; then
        CC=gcc CXX=g++ meson setup "$@" "$directory" "$tree"
    fi
    ninja -j"$jobs" -C "$directory"
}

readonly meson_directory=$build/builds/meson/build
readonly meson_prefix=$build/builds/meson/prefix
readonly cmake_prefix=$build/builds/install/prefix

meson_install() {
    meson_build "$meson_directory" -Dstudies=true --prefix="$meson_prefix" --libdir=lib
    rm -rf "$meson_prefix"
    meson install -C "$meson_directory" --no-rebuild
}

cmake_install() {
    rm -rf "$cmake_prefix"
    cmake --install "$build" --prefix "$cmake_prefix"
}

# The tracked files; all of them in a tree without git.
source_files() { # PATTERN...
    if git -C "$tree" ls-files -z --error-unmatch "$@" 2>/dev/null; then
        return
    fi
    local pattern first=true names=()
    for pattern in "$@"; do
        $first || names+=(-o)
        names+=(-name "$pattern")
        first=false
    done
    (cd "$tree" && find . -name 'build*' -prune -o -type f \( "${names[@]}" \) -print0)
}

#: clang 1200 both: everything with clang without a warning, and the quick tests of the libraries
clang_mode() {
    needs clang clang++
    configure "$work" -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++
    cmake --build "$work" -j"$jobs"
    # What starts the programs is not another test because of the compiler.
    test_all "$work" --label-exclude '^(slow|tools|faults|bench.*)$'
}

#: sanitize 1800 both: the unit tests with the address, leak and undefined-behaviour sanitizers
sanitize_mode() {
    configure "$work" -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ \
        -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBENCH_MMAP_SANITIZE=address,undefined
    cmake --build "$work" -j"$jobs"
    # writers.syscalls and faults.hostile watch processes under strace, where the leak sanitizer cannot work; kernel.probe
    # leaves them fewer files and less memory than a sanitizer wants. The others that are left out take long
    # (writers.writers two minutes; memcheck has it), and what they start is tested besides.
    UBSAN_OPTIONS=print_stacktrace=1 test_all "$work" \
        --exclude-regex '^(writers\.(syscalls|writers)|kernel\.probe|faults\.hostile|filesystems|browser|changes_power|history\.processes|tools\.ab|bench\.(bisect|studies\.(bare|power_ab)))$'
}

#: threads 1800 both long: what has threads, with the thread sanitizer
threads_mode() {
    local threaded='registry.registry kernel.order kernel.prepare bench.threads bench.order bench.interruption bench.rows tools.lockstep'
    # The sanitizer knows addresses that a kernel with much random in them does not give. It keeps SIGBUS for itself:
    # what raises that (kernel.guard, a full disk, files that are too short) is not tried; nor are channels, whose second
    # process it does not see, and which take too long.
    setarch -R true || skip "addresses cannot be made less random"
    configure "$work" -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ -DBENCH_MMAP_STUDIES=OFF \
        -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBENCH_MMAP_SANITIZE=thread
    # shellcheck disable=SC2046,SC2086 # names are words
    cmake --build "$work" -j"$jobs" --target bench_mmap bench_results bench_mmap_fault $(shim_tests "$work") $(printf 'test.%s ' $threaded)
    setarch -R ctest --test-dir "$work" --no-tests=error --output-on-failure -j"$jobs" \
        --tests-regex "^(test_benchmark_c.*|${threaded// /|})\$"
}

memcheck() { # PROGRAM ARGUMENT...
    local status=0
    # A status of 77 is a test that cannot run here; bench_results has 3 and 4 for its verdicts.
    valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite "$@" >log 2>&1 || status=$?
    [[ $status =~ ^(0|3|4|77)$ ]] || { echo "failed: $*"; cat log; return 1; }
    echo "memcheck: ${1##*/} ${2:-}"
}

#: valgrind 1800 both: the unit tests that are not slow, and the programs, under memcheck
valgrind_mode() {
    needs valgrind
    rm -rf "$work"
    mkdir -p "$work"
    # The tests of the programs and of channels look at other processes, which memcheck does not follow; what judges
    # series and sides is long arithmetic, of which the sanitizers see the same. The writers take longest, and come first.
    ctest --test-dir "$build" -N --label-exclude '^(slow|builds|layout|bench|tools|faults|channels|changepoint|comparison)$' |
        sed -n 's/^ *Test *#[0-9]*: //p' | sort -r >"$work/names"
    not_empty "$work/names"
    export BENCH_MMAP_TESTS=${BENCH_MMAP_TESTS:-quick}
    local name
    while read -r name; do
        find "$build/tests" "$build/third_party" -type f \( -name "$name" -o -name "test.$name" \) -perm -u+x -print0
    done <"$work/names" >"$work/programs"
    not_empty "$work/programs"
    export -f memcheck
    # shellcheck disable=SC2016 # expanded by the inner shell
    xargs -0 -n 1 -P 2 bash -c 'mkdir "$0/${1##*/}" && cd "$0/${1##*/}" && memcheck "$1"' "$work" <"$work/programs"
    cd "$work"
    local round command
    for round in 1 2; do
        memcheck "$build/bench_mmap" --dir="$work" --file_size=64K --chunks=4K,64K --benchmark_repetitions=2 \
            --benchmark_filter='^(Mmap|Write|Stdio)/' --benchmark_out="$work/$round.json"
    done
    for command in 'show 1.json' 'show 1.json --format=markdown' 'show 1.json --format=csv' 'show 1.json --format=json' \
        'advise 1.json --chunk=4K' 'compare 1.json 2.json' 'compare 1.json 2.json --cross-machine' \
        'add 1.json 2.json --db=runs.db' 'check --db=runs.db' 'history --db=runs.db' 'machines --db=runs.db'; do
        # shellcheck disable=SC2086 # arguments are words
        memcheck "$build/bench_results" $command
    done
}

#: instructions 600 both: what a chunk costs in instructions, against loops written by hand
instructions_mode() {
    sh "$tests/instructions.sh" "$build/bench_overhead"
}

test_names_of_cmake() {
    ctest --test-dir "$build" -N | sed -n 's/^ *Test *#[0-9]*: *//p' | grep -v '^builds\.' | sort
}

test_names_of_meson() {
    meson test -C "$meson_directory" --no-rebuild --list 2>/dev/null | sed 's|.* / ||; s|.*:||' | grep -v '^builds\.' | sort
}

installed_files() { # PREFIX
    (cd "$1" && find . -type f | sort)
}

#: meson 1500 both meson: Meson builds and installs the same, and the quick tests of the libraries pass
meson_mode() {
    needs meson ninja
    meson_install
    BENCH_MMAP_TESTS=${BENCH_MMAP_TESTS:-quick} meson test -C "$meson_directory" --no-rebuild --print-errorlogs --num-processes "$jobs" \
        --no-suite slow --no-suite tools --no-suite faults --no-suite bench --no-suite bench/environment --no-suite bench/studies
    diff <(test_names_of_cmake) <(test_names_of_meson) || fail "not the same tests: CMake's <, Meson's >"
    local prefix=$work/cmake-prefix
    rm -rf "$prefix"
    cmake --install "$build" --prefix "$prefix" >/dev/null
    # The CMake package is the CMake build's only. Where libraries go is each build's own matter.
    diff <(installed_files "$prefix" | sed -E '/\/cmake\/bench_mmap\//d; s|^\./lib(64)?/([a-z0-9_]+-linux-[a-z0-9]+/)?|./lib/|') \
        <(installed_files "$meson_prefix") || fail "not the same files: CMake's <, Meson's >"
}

check_consumer() { # PROGRAM
    local directory=$1.directory phase
    rm -rf "$directory"
    mkdir "$directory"
    (cd "$directory" && "$1" >phases)
    for phase in create size map fill sync unmap close; do
        grep -Eq "^${phase}_ns [0-9]+\$" "$directory/phases" || fail "$1: no phase $phase"
    done
    cmp "$directory/data" <(for ((i = 0; i < 10000; i++)); do printf bench_mmap; done) ||
        fail "$1: not the bytes that were asked for"
    echo "consumer: ${1##*/}"
}

# Who measures needs no database.
check_no_database() { # PROGRAM
    if ldd "$1" | grep -E 'sqlite|libpq|zstd'; then
        fail "$1 links a database"
    fi
}

consume_by_pkg_config() { # NAME PREFIX FLAG...
    local name=$1 prefix=$2 flags directory
    shift 2
    directory=$(dirname "$(find "$prefix" -name bench_mmap.pc)")
    flags=$(PKG_CONFIG_PATH=$directory pkg-config --cflags --libs "$@" bench_mmap)
    # shellcheck disable=SC2086 # flags are words
    gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -o "$work/$name" "$tests/consumer/consumer.c" $flags
    check_consumer "$work/$name"
}

# All objects of the library, not those only that a small program happens to need.
link_whole_library() { # PREFIX
    local directory flags
    directory=$(dirname "$(find "$1" -name bench_mmap.pc)")
    flags=$(PKG_CONFIG_PATH=$directory pkg-config --libs bench_mmap)
    # shellcheck disable=SC2086 # flags are words
    gcc -o "$work/whole" -x c - -x none -Wl,--whole-archive "$directory/../libbench_mmap.a" \
        -Wl,--no-whole-archive $flags <<<'int main(void) { return 0; }'
}

# A global of the library must not collide with one of the program that links it.
check_prefix() { # PREFIX
    local archive
    archive=$(find "$1" -name libbench_mmap.a)
    nm --defined-only --extern-only -A "$archive" >"$work/globals"
    grep -q ' T bm_kernel_run$' "$work/globals" || fail "no bm_kernel_run in $archive"
    if grep -Ev ':$|^$| [A-Z] bm_[A-Za-z0-9_]+$' "$work/globals"; then
        fail "these globals of $archive do not begin with bm_"
    fi
}

# The header needs nothing before it, and no extension, in either language.
check_header() { # PREFIX
    local flags=(-Wall -Wextra -Wpedantic -Werror -fsyntax-only "-I$1/include")
    gcc -std=c11 -x c "${flags[@]}" - <<<'#include <bench_mmap/kernel.h>'
    g++ -std=c++17 -x c++ "${flags[@]}" - <<<'#include <bench_mmap/kernel.h>'
}

#: install 600 meson: a program outside of the tree uses the installed library, whose globals all begin with bm_
install_mode() {
    mkdir -p "$work"
    cmake_install
    consume_by_pkg_config shared-flags "$cmake_prefix"
    consume_by_pkg_config static-flags "$cmake_prefix" --static
    link_whole_library "$cmake_prefix"
    check_prefix "$cmake_prefix"
    check_header "$cmake_prefix"
    cmake -G Ninja -S "$tests/consumer" -B "$work/find_package" -DCMAKE_PREFIX_PATH="$cmake_prefix" \
        -DCMAKE_C_FLAGS="-Wall -Wextra -Wpedantic -Werror"
    cmake --build "$work/find_package"
    check_consumer "$work/find_package/consumer"
    if command -v meson >/dev/null; then
        rm -rf "$work/dependency"
        PKG_CONFIG_PATH=$(dirname "$(find "$cmake_prefix" -name bench_mmap.pc)") meson setup "$work/dependency" "$tests/consumer"
        ninja -C "$work/dependency"
        check_consumer "$work/dependency/consumer"
    fi
    "$cmake_prefix/bin/bench_mmap" --version
    check_no_database "$cmake_prefix/bin/bench_mmap"
    "$cmake_prefix/bin/bench_results" --version
    needs meson
    meson_install
    consume_by_pkg_config meson-shared-flags "$meson_prefix"
    consume_by_pkg_config meson-static-flags "$meson_prefix" --static
    link_whole_library "$meson_prefix"
    check_prefix "$meson_prefix"
    check_header "$meson_prefix"
    "$meson_prefix/bin/bench_mmap" --version
    check_no_database "$meson_prefix/bin/bench_mmap"
}

fuzz_one() { # NAME SEEDS BYTES EXECUTIONS
    local limit=(-max_total_time=3)
    [[ ${BENCH_MMAP_TESTS:-} != long ]] || limit=(-runs="$4")
    mkdir -p "$work/$1"
    (cd "$work" && "build/tests/fuzz_$1" "${limit[@]}" -max_len="$3" -timeout=30 -close_fd_mask=3 -print_final_stats=1 \
        "$1" "$tests/../data/fuzz/$2" >"$1.log" 2>&1) || { tail -40 "$work/$1.log"; return 1; }
    echo "$1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$1.log") inputs"
}

#: fuzz 900 both: any bytes for all that reads what others wrote, with libFuzzer for seconds (BENCH_MMAP_TESTS=long: millions)
fuzz_mode() {
    needs clang clang++
    mkdir -p "$work"
    clang -fsanitize=fuzzer -x c -o "$work/trial" - 2>/dev/null \
        <<<'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n ? 0 : 0; }' ||
        skip "clang has no libFuzzer here"
    cmake -G Ninja -S "$tree" -B "$work/build" -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS=-O1 -DCMAKE_CXX_FLAGS=-O1 \
        -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DBENCH_MMAP_SANITIZE=fuzzer-no-link,address,undefined
    cmake --build "$work/build" -j"$jobs" --target bench_mmap_fuzz
    sed -n 's/^TARGET(\(.*\))$/\1/p' "$tests/../fuzzing/targets.def" | tr -d , >"$work/targets"
    not_empty "$work/targets"
    export -f fuzz_one
    export work tests
    xargs -L 1 -P "$jobs" bash -c 'fuzz_one "$@"' fuzz <"$work/targets"
}

#: revisions 1500: two revisions are built and compared in a clone: a slower one, the same, bad input
revisions_mode() {
    "$tests/revisions.sh" "$work"
}

# The command must fail with the one sentence.
refuses() { # SENTENCE COMMAND...
    local sentence=$1 log
    shift
    if log=$("$@" 2>&1); then
        fail "succeeded: $*"
    fi
    # CMake breaks lines.
    if ! tr -s ' \n' '  ' <<<"$log" | grep -Fq "$sentence" || [[ $(grep -c 'CMake Error' <<<"$log") -gt 1 ]]; then
        printf '%s\n' "$log"
        fail "not the one sentence: $sentence"
    fi
    echo "refused: $sentence"
}

#: not_linux 60: another system than Linux is refused with a sentence
not_linux_mode() {
    rm -rf "$work"
    mkdir -p "$work"
    refuses "bench_mmap measures Linux system calls: it builds on and for Linux only" \
        cmake -S "$tree" -B "$work/cmake" -DCMAKE_SYSTEM_NAME=FreeBSD
    needs meson
    printf '%s\n' '[binaries]' "c = 'gcc'" "cpp = 'g++'" '[host_machine]' "system = 'freebsd'" \
        "cpu_family = 'x86_64'" "cpu = 'x86_64'" "endian = 'little'" >"$work/freebsd.ini"
    refuses "builds for Linux only, not freebsd" \
        meson setup --cross-file "$work/freebsd.ini" "$work/meson" "$tree"
}

# What stands in no list of packages is not found: sets PKG_CONFIG_LIBDIR.
hide_packages() { # DIRECTORY PACKAGE...
    local into=$1 directory package hidden=()
    shift
    for package in "$@"; do
        hidden+=(! -name "$package.pc")
    done
    rm -rf "$into"
    mkdir -p "$into"
    for directory in $(pkg-config --variable pc_path pkg-config | tr : ' '); do
        [[ ! -d $directory ]] || find "$directory" -name '*.pc' "${hidden[@]}" -exec ln -sf -t "$into" {} +
    done
    export PKG_CONFIG_LIBDIR=$into
    unset PKG_CONFIG_PATH
}

# Says in one line each what is left out, and what would have to be installed.
says_what_is_left_out() { # LOG
    local sentence
    for sentence in 'no tests: they need cmocka 1.1.5 and jansson 2.13 or newer (libcmocka-dev libjansson-dev)' \
        'no writers over io_uring: they need liburing 2.3 or newer (liburing-dev)' \
        'no histories on a PostgreSQL server: they need libpq (libpq-dev)' \
        'no HTML report: it is drawn by Chart.js (libjs-chart.js)'; do
        [[ $(grep -Fc "$sentence" <<<"$1") -eq 1 ]] || fail "not once: $sentence: $1"
    done
}

# A build in which nobody asked for tests makes these and nothing else, and uses no library that is not there.
is_plain() { # BUILD LOG
    local programs
    programs=$(find "$1" \( -name CMakeFiles -o -name 'meson-*' \) -prune -o -type f -perm -u+x -printf '%f\n' | sort | tr '\n' ' ')
    [[ $programs == "bench_mmap bench_results " ]] || fail "$1: not the two programs, but $programs"
    [[ -s $1/libbench_mmap.a ]] || fail "$1: no libbench_mmap.a"
    ! grep 'warning:' "$2" || fail "$1: warnings"
    "$1/bench_mmap" --version
    "$1/bench_mmap" --dir="$work" --writers >"$work/writers"
    grep -A 1 '^  Uring ' "$work/writers" | grep -q 'built without' || fail "$1: Uring is here, or not for this reason"
    "$1/bench_mmap" --dir="$work" --file_size=64K --chunks=4K --benchmark_repetitions=2 --benchmark_filter='^(Mmap|Write)/' \
        --benchmark_out="$work/run.json" >/dev/null
    "$1/bench_results" add "$work/run.json" --db="$1/runs.db"
    if nm "$1/libbench_mmap.a" "$1/libbench_mmap_internal.a" | grep -E 'U (PQ|io_uring)'; then
        fail "$1 uses libpq or liburing"
    fi
    refuses "this program was built without PostgreSQL" "$1/bench_results" machines --db=postgresql://localhost/x
}

revision_of() { # BENCH_MMAP
    rm -f "$work/run.json"
    "$1" --dir="$work" --file_size=64K --chunks=64K --benchmark_repetitions=1 --benchmark_filter='^EmptyCall/' \
        --benchmark_out="$work/run.json" >"$work/measured" 2>&1 || { cat "$work/measured"; fail "$1 does not measure"; }
    sed -n 's/^ *"git_revision": "\(.*\)",$/\1/p' "$work/run.json"
}

# What is tested is this tree as it is, committed or not.
clone_tree() { # DIRECTORY
    git clone --quiet --no-hardlinks "$tree" "$1"
    (cd "$tree" && git ls-files -z --cached --others --exclude-standard |
        while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
        tar --null -T - -cf -) | tar -C "$1" -xf -
}

commit() { # CLONE MESSAGE
    git -C "$1" add -A
    git -C "$1" -c user.name=test -c user.email=test@localhost commit --quiet --allow-empty -m "$2"
}

check_incremental() { # NAME PATTERN COMMAND...
    local name=$1 pattern=$2 clone=$work/clone compiled
    shift 2
    [[ $(revision_of "$work/$name/bench_mmap") == "$(git -C "$clone" rev-parse --short=12 HEAD)" ]] ||
        fail "$name: not the revision that was built"
    echo "more" >>"$clone/README.md"
    commit "$clone" "a document changed"
    "$@" >"$work/log"
    [[ $(revision_of "$work/$name/bench_mmap") == "$(git -C "$clone" rev-parse --short=12 HEAD)" ]] ||
        fail "$name: a commit, and a build after it tells the revision before"
    compiled=$(grep -c "$pattern" "$work/log" || true)
    [[ $compiled -eq 1 ]] || fail "$name: $compiled files were compiled after a commit that changed a document"
    "$@" >"$work/log"
    ! grep -Eq "$pattern|Linking" "$work/log" || fail "$name: a build in which nothing changed makes something"
    echo "even more" >>"$clone/README.md"
    "$@" >"$work/log"
    [[ $(revision_of "$work/$name/bench_mmap") == *-dirty ]] || fail "$name: a change that is not committed is not told"
    git -C "$clone" checkout --quiet README.md
    echo "incremental: $name"
}

# The build of the README, in a clone, so that the tree stays as it is; then what a commit makes anew.
plain_build() { # NAME PATTERN COMMAND...
    local name=$1 pattern=$2
    shift 2
    "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "the build with $name"; }
    is_plain "$work/$name" "$work/log"
    refuses "built without Chart.js, which draws the report: install libjs-chart.js" "$work/$name/bench_results" report RUN.json
    [[ ! -d $work/clone ]] || check_incremental "$name" "$pattern" "$@"
}

#: plain 900: the builds of README where only the packages that it lists are there; after a commit one file is compiled
plain_mode() {
    needs pkg-config
    rm -rf "$work"
    mkdir -p "$work"
    hide_packages "$work/pkgconfig" cmocka jansson liburing libpq
    local log source=$tree
    if git -C "$tree" rev-parse --verify --quiet HEAD >/dev/null; then
        source=$work/clone
        clone_tree "$source"
        commit "$source" "the tree as it is"
    fi
    # Chart.js is no package of pkg-config, and cannot be hidden. Not to optimise takes half of the time.
    log=$(cmake -S "$source" -B "$work/cmake" -DCMAKE_BUILD_TYPE=Debug -DBENCH_MMAP_CHART_JS=OFF)
    says_what_is_left_out "$log"
    plain_build cmake 'Building C' cmake --build "$work/cmake" -j"$jobs"
    needs meson ninja
    log=$(CC=gcc CXX=g++ meson setup "$work/meson" "$source" --buildtype=debug -Dchart_js=off)
    says_what_is_left_out "$log"
    plain_build meson 'Compiling C' ninja -j"$jobs" -C "$work/meson"
    [[ -d $work/clone ]] || skip "the tree is not under git: what a commit makes anew was not looked at"
}

#: framework 1200 both: builds over the Google Benchmark whose source tree BENCHMARK_SOURCE names, and tests the shim
framework_mode() {
    [[ -n ${BENCHMARK_SOURCE:-} ]] || skip "BENCHMARK_SOURCE does not name a source tree of Google Benchmark"
    rm -rf "$work"
    mkdir -p "$work"
    cmake -G Ninja -S "$BENCHMARK_SOURCE" -B "$work/framework" -DCMAKE_BUILD_TYPE=Release -DBENCHMARK_ENABLE_TESTING=OFF \
        -DBENCHMARK_ENABLE_WERROR=OFF -DBENCHMARK_INSTALL_DOCS=OFF -DCMAKE_INSTALL_PREFIX="$work/prefix"
    cmake --build "$work/framework" -j"$jobs" --target install >"$work/log" || { cat "$work/log"; fail "Google Benchmark"; }
    configure "$work/ours" -DCMAKE_PREFIX_PATH="$work/prefix"
    grep -Fq "$work/prefix" "$work/ours/build.ninja" || fail "another Google Benchmark is used"
    # shellcheck disable=SC2046 # names are words
    cmake --build "$work/ours" -j"$jobs" --target bench_mmap bench_results $(shim_tests "$work/ours")
    test_all "$work/ours" --tests-regex '^test_benchmark_c'
    "$work/ours/bench_mmap" --dir="$work" --file_size=64K --chunks=4K --benchmark_repetitions=2 --benchmark_filter='^(Mmap|Write)/' \
        --benchmark_out="$work/run.json"
    "$work/ours/bench_results" show "$work/run.json"
}

# Neither the libraries nor the tests are there, though they could be.
has_nothing_optional() { # BUILD
    if grep -E 'HAVE_LIBURING|HAVE_LIBPQ|libcmocka' "$1/build.ninja"; then
        fail "$1: something is not off"
    fi
}

#: options 300: options are on, off or auto; what is missing is named with its package
options_mode() {
    rm -rf "$work"
    mkdir -p "$work"
    local cmake=(cmake -G Ninja -S "$tree") meson=(env CC=gcc CXX=g++ meson setup)
    "${cmake[@]}" -B "$work/off" -DBENCH_MMAP_IO_URING=off -DBENCH_MMAP_POSTGRESQL=OFF -DBUILD_TESTING=OFF >"$work/log"
    has_nothing_optional "$work/off"
    grep -Fqx 'BUILD_TESTING:BOOL=OFF' "$work/off/CMakeCache.txt" || fail "BUILD_TESTING=OFF is overwritten"
    refuses "BENCH_MMAP_IO_URING is nonsense; it takes ON, OFF or AUTO" \
        "${cmake[@]}" -B "$work/nonsense" -DBENCH_MMAP_IO_URING=nonsense
    # The second configuration of a directory is quick.
    refuses "BENCH_MMAP_POSTGRESQL is nonsense; it takes ON, OFF or AUTO" \
        "${cmake[@]}" -B "$work/nonsense" -DBENCH_MMAP_IO_URING=AUTO -DBENCH_MMAP_POSTGRESQL=nonsense
    refuses "BENCH_MMAP_CHART_JS is nothing.js, which is not there; it takes AUTO, OFF or the path of chart.min.js" \
        "${cmake[@]}" -B "$work/nonsense" -DBENCH_MMAP_POSTGRESQL=AUTO -DBENCH_MMAP_CHART_JS=nothing.js
    hide_packages "$work/optional" liburing libpq
    refuses "BENCH_MMAP_IO_URING is ON, but liburing 2.3 or newer is not there: install liburing-dev" \
        "${cmake[@]}" -B "$work/missing" -DBENCH_MMAP_IO_URING=ON
    hide_packages "$work/required" libzstd libmd
    refuses "histories and reports need zstd and libmd: install libzstd-dev libmd-dev" "${cmake[@]}" -B "$work/missing" \
        -DBENCH_MMAP_IO_URING=AUTO
    needs meson ninja
    refuses "histories and reports need zstd and libmd: install libzstd-dev libmd-dev" "${meson[@]}" "$work/meson-missing" "$tree"
    PKG_CONFIG_LIBDIR=$work/optional refuses "io_uring is enabled, but liburing 2.3 or newer is not there: install liburing-dev" \
        "${meson[@]}" -Dio_uring=enabled "$work/meson-missing" "$tree"
    unset PKG_CONFIG_LIBDIR
    "${meson[@]}" -Dio_uring=disabled -Dpostgresql=disabled -Dtests=disabled "$work/meson-off" "$tree" >"$work/log"
    has_nothing_optional "$work/meson-off"
}

#: page 300 long: eslint and axe-core, from npm, find nothing in the scripts and the pages of the report
page_mode() {
    local name
    needs node npm
    mkdir -p "$work/tests"
    cp "$tree"/tests/browser/{package.json,package-lock.json,eslint.config.js} "$work"
    cd "$work"
    npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1 || skip "npm cannot fetch eslint and axe-core: $(tail -n 1 npm.log)"
    : >page.js
    while read -r name; do
        cat "$tree/src/report/html/$name" >>page.js
    done <"$tree/src/report/html/sources.txt"
    cp "$tree"/tests/browser/*.js tests
    rm tests/eslint.config.js
    npx eslint page.js tests/*.js
    AXE=$work/node_modules/axe-core/axe.min.js node "$tree/tests/browser/test_page.js" "$build/bench_results" axe
}

# The packages of README, for either build.
readme_packages() {
    local packages
    packages=$(sed -n '/^    apt-get install /,/[^\\]$/p' "$tree/README.md" | tr -d '\\\n' | sed 's/^ *apt-get install//')
    [[ $packages == *libbenchmark-dev* ]] || fail "README lists no packages"
    echo "$packages"
}

# A minimal Debian with PACKAGES; extracted only where it is of another architecture, as a sysroot.
make_debian() { # DIRECTORY FLAG... -- PACKAGE...
    local into=$1 flags=() include archive
    shift
    while [[ $1 != -- ]]; do
        flags+=("$1")
        shift
    done
    shift
    include=$(tr ' ' ',' <<<"$*")
    [[ ! -e $into ]] || rm -rf --one-file-system "$into"
    # One archive, apt's first, is enough: the updates beside it are more to fetch, and more that may be half renewed.
    archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sed -n 1p)
    mmdebstrap --quiet "${flags[@]}" --include="$include" "${BENCH_MMAP_DEBIAN:-bookworm}" "$into" "$archive" \
        >"$work/log" 2>&1 ||
        { tail -5 "$work/log"; skip "no Debian could be made of its packages"; }
}

#: debian 3600 long: builds by CMake and by Meson in a minimal Debian with the packages of README only
debian_mode() {
    needs mmdebstrap
    [[ $EUID -eq 0 ]] || skip "a chroot needs root"
    local command packages root=$work/root
    mkdir -p "$work"
    packages=$(readme_packages)
    # shellcheck disable=SC2086 # names are words
    make_debian "$root" --variant=minbase -- $packages meson ninja-build
    mkdir "$root/tree"
    source_files '*' | tar -C "$tree" --null -T - -cf - | tar -C "$root/tree" -xf -
    # shellcheck disable=SC2016 # expanded in the chroot
    for command in 'cmake -B build && cmake --build build -j2' 'meson setup build-meson && ninja -C build-meson'; do
        # What this build was told, of ccache say, is not there.
        chroot "$root" env -i PATH="$PATH" sh -ec "cd /tree && $command" >"$work/log" 2>&1 || { tail -20 "$work/log"; fail "$command"; }
        ! grep 'warning:' "$work/log" || fail "warnings: $command"
    done
    chroot "$root" sh -ec 'cd /tmp && for b in build build-meson; do /tree/$b/bench_mmap --version; /tree/$b/bench_results --version; done'
}

#: server 900 long: the package postgresql, which the tests install, makes no server of its own
server_mode() {
    needs mmdebstrap
    [[ $EUID -eq 0 ]] || skip "a chroot needs root"
    local root=$work/root made
    mkdir -p "$work"
    # The hook comes before the package.
    make_debian "$root" --variant=minbase --essential-hook="'$tree/tests/no_server.sh' \"\$1\"" -- postgresql
    not_empty "$(echo "$root"/usr/lib/postgresql/*/bin/postgres)"
    made=$(find "$root/etc/postgresql" "$root/var/lib/postgresql" -mindepth 2 -maxdepth 2 2>/dev/null || :)
    [[ -z $made ]] || fail "a server was made: $made"
}

# libbench_mmap, and the tests of ours that need no other program, for another machine.
foreign_mode() { # TRIPLET ARCHITECTURE QEMU [FLAG]
    local triplet=$1 qemu=$3 root=$work/root name
    needs mmdebstrap "$triplet-gcc" "$triplet-g++" "$qemu"
    mkdir -p "$work"
    make_debian "$root" --variant=extract --architectures="$2" -- libc6-dev libstdc++-12-dev linux-libc-dev libbenchmark-dev \
        libsqlite3-dev libzstd-dev libmd-dev zlib1g-dev libcmocka-dev libjansson-dev liburing-dev
    rm -rf "$work/build"
    PKG_CONFIG_LIBDIR=$(echo "$root"/usr/lib/*-linux-gnu*/pkgconfig):$root/usr/share/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root \
        cmake -G Ninja -S "$tree" -B "$work/build" -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$2" \
        -DCMAKE_C_COMPILER="$triplet-gcc" -DCMAKE_CXX_COMPILER="$triplet-g++" -DCMAKE_SYSROOT="$root" \
        -DCMAKE_FIND_ROOT_PATH="$root" -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY \
        -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY -DCMAKE_CROSSCOMPILING_EMULATOR="$(command -v "$qemu");-L;$root" \
        -DCMAKE_C_FLAGS="-Werror ${4:-}" -DCMAKE_CXX_FLAGS="-Werror ${4:-}" >"$work/log" 2>&1 || { tail -20 "$work/log"; fail "configuring"; }
    # What counts on a machine's files, times or on other programs is no matter of the architecture.
    local names='writers.writers writers.streams kernel.prepare kernel.verify kernel.source base.random run.name run.load
        statistics.quantiles statistics.rank_tests registry.registry'
    # shellcheck disable=SC2046,SC2086 # names are words
    cmake --build "$work/build" -j"$jobs" --target bench_mmap bench_results $(printf 'test.%s ' $names)
    for name in $names; do
        "$qemu" -L "$root" "$work/build/tests/test.$name" >"$work/log" 2>&1 || { cat "$work/log"; fail "$name"; }
    done
}

#: arm64 1800 both long: builds for arm64 from packages of Debian; tests of the library run under qemu
arm64_mode() {
    foreign_mode aarch64-linux-gnu arm64 qemu-aarch64
}

#: i686 1800 both long: builds for a machine of 32 bits; tests of the library run under qemu
i686_mode() {
    # Sizes are of 64 bits; what does not fit an address is refused before.
    foreign_mode i686-linux-gnu i386 qemu-i386 -Wno-error=conversion
}

#: musl 300 long: libbench_mmap compiles and works with musl
musl_mode() {
    needs musl-gcc
    rm -rf "$work"
    mkdir -p "$work/linux"
    # Of Linux' own headers, musl's compiler finds none.
    ln -sfn /usr/include/linux /usr/include/asm-generic "$work/linux"
    ln -sfn "/usr/include/$(gcc -print-multiarch)/asm" "$work/linux/asm"
    local families
    families=$(sed -nE 's/^(WRITER|READER|CHANNEL)\([A-Za-z0-9]*, ([a-z0-9_]*),.*/\1S\/\2.c/p' "$tree"/src/registry/{writers,readers,channels}.def |
        tr '[:upper:]' '[:lower:]' | sed 's|^|src/|' | sort -u)
    local family flags=(-std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -O2 -Wall -Wextra -Werror -I. -Iinclude -idirafter "$work/linux")
    for family in $families; do
        (cd "$tree" && musl-gcc "${flags[@]}" -DLIST_WALK -c -o "$work/list-$(tr / - <<<"$family").o" "$family")
    done
    # shellcheck disable=SC2046,SC2086 # names are words
    (cd "$tree" && musl-gcc "${flags[@]}" -static -pthread -o "$work/consumer" tests/builds/consumer/consumer.c \
        $(sed 's|^|src/kernel/|' src/kernel/sources.txt) $(sed 's|^|src/registry/|' src/registry/sources.txt) $families \
        "$work"/list-*.o)
    check_consumer "$work/consumer"
}

#: format 60: the tree is formatted
format_mode() {
    needs clang-format
    # Other versions break lines in other places.
    local version
    version=$(clang-format --version | sed -n 's/.*version \([0-9]*\)\..*/\1/p')
    [[ $version == 14 ]] || skip "clang-format is version $version, not 14"
    mkdir -p "$work"
    source_files '*.c' '*.h' '*.cc' >"$work/files"
    not_empty "$work/files"
    (cd "$tree" && xargs -0 clang-format --dry-run -Werror) <"$work/files"
}

#: tidy 1200 both: clang-tidy finds nothing in the libraries and the programs
tidy_mode() {
    needs clang-tidy clang clang++
    configure "$work" -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ \
        -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
    # A header that the build makes.
    cmake --build "$work" --target bench_mmap_revision
    sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$work/compile_commands.json" | sort -u |
        grep -E "^$tree/(src|bench|tools)/.*\.c\$" >"$work/files"
    not_empty "$work/files"
    xargs -d '\n' -n 6 -P 2 clang-tidy -p "$work" --quiet --warnings-as-errors='*' <"$work/files"
}

if [[ -z $words ]]; then
    sed -n 's/^#: \([a-z0-9_]*\) [0-9]*[a-z ]*: /builds.sh \1: /p' "${BASH_SOURCE[0]}" >&2
    fail "builds.sh $mode: not a mode"
fi
[[ $words != *' long '* || ${BENCH_MMAP_TESTS:-} == long ]] || skip "only with tests/run.sh --long"
"${mode}_mode"
