/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of one series: windows, division, and what remains after a second look. */
#include "steps.h"

#include "score.h"
#include "src/base/arena.h"
#include "src/statistics/rank_tests.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { DRAWS = 1999, SHIFT_MOST = 100, TAIL = 30, LEVELS_MOST = STEP_WINDOW / STEP_LEAST + 2 };
#define KEEP_SCORE 2.5 /* of a step between its two neighbours */

enum {
    REFINE = 6, /* the ends of an arc are moved by so many runs */
    SEGMENT_LEAST = 8,
};

/* Arcs inside a segment are tried with these lengths, at every place. */
static const size_t lengths[] = {5, 7, 10, 14, 20, 28, 40, 56, 80, 113};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

/* A stretch of runs that differs from the rest of its segment. */
struct arc {
    size_t from, to; /* [from, to) of the segment; one of them is its end where there is one step */
    double score;    /* absolute */
    double p;
};

struct search {
    const struct scan *scan;
    size_t count;
    double rank[STEP_WINDOW];
    double sum[STEP_WINDOW + 1]; /* of the ranks before */
    double limit[STEP_WINDOW];   /* [length]: of the rank sum from its mean */
    double shuffled[STEP_WINDOW];
    size_t order[STEP_WINDOW], room[STEP_WINDOW + 1];
};

static void add_up(struct search *search, const double *rank)
{
    search->sum[0] = 0;
    for (size_t i = 0; i < search->count; i++)
        search->sum[i + 1] = search->sum[i] + rank[i];
}

static double score_of(const struct search *search, size_t from, size_t to)
{
    return fabs(scan_score(search->scan, to - from, search->sum[to] - search->sum[from]));
}

static int is_beyond(const struct search *search, size_t from, size_t to)
{
    double mean = (double)(to - from) * (double)(search->count + 1) / 2;
    return fabs(search->sum[to] - search->sum[from] - mean) >= search->limit[to - from];
}

/* Keeps the arc in *best where it is better; with NULL, 1 where it reaches the limits. */
static inline int try_arc(const struct search *search, size_t from, size_t to, struct arc *best)
{
    if (best == NULL)
        return is_beyond(search, from, to);
    double score = score_of(search, from, to);
    if (score > best->score)
        *best = (struct arc){from, to, score, 1};
    return 0;
}

/* Tries all arcs; with NULL, as far as the first one that reaches the limits. */
static inline int try_arcs(const struct search *search, struct arc *best)
{
    size_t least = STEP_LEAST, end = search->count;

    for (size_t at = least; at + least <= end; at++)
        if (try_arc(search, at, end, best))
            return 1;
    for (size_t l = 0; l < LENGTHS && 2 * lengths[l] <= end; l++)
        for (size_t from = least; from + lengths[l] + least <= end; from++)
            if (try_arc(search, from, from + lengths[l], best))
                return 1;
    return 0;
}

static size_t arc_count(size_t count)
{
    size_t arcs = count;
    for (size_t l = 0; l < LENGTHS && 2 * lengths[l] <= count; l++)
        arcs += count;
    return arcs;
}

/* Only one step: every place was tried already. */
static void refine(const struct search *search, struct arc *arc)
{
    struct arc best = *arc;
    size_t least = STEP_LEAST;

    if (arc->to == search->count)
        return;
    for (size_t i = 0; i <= 2 * (size_t)REFINE; i++) {
        for (size_t j = 0; j <= 2 * (size_t)REFINE; j++) {
            size_t from = arc->from + i, to = arc->to + j;
            if (from >= least + REFINE && to + least <= search->count + REFINE &&
                to >= from + least)
                try_arc(search, from - REFINE, to - REFINE, &best);
        }
    }
    best.p = arc->p;
    *arc = best;
}

/* How far the rank sum of a part is from its mean where its score reaches that one. */
static double deviation_of(const struct scan *scan, size_t part, double score)
{
    double mean = (double)part * (double)(scan->count + 1) / 2;
    size_t most = part * (scan->count - part), low = 0, high = most + 1;

    while (low < high) {
        size_t halves = low + (high - low) / 2;
        if (fabs(scan_score(scan, part, mean + (double)halves / 2)) >= score)
            high = halves;
        else
            low = halves + 1;
    }
    return low > most ? INFINITY : (double)low / 2;
}

