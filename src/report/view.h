/* SPDX-License-Identifier: Apache-2.0 */
/* How a reader wants it. */
#ifndef BENCH_MMAP_REPORT_VIEW_H
#define BENCH_MMAP_REPORT_VIEW_H

#include <stdio.h>

struct format; /* document.h */

enum { VIEW_WIDTH = 100 };

struct view {
    const struct format *format;
    int width;  /* columns, at least 40; 0: 100 */
    int colour; /* ANSI colours; they never carry meaning alone */
    int ascii;  /* nothing else */
};

/* What a user gets who asks for nothing: text, 100 columns, ASCII, no colour. */
struct view view_default(void);

/* The same with what suits a stream: a terminal's width (else COLUMNS, else 100), colour on a
 * terminal unless NO_COLOR is set, Unicode where the locale is UTF-8: the program has called
 * setlocale(LC_CTYPE, ""). */
struct view view_for(FILE *out);

#endif
