/* SPDX-License-Identifier: Apache-2.0
 * The rows on stdout: one a cell. */
#ifndef BENCH_MMAP_BENCH_CONSOLE_H
#define BENCH_MMAP_BENCH_CONSOLE_H

#include "sweep.h"
#include "third_party/benchmark_c/benchmark_c.h"

#include <stddef.h>

struct console {
    const struct sweep *sweep;
    size_t next;              /* the first selected cell whose row is not printed yet */
    struct console_row *rows; /* one a cell of the sweep */
};

/* Errors: -ENOMEM. */
int console_create(struct console *console, const struct sweep *sweep);

/* A reporter that prints. Rows come in the order of the cells: each as soon as it and all before it
 * are measured. */
struct benchmark_reporter console_reporter(struct console *console);

void console_destroy(struct console *console);

#endif
