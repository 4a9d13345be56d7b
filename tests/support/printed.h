/* SPDX-License-Identifier: Apache-2.0 */
/* What the library prints of a run, as text that is 80 columns wide and ASCII. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_PRINTED_H
#define BENCH_MMAP_TESTS_SUPPORT_PRINTED_H

#include "src/report/document.h"
#include "src/report/show.h"

#include <stddef.h>

/* free() it. */
char *printed(const struct run *run, const struct show_options *options,
              const struct format *format);
char *printed_answer(const struct run *run); /* the first screen */

/* Fails the test where the text lacks the part. */
void finds(const char *text, const char *part);

/* How many lines; fails the test where one is longer. */
size_t lines_of(const char *text, size_t width);

#endif
