/* SPDX-License-Identifier: Apache-2.0 */
/* What html/embed.sh makes of the files of html/ when the program is built. */
#ifndef BENCH_MMAP_REPORT_PAGE_FILES_H
#define BENCH_MMAP_REPORT_PAGE_FILES_H

#include <stddef.h>

struct page_file {
    const unsigned char *bytes;
    size_t length; /* 0: it was not there */
};

extern const struct page_file page_body, page_style, page_script, page_chart;

#endif
