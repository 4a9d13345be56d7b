// SPDX-License-Identifier: Apache-2.0
//
// The main function of a program whose benchmarks are registered.

#include "benchmark_c_private.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstring>

namespace
{

void complain(const char *name, const char *what) { std::fprintf(stderr, "%s: %s\n", name, what); }

int main_with(int argc, char **argv)
{
    const char *name = argc > 0 && argv && argv[0] ? argv[0] : "benchmark";

    benchmark_initialize(&argc, argv, nullptr);
    if (benchmark_refusal()) {
        complain(name, benchmark_refusal());
        return 1;
    }

    const benchmark_c::Flags &f = benchmark_c::flags();
    benchmark_run_options options = {};
    benchmark_outcome outcome = {};
    options.display_format = benchmark_c::format_of(f.format);
    options.out_format = benchmark_c::format_of(f.out_format);
    options.out_path = f.out.empty() ? nullptr : f.out.c_str();
    int status = benchmark_run(&options, &outcome);
    if (status < 0)
        complain(name, outcome.message[0] ? outcome.message : std::strerror(-status));
    return status < 0 || outcome.error_runs > 0 ? 1 : 0;
}

} // namespace

int benchmark_main(int argc, char **argv) noexcept
{
    int status = benchmark_c::guarded([=] { return main_with(argc, argv); });
    benchmark_shutdown();
    return status < 0 ? 1 : status;
}

void benchmark_shutdown() noexcept
{
    benchmark_clear_registered();
    // Shutdown() frees the context and leaves the pointer.
    benchmark::Shutdown();
    benchmark::internal::GetGlobalContext() = nullptr;
}
