/* SPDX-License-Identifier: Apache-2.0 */
/* The level that the newest runs are held against, and how persistent the noise about it is. */
#ifndef RESULTS_CHANGE_LEVEL_H
#define RESULTS_CHANGE_LEVEL_H

#include "change_rows.h"
#include "change_scan.h"

enum { LEVEL_LEAST = 8 }; /* values of a level, at least */

struct level {
    size_t from;  /* run of the window from which on values are taken */
    size_t count; /* values from there on; fewer than LEVEL_LEAST + RESULTS_STEP_LEAST: too few */
    double persistence;
};

/*
 * One level a row, of value[row * runs + run]. The level begins after the last step that is older
 * than the newest runs. Cells share what they tell about persistence, and where they have noise in
 * common it tells less: the estimate is taken one standard error higher, because too low a one
 * makes steps of noise.
 */
int levels_find(const struct watch_rows *rows, const double *value,
                const struct results_watch_options *options, struct scan_cache *cache,
                struct level *level);

#endif
