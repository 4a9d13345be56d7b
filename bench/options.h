/* SPDX-License-Identifier: Apache-2.0
 * The program's own flags, and Google Benchmark's. */
#ifndef BENCH_MMAP_BENCH_OPTIONS_H
#define BENCH_MMAP_BENCH_OPTIONS_H

#include "bench_mmap/kernel.h"
#include "src/report/option_table.h"
#include "third_party/benchmark_c/benchmark_c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_MAX_CHUNKS 256
#define OPTIONS_MAX_THREADS 64
#define OPTIONS_MAX_THREAD_COUNTS 16
#define OPTIONS_MAX_DEPTHS 16

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };
enum latency { LATENCY_NONE, LATENCY_EACH, LATENCIES };
enum verify { VERIFY_FIRST, VERIFY_ALL, VERIFY_NONE };

struct options {
    const char *dir;
    uint64_t file_size_bytes;
    uint64_t chunks[OPTIONS_MAX_CHUNKS]; /* each once, in the order given */
    size_t chunk_count;
    bool kinds[BM_KINDS];
    bool states[BM_FILE_STATES]; /* a kind of which none is named has its default, too */
    bool all_states;
    bool modes[BM_SYNC_MODES];
    bool orders[BM_ORDERS];
    bool talks[BM_MODES]; /* what channels do */
    bool latencies[LATENCIES];
    int depths[OPTIONS_MAX_DEPTHS]; /* each once; none: as kernels normally have it */
    size_t depth_count;
    int cpus[2];                            /* of a channel's sender and receiver */
    size_t cpu_count;                       /* 0: any */
    int threads[OPTIONS_MAX_THREAD_COUNTS]; /* each once; none: one thread, not named */
    size_t thread_count;
    int verify;            /* enum verify */
    int progress, summary; /* enum when */
    int all, rows, list_writers, quiz, version, help;
};

/* Takes the program's flags out of argv; the others stay. Says what is wrong.
 * Errors: -EINVAL. */
int options_parse(struct options *options, int *argc, char **argv);

/* How many kinds are asked for. */
int options_kinds(const struct options *options);

/* The first kind that is asked for and that the kernel is measured with: its own, or for a control
 * that only makes calls any. -1: none. */
int options_kind_of(const struct options *options, const struct bm_kernel *kernel);

/* The most threads that are asked for: 1 without --threads. */
int options_most_threads(const struct options *options);

/* "none", "each" */
const char *options_latency_name(int latency);

/* How many files there are at the same time: those that are read stay. */
unsigned options_files(const struct options *options);

/* Channels are asked for, and both of their ends are to run on one processor. */
bool options_share_processor(const struct options *options);

/* The flag that an unknown argument is nearest to: "is --chunks meant? ", or "". */
const char *options_meant(const char *argument, char text[OPTION_MEANT]);

void options_print_help(void);

/* Google Benchmark's flags: our defaults for them, and what the user chose. */
struct framework {
    int64_t repetitions;
    double min_time_s; /* 0: one iteration */
    bool own_warm_up;  /* the user has said nothing of it: one sample of every cell */
    bool list_tests;
    const char *filter;            /* "" for all */
    bool headline;                 /* the filter is ours: the headline kernels */
    bool own_display;              /* no --benchmark_format: our rows */
    enum benchmark_format display; /* otherwise: which */
    enum benchmark_format out_format;
    const char *out_path; /* NULL when none */
};

/* Hands the framework's flags in argv, the BENCHMARK_* variables and our defaults to the framework,
 * and reads what we need to know. No filter means the headline kernels of the kinds that are asked
 * for, or with --all all of these. An argument that nobody knows is an error. Says what is wrong.
 * Errors: -EINVAL, -ENOMEM. */
int framework_initialize(struct framework *framework, const struct options *options, int argc,
                         char **argv);

/* Sets the framework to one sample of each cell in order, or back to what was asked for. */
int framework_set(const struct options *options, bool warm_up);

#endif
