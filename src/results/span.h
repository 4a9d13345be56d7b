/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RESULTS_SPAN_H
#define RESULTS_SPAN_H

#include "bench_mmap/results.h"

#include <string.h>

int span_equal(struct results_span a, struct results_span b);
int span_is(struct results_span span, const char *text);

#endif