static void set_limits(struct search *search, double score)
{
    size_t least = STEP_LEAST, end = search->count;

    for (size_t part = least; part + least <= end; part++)
        search->limit[part] =
            part <= end / 2 ? deviation_of(search->scan, part, score) : search->limit[end - part];
}

/* The whole search is paid for: each draw is searched as the data were. Ends when p is above the
 * level for certain (Besag and Clifford, Biometrika 78, 1991). */
static double permuted_p(struct search *search, double observed, double level, size_t draws,
                         size_t block, struct random *random)
{
    size_t beyond = 0;

    set_limits(search, observed - 1e-9);
    for (size_t d = 0; d < draws; d++) {
        scan_permute(search->order, search->count, block, search->room, random);
        for (size_t i = 0; i < search->count; i++)
            search->shuffled[i] = search->rank[search->order[i]];
        add_up(search, search->shuffled);
        beyond += (size_t)try_arcs(search, NULL);
        double least = (double)(beyond + 1) / (double)(draws + 1);
        if (least > level)
            return fmax(least, (double)beyond / (double)(d + 1));
    }
    return (double)(beyond + 1) / (double)(draws + 1);
}

static void search_ranks(struct search *search, const struct step_options *options,
                         struct random *random, struct arc *arc)
{
    /* Long enough for what is left of the persistence after it is taken off. */
    size_t block = 1 + (size_t)(4 * options->persistence);

    add_up(search, search->rank);
    *arc = (struct arc){0, 0, -1, 1};
    try_arcs(search, arc);
    /* Boole's inequality over exact tails is enough where it already is far below the level; blocks
     * keep together what may still depend on one another, so it has to be farther then. */
    double bound = erfc(arc->score / sqrt(2.0)) * (double)arc_count(search->count);
    if (options->draws == SEGMENT_BOUND_ONLY || bound >= 1 ||
        bound < options->level * (block == 1 ? 0.05 : 1e-4))
        arc->p = fmin(bound, 1);
    else
        arc->p = permuted_p(search, arc->score, options->level,
                            options->draws > 0 ? options->draws : DRAWS, block, random);
    /* After the test: the draws are searched without it. */
    refine(search, arc);
}

/* The arc that stands out most among up to STEP_WINDOW innovations, and the p value of having found
 * it by search. arc->p is 1 where the segment is too short. -ENOMEM. */
static int search_segment(const double *innovation, size_t count,
                          const struct step_options *options, struct random *random,
                          struct arc *arc)
{
    struct search search;

    *arc = (struct arc){0, 0, 0, 1};
    if (count < SEGMENT_LEAST)
        return 0;
    search.count = count;
    search.scan = scan_get(options->cache, count);
    int error = search.scan == NULL ? -ENOMEM : scan_ranks(innovation, count, search.rank);
    if (error == 0)
        search_ranks(&search, options, random, arc);
    return error;
}

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
    struct arc arc;

    score_innovations(&work->value[begin], end - begin, work->options.persistence,
                      work->innovation);
    int error = search_segment(work->innovation, end - begin, &work->options, &work->random, &arc);
    if (error != 0 || arc.p > work->options.level)
        return error;

    size_t first = begin + arc.from, second = begin + arc.to;
    list[(*listed)++] = (struct found){first, arc.p};
    if (second < end) {
        list[(*listed)++] = (struct found){second, arc.p};
        error = divide(work, second, end, list, listed);
    }
    if (error == 0)
        error = divide(work, first, second, list, listed);
    return error == 0 ? divide(work, begin, first, list, listed) : error;
}

/* Steps near the end of a window are left to the next one, which sees more of what follows. */
static int search_windows(struct work *work)
{
    struct found list[LEVELS_MOST];
    size_t begin = 0;

    for (;;) {
        size_t end = begin + STEP_WINDOW < work->count ? begin + STEP_WINDOW : work->count;
        size_t listed = 0;
        int error = divide(work, begin, end, list, &listed);
        if (error != 0)
            return error;
        qsort(list, listed, sizeof *list, by_place);
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
