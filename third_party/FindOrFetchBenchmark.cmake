# SPDX-License-Identifier: Apache-2.0
#
# Finds Google Benchmark, or fetches it where BENCH_MMAP_FETCH_BENCHMARK is ON and it is not there.
# Defines the target benchmark::benchmark and BENCH_MMAP_BENCHMARK_VERSION.
# To be included where C and CXX are enabled.

include_guard(GLOBAL)

option(BENCH_MMAP_FETCH_BENCHMARK "Download Google Benchmark where it is not installed" OFF)

set(_benchmark_minimum 1.7.1)
set(_benchmark_pinned 1.9.1)
set(_benchmark_commit c58e6d0710581e3a08d65c349664128a8d9a2461)

# A function, so that nothing that is set for the framework's build stays set here.
function(_bench_mmap_fetch_benchmark)
    include(FetchContent)
    set(BENCHMARK_ENABLE_TESTING OFF)
    set(BENCHMARK_ENABLE_GTEST_TESTS OFF)
    set(BENCHMARK_ENABLE_INSTALL OFF)
    set(BENCHMARK_ENABLE_WERROR OFF)
    set(BENCHMARK_INSTALL_DOCS OFF)
    set(BENCHMARK_ENABLE_LIBPFM OFF)
    set(BUILD_SHARED_LIBS OFF)
    set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)

    # This project's warnings are not that project's.
    get_directory_property(own_options COMPILE_OPTIONS)
    set_directory_properties(PROPERTIES COMPILE_OPTIONS "")

    # Tag v1.9.1; the hash is what is fetched.
    FetchContent_Declare(google_benchmark
        GIT_REPOSITORY https://github.com/google/benchmark.git
        GIT_TAG ${_benchmark_commit})
    FetchContent_MakeAvailable(google_benchmark)

    set_directory_properties(PROPERTIES COMPILE_OPTIONS "${own_options}")

    get_target_property(includes benchmark INTERFACE_INCLUDE_DIRECTORIES)
    set_target_properties(benchmark PROPERTIES
        INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${includes}")
endfunction()

function(_bench_mmap_use_pkgconfig found)
    set(${found} FALSE PARENT_SCOPE)
    find_package(PkgConfig QUIET)
    if(NOT PkgConfig_FOUND)
        return()
    endif()
    pkg_check_modules(BENCHMARK_PC QUIET IMPORTED_TARGET GLOBAL
        "benchmark >= ${_benchmark_minimum}")
    if(BENCHMARK_PC_FOUND)
        add_library(benchmark::benchmark ALIAS PkgConfig::BENCHMARK_PC)
        set(BENCH_MMAP_BENCHMARK_VERSION ${BENCHMARK_PC_VERSION} PARENT_SCOPE)
        set(${found} TRUE PARENT_SCOPE)
    endif()
endfunction()

find_package(Threads REQUIRED)
find_package(benchmark ${_benchmark_minimum} CONFIG QUIET)
# What is built from a source tree without git's tags calls itself so; whether it will do, the compiler finds out.
if(NOT benchmark_FOUND AND "0.0.0" IN_LIST benchmark_CONSIDERED_VERSIONS)
    find_package(benchmark 0.0.0 EXACT CONFIG QUIET)
endif()
if(benchmark_FOUND)
    set(BENCH_MMAP_BENCHMARK_VERSION ${benchmark_VERSION})
else()
    _bench_mmap_use_pkgconfig(_benchmark_by_pkgconfig)
    if(_benchmark_by_pkgconfig)
        # Nothing more to do.
    elseif(BENCH_MMAP_FETCH_BENCHMARK)
        _bench_mmap_fetch_benchmark()
        set(BENCH_MMAP_BENCHMARK_VERSION ${_benchmark_pinned})
    else()
        message(FATAL_ERROR
            "Google Benchmark ${_benchmark_minimum} or newer is missing: install the Debian "
            "package libbenchmark-dev, or set -DBENCH_MMAP_FETCH_BENCHMARK=ON to download "
            "${_benchmark_pinned}.")
    endif()
endif()
message(STATUS "Google Benchmark ${BENCH_MMAP_BENCHMARK_VERSION}")
