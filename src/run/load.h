/* SPDX-License-Identifier: Apache-2.0 */
/* Runs out of files. */
#ifndef BENCH_MMAP_RUN_LOAD_H
#define BENCH_MMAP_RUN_LOAD_H

#include "run.h"

#include <stddef.h>

/* The bytes of the largest run, in a file, on standard input and in a store: SQLite has no larger
 * values. */
#define RUN_BYTES_MOST 1000000000

/* Where and why a file was refused. */
struct load_problem {
    const char *what; /* a phrase, static; never NULL after a failed load */
    size_t line;      /* from 1; 0 when no place is to blame */
    size_t column;
};

/*
 * Loads a run from a file ("-": standard input). Also takes a small CSV whose first heading is
 * chunk_bytes and whose others are WRITER_UNIT (mmap_s, write_ms, ...), a row a chunk size.
 * *run is the caller's, for run_free; on failure it is NULL. problem may be NULL.
 *
 * -ENOENT, -EACCES, -EISDIR, ...  what open(2) and read(2) say
 * -ENODATA  the file is empty, or a run without a row
 * -EBADMSG  not JSON, or cut off; a CSV cell that is no number
 * -EILSEQ   a text in it is not UTF-8
 * -E2BIG    nested deeper than 200
 * -EPROTO   JSON, but not of Google Benchmark (no list "benchmarks", a row without a name ...)
 * -EFBIG    more than RUN_BYTES_MOST
 */
int run_load(const char *path, struct run **run, struct load_problem *problem);

/* The same from memory; the text is not kept. */
int run_load_text(const char *text, size_t length, struct run **run, struct load_problem *problem);

/* The bytes of a file ("-": standard input) and a NUL behind them, for free() in any case. -EFBIG:
 * more than `most`, and no more than that was read. Others: the errors of open(2) and read(2). */
int load_bytes(const char *path, size_t most, char **text, size_t *length);

#endif
