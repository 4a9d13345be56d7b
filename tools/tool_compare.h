/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that compare share. */
#ifndef BENCH_MMAP_TOOLS_TOOL_COMPARE_H
#define BENCH_MMAP_TOOLS_TOOL_COMPARE_H

#include "src/comparison/comparison.h"
#include "tool.h"

#include <stddef.h>

struct tool_runs {
    size_t count;
    struct run **runs;
    const char *except; /* a file that is left out of a directory; NULL: none */
};

/* Loads a file, or every *.json of a directory, and of its folders that are named as a machine key
 * is, in natural order ("9.json" before "10.json"). TOOL_OK or, after a sentence, TOOL_ERROR.
 * tool_runs_free() in any case. */
int tool_load_runs(const struct tool_command *command, const char *path, struct tool_runs *runs);
int tool_add_run(struct tool_runs *runs, struct run *run);
void tool_runs_free(struct tool_runs *runs);

int tool_is_same_file(const char *a, const char *b);

struct tool_comparing {
    struct tool_values common;
    double alpha;
    double confidence;
    double must_see;
    const char *allow_missing;
    int github;
};

#define TOOL_COMPARING_OPTIONS                                                                     \
    TOOL_MARGIN_OPTION,                                                                            \
        {"--alpha", "P", &tool_alpha, offsetof(struct tool_comparing, alpha),                      \
         "chance of any false finding in the whole table"},                                        \
        {"--confidence", "SHARE", &tool_confidence, offsetof(struct tool_comparing, confidence),   \
         "of the intervals"},                                                                      \
        {"--must-see", "SHARE", &tool_must_see, offsetof(struct tool_comparing, must_see),         \
         "a slow-down of a kernel or of all that may not be missed"},                              \
        {"--allow-missing", "REGEX", &tool_regex, offsetof(struct tool_comparing, allow_missing),  \
         "cells that the new side may lack"},                                                      \
        TOOL_ALL_OPTION("show the cells without a finding, too"),                                  \
    {                                                                                              \
        "--github", NULL, OPTION_FLAG, offsetof(struct tool_comparing, github),                    \
            "also write annotations, and the table to $GITHUB_STEP_SUMMARY"                        \
    }

/* What is drawn here are permutations. */
#define TOOL_COMPARING_VIEW_OPTIONS                                                                \
    TOOL_LOOK_OPTIONS,                                                                             \
        TOOL_DRAW_OPTIONS(                                                                         \
            "seed of what is drawn (ab draws one and prints it)",                                  \
            "permutations to draw where there are too many to try all (default 9999)")

/* For a user who gives none: 32 bits, so that it is short to type. */
uint64_t tool_draw_seed(void);

struct comparison_options tool_comparing_options(const struct tool_comparing *from);

/* Compares [old, new], machine by machine where both sides have several; prints, annotates. A
 * tool_exit. */
int tool_compare(const struct tool_command *command, const struct tool_runs runs[2],
                 const struct tool_comparing *from, const struct comparison_options *options);

#endif
