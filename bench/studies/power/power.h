/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons drawn from real runs, in which the truth is known because it was put there. */
#ifndef BENCH_MMAP_BENCH_STUDIES_POWER_POWER_H
#define BENCH_MMAP_BENCH_STUDIES_POWER_POWER_H

#include "src/base/random.h"
#include "src/comparison/comparison.h"

#include <stddef.h>
#include <stdint.h>

enum { ROUNDS = 20, REPETITIONS = 5, CELLS_MAX = 64 };
enum { LOOKS = 4, FIRST_LOOK = 10, LAST_LOOK = 80 }; /* of ab --until */

struct data {
    size_t processes, cells, groups, repetitions;
    size_t group[CELLS_MAX];
    char writers[CELLS_MAX][64]; /* [group] */
    double *time;                /* [(process * repetitions + repetition) * cells + cell] */
};

enum target { NOTHING, EVERYTHING, WRITER, CELL, HALF };
enum noise { QUIET, DRIFT, SPIKES, CORRELATED, UNEQUAL, TIES };
enum division { BY_ROUNDS, BY_PROCESSES };

struct scenario {
    const char *name;
    enum target target;
    double factor;
    enum noise noise;
    enum division division;
    size_t rounds; /* at most ROUNDS */
};

enum rule { OURS, U_TEST, THRESHOLD, RULES };

/* Comparisons in which the rule ... */
struct tally {
    size_t false_slower[RULES]; /* calls slower what is not */
    /* names a row in the wrong direction, or one whose true change is inside the margin */
    size_t false_any[RULES];
    size_t found[RULES]; /* finds the change where it is, in its direction */
    size_t own_covered, own_rows;
    size_t relative_covered, relative_rows;
    double visible; /* sum over the comparisons, of the first writer's row */
};

/* pairs.c: what is found where the pairs were run in one way or another. Paths, then numbers. */
int power_is_directory(const char *path);
int power_pairs(int count, char **words);

struct draw {
    const struct scenario *scenario;
    size_t writer, cell; /* where the change is */
    int is_half[CELLS_MAX];
    double spread[CELLS_MAX]; /* of a cell's own noise, where it is unequal */
    double store[2 * LAST_LOOK * CELLS_MAX * REPETITIONS];
    const double *value[2 * LAST_LOOK * CELLS_MAX];
    size_t count[2 * LAST_LOOK * CELLS_MAX];
    struct samples samples;
};

/* draw.c: a comparison of the draw's scenario. */
void power_draw_cells(struct draw *draw, const struct data *data, struct random *random);
void power_draw(struct draw *draw, const struct data *data, struct random *random);
/* The position `slot` (of the comparison) gets the samples of a process from `first` on. */
void power_fill(struct draw *draw, const struct data *data, size_t slot, size_t process,
                size_t first, int is_new, double common, double *wander, struct random *random);
/* What is filled becomes the comparison of so many rounds. */
void power_take(struct draw *draw, const struct data *data, size_t rounds);
/* A column more; -E2BIG. */
int power_add_cell(struct data *data, const char *name);
int power_is_changed(const struct draw *draw, const struct data *data, size_t cell);

/* rules.c: what each rule says of the comparison, counted. */
int power_apply_ours(const struct draw *draw, const struct data *data, uint64_t seed,
                     struct tally *tally);
void power_apply_others(const struct draw *draw, const struct data *data, struct tally *tally);
/* A column: " | SHARE [its 95 % interval]". */
void power_print_share(size_t hits, size_t count);

#endif
