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
};

/* Loads a file, or every *.json of a directory, and of its folders that are named as a machine key
 * is, in natural order ("9.json" before "10.json"). 0 or -1 after a sentence. tool_runs_free() in
 * any case. */
int tool_load_runs(const struct tool_command *command, const char *path, struct tool_runs *runs);
int tool_add_run(struct tool_runs *runs, struct run *run);
void tool_runs_free(struct tool_runs *runs);

int tool_is_same_file(const char *a, const char *b);

/* "2%" or "0.02" into 0.02; NULL leaves the default. 0 or -1 after a sentence. */
int tool_parse_share(const struct tool_command *command, const char *option, const char *text,
                     double *share);

struct tool_comparing {
    struct tool_view view;
    const char *margin;
    const char *alpha;
    int all;
    int github;
};

#define TOOL_COMPARING_OPTIONS(type, member)                                                       \
    {"--margin", "SHARE", OPTION_TEXT, offsetof(type, member.margin),                              \
     "changes smaller than that are none (default 2%)"},                                           \
        {"--alpha", "P", OPTION_TEXT, offsetof(type, member.alpha),                                \
         "chance of any false finding in the whole table (default 0.05)"},                         \
        {"--all", NULL, OPTION_FLAG, offsetof(type, member.all),                                   \
         "show the cells without a finding, too"},                                                 \
    {                                                                                              \
        "--github", NULL, OPTION_FLAG, offsetof(type, member.github),                              \
            "also write annotations, and the table to $GITHUB_STEP_SUMMARY"                        \
    }

/* As TOOL_VIEW_OPTIONS; what is drawn here are permutations. */
#define TOOL_COMPARING_VIEW_OPTIONS(type, member)                                                  \
    TOOL_VIEW_OPTIONS_OF(                                                                          \
        type, member, "seed of what is drawn (ab draws one and prints it)",                        \
        "permutations to draw where there are too many to try all (default 9999)")

/* For a user who gives none: 32 bits, so that it is short to type. */
uint64_t tool_draw_seed(void);

int tool_make_comparing(const struct tool_command *command, const struct tool_comparing *from,
                        struct view *view, struct comparison_options *options);

/* Compares, machine by machine where both sides have several; prints, annotates. A tool_exit. */
int tool_compare(const struct tool_command *command, const struct tool_runs *old_runs,
                 const struct tool_runs *new_runs, const struct tool_comparing *from,
                 const struct view *view, const struct comparison_options *options);

#endif
