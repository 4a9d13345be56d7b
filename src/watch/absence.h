/* SPDX-License-Identifier: Apache-2.0 */
/* Which cells failed or were not measured, although they should have been. */
#ifndef BENCH_MMAP_WATCH_ABSENCE_H
#define BENCH_MMAP_WATCH_ABSENCE_H

#include "run_window.h"

#include <regex.h>
#include <stddef.h>

enum absence {
    ABSENCE_NONE,    /* the cell is there, or was never there regularly */
    ABSENCE_FAILED,  /* it failed where it was measured last, and not before */
    ABSENCE_FAILING, /* the same, and it often failed before, or was accepted so */
    ABSENCE_MISSING, /* from the newest run of those that had it regularly */
    ABSENCE_RETIRED, /* taken away on purpose, or in none of the newest runs: not judged */
    ABSENCES
};

struct absence_query {
    size_t newest;                /* runs */
    const regex_t *allow_missing; /* cells that may be taken for retired; NULL: none */
};

/*
 * Of a column of the window. Runs belong together that selected the same cells ("selection" in
 * their context; a run that does not say it goes with all): only from a later one of these can a
 * cell be missing, and it stays so until it is measured again or retired.
 */
enum absence absence_of(const struct run_window *window, size_t column,
                        const struct absence_query *query);

/* The first of the runs, with no good one between them, in which a cell failed up to the last that
 * measured it: of one that is ABSENCE_FAILED or ABSENCE_FAILING. */
size_t absence_failed_since(const struct run_window *window, size_t column);

/* How many cells only the newest run has, of several; *first: the first column. */
size_t absence_of_all_before(const struct run_window *window, size_t *first);

/* How many cells the newest run selected ("cells_selected") without a row for them. */
size_t absence_not_reached(const struct run_window *window);

#endif
