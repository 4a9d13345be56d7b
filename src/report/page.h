/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One self-contained HTML page about runs: what `show`, `claims`, `compare` and `history` say, as
 * JSON, and the scripts of src/report/html/ that draw it. It needs no network, and its
 * Content-Security-Policy lets nothing run but these scripts.
 */
#ifndef BENCH_MMAP_REPORT_PAGE_H
#define BENCH_MMAP_REPORT_PAGE_H

#include "src/run/run.h"
#include "src/watch/cell_history.h"

#include <stdint.h>
#include <stdio.h>

/* Whether the program was built with Chart.js, without which there is no page. */
int page_can_be_made(void);

/* A run as an object of the page's data: what it is, its samples, and what `show` says of it.
 * file: the place of its text among the page's files; -1: it is not there. -EIO, -ENOMEM. */
struct page_run {
    const struct run *run;
    int file;
    size_t word; /* of the command line that it comes from */
    size_t replicates;
    uint64_t seed;
};
int page_put_run(FILE *out, const struct page_run *run);

/* How the cells of a machine went, as an object of the page's data. -EIO, -ENOMEM. */
int page_put_history(FILE *out, const struct cell_histories *histories);

struct page_text {
    char *text;
    size_t length;
};

/* data: a JSON object; files: to download. *html is the caller's. -ENOSYS: not page_can_be_made();
 * -EFBIG, -ENOMEM. */
int page_make(const struct page_text *data, const struct page_text *files, size_t file_count,
              struct page_text *html);

#endif
