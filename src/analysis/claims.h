/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims: statements about which way is faster, as text that a machine can check.
 *
 *     # a comment
 *     claim small-chunks must
 *       says   In chunks of up to 1 KiB a mapping is faster than calls.
 *       source where that was said
 *       holds  Mmap < Write where file:new, chunk:..1K
 *
 * A condition is  SIDE [METRIC] OPERATOR [FACTOR] SIDE|pages|chunks  or  SIDE [METRIC] OPERATOR
 * NUMBER, and perhaps  where AXIS:VALUES, ...  SIDE is a series, or the beginning of a name that
 * fixes an axis: Mmap/file:overwrite < Mmap/file:new. METRIC: see metrics.def; the time where none
 * is named. VALUES are a list (4K,64K) or a range (..1K, 4K.., 1K..64K). The axis fs is the run's
 * file system. What bench_mmap names only where it is not the default (threads:, order:) is looked
 * at only where the claim names it, too.
 */
#ifndef BENCH_MMAP_ANALYSIS_CLAIMS_H
#define BENCH_MMAP_ANALYSIS_CLAIMS_H

#include "src/base/interval.h"
#include "src/run/run.h"

#include <stddef.h>
#include <stdint.h>

struct claim_value {
    struct span text;
    double number; /* in bytes, "4K" is 4096; NaN: no number */
};

struct claim_axis {
    struct span name;
    size_t count; /* 0: the range */
    struct claim_value *values;
    double low, high;
};

struct claim_axes {
    size_t count;
    struct claim_axis *items;
};

struct claim_side {
    struct span series;
    struct claim_axes axes; /* a value each; both sides of a claim fix the same axes */
};

enum claim_operator { CLAIM_BELOW, CLAIM_AT_MOST, CLAIM_ABOVE, CLAIM_AT_LEAST };

/* What the first side is compared with: the second, a number, or of the file the pages or the
 * chunks. */
enum claim_against { AGAINST_SIDE, AGAINST_NUMBER, AGAINST_PAGES, AGAINST_CHUNKS };

struct claim {
    const char *name, *says, *source; /* the last two may be NULL */
    const char *condition;
    int must;
    struct claim_side first, second;
    enum metric metric;
    enum claim_operator operation;
    enum claim_against against;
    double factor; /* or the number, in the metric's unit */
    struct claim_axes where;
};

struct claims {
    struct arena arena;
    size_t count;
    struct claim *items;
};

enum claims_fault {
    CLAIMS_TEXT,         /* not UTF-8, or a control character */
    CLAIMS_NONE,         /* no claim in it */
    CLAIMS_KEYWORD,      /* a line begins with something else */
    CLAIMS_OUTSIDE,      /* a line that belongs to a claim, before the first */
    CLAIMS_UNNAMED,      /* a claim without a name */
    CLAIMS_NAME_TWICE,   /* a second claim of that name */
    CLAIMS_LINE_TWICE,   /* a second line of that kind in a claim */
    CLAIMS_LINE_EMPTY,   /* a line of a keyword alone */
    CLAIMS_NO_CONDITION, /* a claim without one */
    CLAIMS_SERIES,       /* a series belongs here */
    CLAIMS_METRIC,       /* no metric has that name */
    CLAIMS_OPERATOR,     /* an operator belongs here */
    CLAIMS_NUMBER,       /* a factor that is 0, or a number out of range */
    CLAIMS_UNIT,         /* of a number: unknown, missing, or not of that metric */
    CLAIMS_SIDES,        /* the sides fix different axes */
    CLAIMS_AXIS,         /* no AXIS:VALUE */
    CLAIMS_RANGE,        /* no range, or an empty one */
    CLAIMS_REST,         /* something stands behind the end */
    CLAIMS_FAULTS
};

struct claims_problem {
    enum claims_fault fault;
    size_t line, column; /* from 1, in bytes */
    char word[48];       /* what stands there */
};

/* -EINVAL: *problem says why. The text is not kept. In any case for claims_free(). */
int claims_parse(const char *text, size_t length, struct claims *claims,
                 struct claims_problem *problem);
/* Those that were published, of claims.def. */
int claims_published(struct claims *claims);
void claims_free(struct claims *claims);

/* The number that such a text means; NaN. */
double claim_number(struct span text);

enum claim_outcome {
    CLAIM_HOLDS,
    CLAIM_FAILS,
    CLAIM_INCONCLUSIVE,
    CLAIM_NOT_MEASURED,
    CLAIM_OUTCOMES
};

enum claim_missing {
    MISSING_NOTHING,
    MISSING_FILE_SYSTEM, /* the run is of another */
    MISSING_SERIES,      /* the run lacks it */
    MISSING_CELLS,       /* none of the sides fits the claim */
    MISSING_VALUE,       /* of an axis: the claim names it, the run lacks it */
    MISSING_SAMPLES,     /* a cell of the claim failed, or lacks the metric or its file's size */
};

/*
 * A claim holds where it holds in every cell that it names. It is judged by intervals of the log
 * ratio of locations (bootstrap.h) that cover all cells of the claim at once in 95 % of runs
 * (Bonferroni): it holds where all of them lie on the right side, and does not where one lies on
 * the wrong one. They are of the samples of one process, as all intervals of one run are: another
 * process may differ by more.
 */
struct claim_result {
    enum claim_outcome outcome;
    enum claim_missing missing; /* where it was not measured */
    struct span what;           /* the series, the value that is missing; of the claim */
    size_t cells;               /* that were compared */
    const struct cell *cell;    /* the one that decides, or that has no samples; NULL: none */
    struct interval figure; /* there: how many times what it is compared with, or where that is a
                               number the value; it is what must be below or above the factor */
};

/* results[claims->count]. They point into the run and the claims. */
int claims_judge(const struct run *run, const struct claims *claims, size_t replicates,
                 uint64_t seed, struct claim_result *results);

#endif
