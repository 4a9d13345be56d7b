/* SPDX-License-Identifier: Apache-2.0 */
/* Are the newest runs slower? */
#ifndef BENCH_MMAP_WATCH_CHECK_H
#define BENCH_MMAP_WATCH_CHECK_H

#include "absence.h"
#include "context_changes.h"
#include "run_window.h"
#include "src/changepoint/newest.h"

#include <stddef.h>

struct check_row {
    const struct watch_row *step; /* what was tested, and whether a step was found */
    const char *name;             /* "all cells", or the whole name of the writer or the cell */
    double before_ns, now_ns;     /* medians of a cell before the step and since; NaN: none */
    /* The step says something new: the row is no part of a mean that went as far, and no mean that
     * one of its parts pulled along. */
    int is_new;
    int is_pulled;       /* a mean that one of its parts pulled along */
    size_t change_count; /* of a row with a step: what of the context changed there */
    struct context_change changes[CONTEXT_CHANGES_MOST];
};

enum check_verdict {
    CHECK_NOTHING_SLOWER,
    CHECK_FASTER,          /* something became faster, nothing slower */
    CHECK_FAILED,          /* cells failed, and did not before */
    CHECK_SLOWER,          /* something became slower */
    CHECK_SUSPECTED,       /* the same, where an A/B comparison is to confirm it */
    CHECK_MISSING,         /* cells that should be there are missing */
    CHECK_CONTROLS_MOVED,  /* a control moved: the machine is another one */
    CHECK_DIVERGED,        /* something became slower, or all others faster */
    CHECK_NEWEST_IS_EMPTY, /* the newest run has no time of any cell */
    CHECK_TOO_FEW_RUNS,
    CHECK_COULD_MISS, /* nothing slower was found, but what must be seen could have been missed */
    CHECK_VERDICTS
};

struct check_options {
    struct watch_options watch;
    const regex_t *allow_missing; /* cells that may be missing, or NULL */
    double must_see; /* 0.10: a slow-down of 10 % of a writer or of everything must be seen */
    int confirm;     /* what became slower is only suspected: an A/B comparison has the last word */
};

struct check_options check_options_default(void);

struct check {
    struct run_window window; /* its arena has the arrays of the check, too */
    struct watch_options options;
    enum check_verdict verdict;
    enum absence *absence;   /* [column of window.series] */
    size_t absent[ABSENCES]; /* how many columns */
    size_t missing;          /* cells; at least as many as the newest run selected and lacks */
    size_t cells;   /* of window.series that are judged: those with a value in the newest runs */
    size_t *column; /* [cell] of window.series */
    size_t *group;  /* [cell] */
    size_t group_count;
    char **groups;               /* [group] */
    struct watch_result watched; /* rows over these cells and groups, runs of the series */
    struct check_row *rows;      /* [watched.count]: findings first, the largest of a kind first */
    size_t judged;               /* rows with enough runs for a verdict, controls not counted */
    size_t needed;               /* from so many runs on the first of them can be judged */
    size_t there;                /* the most runs that a row has since it was last accepted */
    double visible[ROW_KINDS];   /* median over the rows of that kind; NaN: none was tested */
    double seen[ROW_KINDS];      /* of the worst row that stands for a writer or for everything;
                                    infinite where one cannot be judged; NaN: there is none */
    double must_see;
    /* Where `confirm` was asked for and something became slower. */
    struct confirmation {
        int is_wanted;
        const char *base, *head; /* revisions; NULL: they do not differ, or are not known */
        const char *flags;       /* of the programs, with a space between them */
    } confirmation;
    int confirm;
};

/* Judges the window, which then belongs to the check: normally the newest STEP_WINDOW runs. *check
 * is to be freed in any case. -ENOMEM. */
int check_newest(struct run_window *window, const struct check_options *options,
                 struct check *check);
void check_free(struct check *check);

/*
 * The exit status that the verdict stands for:
 *
 * 3  something became slower, or failed and did not before
 * 4  cells are missing, something is suspected, or it cannot be told
 * 0  otherwise
 */
int check_status(const struct check *check);

#endif
