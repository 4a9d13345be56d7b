/* SPDX-License-Identifier: Apache-2.0 */
#include "steps.h"

#include <errno.h>
#include <math.h>

enum {
    DRAWS = 1999,
    REFINE = 6, /* the ends of an arc are moved by so many runs */
    SEGMENT_LEAST = 8,
};

/* Arcs inside a segment are tried with these lengths, at every place. */
static const size_t lengths[] = {5, 7, 10, 14, 20, 28, 40, 56, 80, 113};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

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
static inline int try_arc(const struct search *search, size_t from, size_t to,
                          struct segment_arc *best)
{
    if (best == NULL)
        return is_beyond(search, from, to);
    double score = score_of(search, from, to);
    if (score > best->score)
        *best = (struct segment_arc){from, to, score, 1};
    return 0;
}

/* Tries all arcs; with NULL, as far as the first one that reaches the limits. */
static inline int try_arcs(const struct search *search, struct segment_arc *best)
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
static void refine(const struct search *search, struct segment_arc *arc)
{
    struct segment_arc best = *arc;
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
                         struct random *random, struct segment_arc *arc)
{
    /* Long enough for what is left of the persistence after it is taken off. */
    size_t block = 1 + (size_t)(4 * options->persistence);

    add_up(search, search->rank);
    *arc = (struct segment_arc){0, 0, -1, 1};
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

int segment_search(const double *innovation, size_t count, const struct step_options *options,
                   struct random *random, struct segment_arc *arc)
{
    struct search search;

    *arc = (struct segment_arc){0, 0, 0, 1};
    if (count < SEGMENT_LEAST)
        return 0;
    search.count = count;
    search.scan = scan_get(options->cache, count);
    int error = search.scan == NULL ? -ENOMEM : scan_ranks(innovation, count, search.rank);
    if (error == 0)
        search_ranks(&search, options, random, arc);
    return error;
}
