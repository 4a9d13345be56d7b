/* SPDX-License-Identifier: Apache-2.0
 *
 * The cells: which kernel x state x mode x order x latency x depth x chunk are measured, and what
 * each has cost so far. */
#ifndef BENCH_MMAP_BENCH_SWEEP_H
#define BENCH_MMAP_BENCH_SWEEP_H

#include "options.h"
#include "third_party/benchmark_c/benchmark_c.h"
#include "workdir.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SWEEP_NAME_BYTES = 160 };

/* One benchmark name. */
struct sweep_cell {
    char *name; /* as the framework calls it */
    uint64_t chunk_bytes;
    int threads;
    bool selected;         /* by --benchmark_filter */
    uint64_t calls;        /* of the benchmark function: the first is the one that is verified */
    char failure[160];     /* why it failed, once it has: it is not tried again */
    uint64_t pass_samples; /* done in this pass */
    uint64_t samples;      /* done so far, in all passes */
    double seconds;        /* that they took, with all that is not timed */
};

/* What cannot be measured: of a kernel, or of several together. */
struct left_out {
    size_t absent;  /* kernels that cannot run here, or not with this file size */
    size_t ordered; /* kernels left out of an order: theirs is the file's */
    size_t untimed; /* kernels left out of latency:each: their chunks cannot be told apart */
    size_t unaligned_cells; /* the kernel cannot do that chunk or size */
    size_t long_cells;      /* more chunks than are listed */
};

/* One family of the framework: a kernel in all that stands in its cells' names, over the chunk
 * sizes. */
struct family {
    struct sweep *sweep;
    const struct bm_kernel *kernel;
    struct left_out *left_out; /* of the kernel */
    enum bm_file_state state;
    enum bm_sync_mode mode;
    enum bm_order order;
    enum bm_mode talk;
    bool latency;   /* with a clock between the chunks */
    unsigned depth; /* 0: as it normally has */
    struct bm_limits limits;
    size_t first_cell, cell_count; /* in sweep->cells */
};

/* What the threads of the benchmark that runs share. A thread that has failed still comes to the
 * barrier, so that the others do not wait for ever. */
struct team {
    unsigned threads;     /* 0: there is one thread, or no barrier */
    struct bm_job listed; /* its list of chunks; none where they follow one another */
    pthread_barrier_t barrier;
    struct {
        uint64_t begin_ns, end_ns; /* of the sample */
    } samples[OPTIONS_MAX_THREADS];
};

static inline bool family_lists(const struct family *family)
{
    return family->order != BM_ORDER_SEQUENTIAL || family->latency;
}

struct sweep {
    const struct options *options;
    const struct workdir *workdir;
    benchmark_function *run; /* takes the samples of a family */
    struct family *families;
    size_t family_count;
    struct sweep_cell *cells; /* those of a family side by side, in order of the chunks */
    size_t cell_count, selected_count;
    size_t larger_chunks;        /* chunk sizes left out: larger than the file */
    struct left_out *of_kernel;  /* by index: what is left out of it */
    struct left_out left_out;    /* of the kernels that the filter asks for, together */
    size_t absent_states;        /* states asked for that the file system cannot hold */
    bool states[BM_FILE_STATES]; /* those asked for that it can */

    char *source; /* what is written */
    size_t source_bytes;

    uint64_t samples_wanted; /* of each selected cell, in this pass */
    bool failed;             /* a sample ended with an error */
    struct team team;
};

/* Probes the kernels in the work directory, makes the cells and registers them with `run`, whose
 * `user` is their family. Says what is wrong. Errors: -EINVAL nothing is left to measure; -E2BIG
 * too many cells; -ENOMEM; others from probing. */
int sweep_create(struct sweep *sweep, const struct options *options, const struct workdir *workdir,
                 benchmark_function *run);

/* Whether a kernel can run in the work directory, with files of the size that is asked for. Errors:
 * -ENOTSUP, then `reason` says why not; others, said on stderr but -ECANCELED. */
int sweep_probe(const struct bm_kernel *kernel, const struct options *options,
                const struct workdir *workdir, struct bm_limits *limits,
                char reason[BM_REASON_BYTES]);

/* The cell of a family with this chunk size and number of threads. */
struct sweep_cell *sweep_cell(const struct family *family, uint64_t chunk_bytes, int threads);

/* The most of the source that a sample may use with these limits. */
uint64_t sweep_source_bytes(const struct sweep *sweep, const struct bm_limits *limits);

/* What the mappings of all threads, and the source, take of the address space. */
uint64_t sweep_address_bytes(const struct options *options);

void sweep_destroy(struct sweep *sweep);

/* selection.c: marks the cells that the filter selects. Says so when there are none. Errors:
 * -ENOENT, -EINVAL. */
int sweep_select(struct sweep *sweep, const char *filter);

/* catalogue.c: --writers, what there is, and whether it can run here. Errors: of bm_kernel_probe,
 * said on stderr. */
int catalogue_print(const struct options *options, const struct workdir *workdir);

/* quiz.c: --quiz, what is true here of mappings, each tried in the work directory. Errors: -EIO an
 * answer is not the documented one, or could not be had. */
int quiz_print(const struct workdir *workdir);

/* fixture.c: the benchmark function of every family, which is `user`: one sample an iteration. */
benchmark_function fixture_run;

/* The message of samples that were not taken because of a signal: such rows are in no report. */
#define FIXTURE_INTERRUPTED "interrupted"

#endif
