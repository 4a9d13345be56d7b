/* SPDX-License-Identifier: Apache-2.0
 * bench_results: what runs of benchmarks say. */
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: bench_results [--version | --help]\n\n"
    "Reads runs that bench_mmap has written.\n";

int main(int argc, char **argv)
{
    const char *argument = argc > 1 ? argv[1] : "--help";

    if (strcmp(argument, "--version") == 0)
        printf("bench_results %s\n", BENCH_MMAP_VERSION);
    else if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0)
        fputs(help, stdout);
    else {
        fprintf(stderr, "bench_results: %s: not known; --help lists what is\n", argument);
        return 1;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
