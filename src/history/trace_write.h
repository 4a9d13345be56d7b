/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HISTORY_TRACE_WRITE_H
#define HISTORY_TRACE_WRITE_H

#include "bench_mmap/watch.h"

/* A row a level of a cell. */
int trace_write_csv(FILE *out, const struct history_traces *traces);
/* With every value. */
int trace_write_json(FILE *out, const struct history_traces *traces);

#endif
