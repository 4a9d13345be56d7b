/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of one series: windows, division, and what remains after a second look. */
#include "steps.h"

#include "score.h"
#include "src/base/arena.h"
#include "src/statistics/rank_tests.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { SHIFT_MOST = 100, TAIL = 30, LEVELS_MOST = STEP_WINDOW / STEP_LEAST + 2 };
#define KEEP_SCORE 2.5 /* of a step between its two neighbours */

struct found {
    size_t at;
    double p;
};

struct work {
    struct step_options options;
    struct random random;
    double *value; /* those that are there */
    size_t *run;   /* where they are */
    size_t count;
    double *innovation;
    struct found *found; /* ascending */
    size_t found_count;
};

struct step_options step_options_default(void)
{
    return (struct step_options){.level = 0.005, .margin = 0.02, .confidence = 0.95};
}

static int by_place(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* Divides [begin, end) until nothing stands out; the steps found go to list. */
static int divide(struct work *work, size_t begin, size_t end, struct found *list, size_t *listed)
{
    struct {
        size_t begin, end;
    } stack[LEVELS_MOST * 2] = {{begin, end}};
    size_t depth = 1;
    struct segment_arc arc;

    *listed = 0;
    while (depth > 0) {
        size_t from = stack[--depth].begin, to = stack[depth].end;
        score_innovations(&work->value[from], to - from, work->options.persistence,
                          work->innovation);
        int error =
            segment_search(work->innovation, to - from, &work->options, &work->random, &arc);
        if (error != 0)
            return error;
        if (arc.p > work->options.level)
            continue;
        size_t first = from + arc.from, second = from + arc.to;
        list[(*listed)++] = (struct found){first, arc.p};
        stack[depth].begin = from;
        stack[depth++].end = first;
        stack[depth].begin = first;
        stack[depth++].end = second;
        if (second < to) {
            list[(*listed)++] = (struct found){second, arc.p};
            stack[depth].begin = second;
            stack[depth++].end = to;
        }
    }
    qsort(list, *listed, sizeof *list, by_place);
    return 0;
}

/* Steps near the end of a window are left to the next one, which sees more of what follows. */
static int search_windows(struct work *work)
{
    struct found list[LEVELS_MOST];
    size_t begin = 0, listed;

    for (;;) {
        size_t end = begin + STEP_WINDOW < work->count ? begin + STEP_WINDOW : work->count;
        int error = divide(work, begin, end, list, &listed);
        if (error != 0)
            return error;
        size_t next = begin + STEP_WINDOW / 2;
        for (size_t i = 0; i < listed; i++) {
            const struct found *last =
                work->found_count > 0 ? &work->found[work->found_count - 1] : NULL;
            if ((end < work->count && list[i].at + TAIL > end) ||
                (last != NULL && list[i].at < last->at + STEP_LEAST))
                continue;
            work->found[work->found_count++] = list[i];
            next = list[i].at > next || end == work->count ? list[i].at : next;
        }
        if (end == work->count)
            return 0;
        begin = next;
    }
}

int steps_shift(const double *before, size_t before_count, const double *after, size_t after_count,
                const struct step_options *options, struct interval *shift)
{
    size_t skip = before_count > SHIFT_MOST ? before_count - SHIFT_MOST : 0;
    double wider = sqrt((1 + options->persistence) / (1 - options->persistence));

    int error =
        rank_sum(before + skip, before_count - skip, after,
                 after_count < SHIFT_MOST ? after_count : SHIFT_MOST, options->confidence, shift);
    if (error == 0) {
        shift->low = shift->estimate - wider * (shift->estimate - shift->low);
        shift->high = shift->estimate + wider * (shift->high - shift->estimate);
    }
    return error;
}

/* How far a step stands out between the levels on its two sides. */
static int neighbour_score(struct work *work, size_t from, size_t at, size_t to, double *score)
{
    from = at - from > SHIFT_MOST ? at - SHIFT_MOST : from;
    to = to - at > SHIFT_MOST ? at + SHIFT_MOST : to;
    double rank[2 * SHIFT_MOST], sum = 0;
    const struct scan *scan = scan_get(work->options.cache, to - from);

    score_innovations(&work->value[from], to - from, work->options.persistence, work->innovation);
    int error = scan == NULL ? -ENOMEM : scan_ranks(work->innovation, to - from, rank);
    for (size_t i = at - from; error == 0 && i < to - from; i++)
        sum += rank[i];
    if (error == 0)
        *score = fabs(scan_score(scan, to - at, sum));
    return error;
}

static int measure(struct work *work, size_t i, struct step *step, double *score)
{
    size_t at = work->found[i].at, from = i > 0 ? work->found[i - 1].at : 0;
    size_t to = i + 1 < work->found_count ? work->found[i + 1].at : work->count;

    *step = (struct step){
        .at = work->run[at], .before = at - from, .after = to - at, .p = work->found[i].p};
    int error = steps_shift(&work->value[from], at - from, &work->value[at], to - at,
                            &work->options, &step->shift);
    return error != 0 ? error : neighbour_score(work, from, at, to, score);
}

/* What a larger arc brought along, or is below the margin, goes: the weakest first. */
static int take_second_look(struct work *work, struct steps *steps)
{
    for (;;) {
        size_t weakest = work->found_count;
        double least = INFINITY;
        for (size_t i = 0; i < work->found_count; i++) {
            double score = 0;
            int error = measure(work, i, &steps->steps[i], &score);
            if (error != 0)
                return error;
            double size = fabs(steps->steps[i].shift.estimate);
            int stays = score >= KEEP_SCORE && size >= log1p(work->options.margin);
            if (!stays && score < least) {
                least = score;
                weakest = i;
            }
        }
        if (weakest == work->found_count)
            break;
        work->found_count--;
        for (size_t i = weakest; i < work->found_count; i++)
            work->found[i] = work->found[i + 1];
    }
    steps->count = work->found_count;
    return 0;
}

int steps_of_series(const double *value, size_t runs, const struct step_options *options,
                    struct steps *steps)
{
    struct arena arena = {0};
    struct scan_cache own_cache = {0};
    struct work work = {.options = *options,
                        .value = arena_array(&arena, runs, sizeof *work.value),
                        .run = arena_array(&arena, runs, sizeof *work.run),
                        .innovation = arena_array(&arena, STEP_WINDOW, sizeof *work.innovation),
                        .found = arena_array(&arena, runs / STEP_LEAST + 2, sizeof *work.found)};
    int error = arena.error;

    *steps = (struct steps){0};
    random_seed(&work.random, options->seed);
    if (options->cache == NULL)
        work.options.cache = &own_cache;
    for (size_t i = 0; error == 0 && i < runs; i++) {
        if (isnan(value[i]))
            continue;
        work.run[work.count] = i;
        work.value[work.count++] = value[i];
    }
    steps->values = work.count;
    if (error == 0)
        error = search_windows(&work);
    if (error == 0 && (steps->steps = calloc(work.found_count + 1, sizeof *steps->steps)) == NULL)
        error = -ENOMEM;
    if (error == 0)
        error = take_second_look(&work, steps);
    arena_free(&arena);
    arena_free(&own_cache.arena);
    if (error != 0)
        steps_free(steps);
    return error;
}

void steps_free(struct steps *steps)
{
    free(steps->steps);
    *steps = (struct steps){0};
}
