/* SPDX-License-Identifier: Apache-2.0 */
#include "comparison.h"

#include "rows.h"
#include "src/statistics/max_t.h"
#include "src/statistics/quantiles.h"
#include "src/statistics/rank_tests.h"

#include <errno.h>
#include <stdlib.h>

#define MOVED_LEAST 0.5
/* Half of the normal quantile of 95 %, squared: see is_mover(). */
#define MOVED_CLEARLY 0.676
/* A peer that moved as far the other way is suspected at this p already. */
#define OPPOSITE_P 0.5
/* What the test may spend of alpha. The remainder is for rows that did move apart from their peers,
 * where it was the peers that moved. */
#define TEST_SHARE 0.8
enum { PEERS_TOGETHER = 3 };

struct comparing {
    struct arena arena;
    const struct samples *samples;
    const struct comparison_options *options;
    struct rows rows;
    size_t units;
    double *unit;      /* [unit]: one column */
    double *floors[2]; /* [process]: of a row, and of its peers */
    double *p;         /* [family row] */
    size_t *own_at;    /* [row]: its place in the family */
    double critical[2];
};

struct comparison_options comparison_options_default(void)
{
    return (struct comparison_options){
        .margin = 0.02, .alpha = 0.05, .confidence = 0.95, .must_see = 0.10};
}

void comparison_table_free(struct comparison_table *table)
{
    free(table->rows);
    *table = (struct comparison_table){0};
}

static int is_valid(const struct samples *samples)
{
    size_t processes = samples->processes;

    if (samples->cells == 0 || samples->groups == 0 || processes < 2)
        return 0;
    if (samples->rounds > 0)
        return processes == 2 * samples->rounds;
    return samples->new_processes > 0 && samples->new_processes < processes;
}

/* A round's difference, or the process's value, of one column of a [process * width + at] table. */
static double unit_of(const struct samples *samples, const double *values, size_t width, size_t at,
                      size_t unit)
{
    return samples->rounds == 0
               ? values[unit * width + at]
               : values[(2 * unit + 1) * width + at] - values[2 * unit * width + at];
}

/* The shift from old to new of a column, in logs. */
static struct interval estimate(struct comparing *comparing, const double *values, size_t width,
                                size_t at)
{
    const struct samples *samples = comparing->samples;
    size_t old_count = samples->processes - samples->new_processes;
    double confidence = comparing->options->confidence, *unit = comparing->unit;
    struct interval shift = {(double)NAN, (double)NAN, (double)NAN};

    for (size_t u = 0; u < comparing->units; u++)
        unit[u] = unit_of(samples, values, width, at, u);
    int error = samples->rounds > 0 ? signed_rank(unit, samples->rounds, confidence, &shift)
                                    : rank_sum(unit, old_count, unit + old_count,
                                               samples->new_processes, confidence, &shift);
    if (error != 0)
        comparing->arena.error = error;
    return shift;
}

/* The geometric mean over the cells of the row and the processes of a side. */
static double side_time(const struct comparing *comparing, const struct rows_row *row, int new_side)
{
    const struct samples *samples = comparing->samples;
    double sum = 0, count = 0;

    for (size_t p = 0; p < samples->processes; p++) {
        int is_new =
            samples->rounds > 0 ? p % 2 == 1 : p >= samples->processes - samples->new_processes;
        if (is_new != new_side)
            continue;
        for (size_t c = 0; c < samples->cells; c++) {
            if (rows_is_member(samples, row, c)) {
                sum += comparing->rows.pace[p * samples->cells + c];
                count++;
            }
        }
    }
    return exp(sum / count);
}

/* The rows' own times and those against the peers are one family; what stands for many cells is one
 * stratum of it and the cells the other, so that a few strong rows do not pay for many weak ones.
 */
static void test_rows(struct comparing *comparing, struct comparison_table *table)
{
    const struct rows *rows = &comparing->rows;
    const struct samples *samples = comparing->samples;
    const double alpha = TEST_SHARE * comparing->options->alpha;
    size_t width = 2 * rows->count, used = 0;
    double *value = arena_array(&comparing->arena, comparing->units * width, sizeof *value);
    size_t *stratum = arena_array(&comparing->arena, width, sizeof *stratum);
    /* Six rounds have 32 outcomes: none is rarer than half of 5 %. */
    int divides = samples->rounds == 0 || 2 * ldexp(1, 1 - (int)samples->rounds) <= alpha;

    for (size_t r = 0; r < rows->count; r++) {
        comparing->own_at[r] = used;
        used += 1 + (size_t)rows->row[r].has_peers;
    }
    if (comparing->arena.error != 0)
        return;
    for (size_t r = 0; r < rows->count; r++) {
        const double *column[] = {rows->score, rows->placed};
        for (size_t i = 0; i <= (size_t)rows->row[r].has_peers; i++) {
            size_t at = comparing->own_at[r] + i;
            stratum[at] = rows->row[r].kind == ROW_CELL && divides;
            for (size_t u = 0; u < comparing->units; u++)
                value[u * used + at] = unit_of(samples, column[i], rows->count, r, u);
        }
    }
    struct max_t family = {.units = comparing->units,
                           .rows = used,
                           .value = value,
                           .stratum = stratum,
                           .new_units = samples->rounds > 0 ? 0 : samples->new_processes,
                           .seed = comparing->options->seed,
                           .draws = comparing->options->draws};
    comparing->arena.error =
        max_t_test(&family, alpha, comparing->p, comparing->critical, &table->exact);
    for (size_t i = 0; i < used; i++)
        comparing->p[i] = fmin(comparing->p[i] / TEST_SHARE, 1);
}

/*
 * A row and its peers moved apart: did it change, or did they? Both are held against their own
 * past. Positive where the row itself went in the direction in which it lies, in standard errors of
 * the two together. The floors are used because they vary least from process to process.
 */
static double own_share(struct comparing *comparing, size_t row, double relative, double *error)
{
    double *own = comparing->floors[0], *peers = comparing->floors[1];

    rows_floors(&comparing->rows, row, own, peers);
    for (size_t p = 0; p < comparing->samples->processes; p++)
        own[p] += peers[p];
    struct interval both = estimate(comparing, own, 1, 0);
    *error = (both.high - both.low) / 2 /
             stats_normal_quantile(0.5 + comparing->options->confidence / 2);
    return both.estimate * (relative > 0 ? 1 : -1) / *error;
}

/* The shift that passes the critical value, and the margin, in four of five comparisons: the
 * statistic of a shift d over a deviation s is about sqrt(n) d / sqrt(d^2 + s^2) over n rounds, and
 * q d / sqrt(n s^2 + q d^2) over n processes, where q = old new / n. The deviation follows from the
 * interval's width. */
static double visible_shift(const struct comparing *comparing, enum row_kind kind,
                            struct interval ratio)
{
    const struct samples *samples = comparing->samples;
    double n = (double)comparing->units, new_processes = (double)samples->new_processes;
    double q = samples->rounds > 0 ? n : new_processes * (n - new_processes) / n;
    double z = stats_normal_quantile(0.5 + comparing->options->confidence / 2);
    double deviation = log(ratio.high / ratio.low) / 2 / z * sqrt(q);
    /* With few rounds the cells have no stratum of their own. */
    int stratum = kind == ROW_CELL && comparing->critical[1] > 0;
    double critical = comparing->critical[stratum], left = q - critical * critical;

    if (!(left > 0))
        return (double)NAN;
    double reach = samples->rounds > 0 ? critical / sqrt(left) : critical * sqrt(n / (q * left));
    return fmax(deviation * reach, log1p(comparing->options->margin)) + deviation * 0.84 / sqrt(q);
}

static int are_peers(const struct comparing *comparing, const struct finding *a,
                     const struct finding *b)
{
    const struct rows_row row = {a->kind, a->index, 1};
    return a->kind == b->kind && rows_is_near(&comparing->rows, &row, b->index);
}

/*
 * Whether it is the row that moved, where it and its peers moved apart. Three in four of its peers
 * stayed together, away from it, none went the other way as far, its own past does not gainsay it,
 * and what is left of the change without what the peers did is beyond chance: then it is not they.
 *
 * Where the peers are too few to tell, its own past decides: its share is normal about +s where it
 * is the row that moved, and about -s where it is the peers, s being the size in standard errors.
 * To ask for c / s names the wrong one where a deviate is above c / s + s, which is 2 sqrt(c) at
 * least: in 5 % at most, however large the change and the noise are.
 */
static int is_mover(struct comparing *comparing, const struct comparison_table *table, size_t r)
{
    const struct comparison_row *row = &table->rows[r];
    double relative = log(row->finding.relative.estimate), size = fabs(relative);
    double own = log(row->finding.ratio.estimate) * (relative > 0 ? 1 : -1);
    double chance = log(row->finding.relative.high / row->finding.relative.low) / 2;
    double error, share = own_share(comparing, r, relative, &error);
    size_t peers = 0, near = 0, opposite = 0;

    for (size_t o = 0; o < table->count; o++) {
        const struct comparison_row *other = &table->rows[o];
        if (o == r || isnan(other->finding.relative.estimate) ||
            !are_peers(comparing, &row->finding, &other->finding))
            continue;
        double beside = log(other->finding.relative.estimate) * (relative > 0 ? 1 : -1);
        peers++;
        near += fabs(beside) < size / 2;
        opposite += beside < -size / 2 && other->p_relative <= OPPOSITE_P;
    }
    if (peers < PEERS_TOGETHER)
        return share * size > MOVED_CLEARLY * error;
    return own > chance && share > -MOVED_LEAST && opposite == 0 && 4 * near >= 3 * peers;
}

static int is_beyond(double p, double ratio, const struct comparison_options *options)
{
    double upper = 1 + options->margin;
    return p <= options->alpha && (ratio > upper || ratio < 1 / upper);
}

static void judge(struct comparing *comparing, size_t r, struct comparison_table *table)
{
    struct comparison_row *row = &table->rows[r];
    struct finding *finding = &row->finding;
    double ratio = finding->ratio.estimate, relative = finding->relative.estimate;
    double upper = 1 + comparing->options->margin, lower = 1 / upper;
    int own = is_beyond(row->p_ratio, ratio, comparing->options);
    int against = is_beyond(row->p_relative, relative, comparing->options);

    finding->by_relative = against && !own && is_mover(comparing, table, r);
    if (own || finding->by_relative)
        finding->change = (own ? ratio : relative) > 1 ? CHANGE_SLOWER : CHANGE_FASTER;
    else if (finding->ratio.low >= lower && finding->ratio.high <= upper)
        finding->change = CHANGE_EQUIVALENT;
    else if (against)
        finding->change = CHANGE_DIVERGED;
}

/* What a mean stands for: the writers of all (the cells, where there are no rows of writers), the
 * cells of a writer. */
static int is_part(const struct comparing *comparing, const struct comparison_table *table,
                   const struct finding *mean, const struct finding *part)
{
    enum row_kind parts =
        mean->kind == ROW_ALL && table->count > 1 ? table->rows[1].finding.kind : ROW_CELL;

    return part->kind == parts &&
           (mean->kind == ROW_ALL || comparing->samples->group[part->index] == mean->index);
}

/*
 * A mean moves with a part of it. Everything is called slower where two in three of its parts are,
 * or where none is and two in three went that way. A writer is where most of its cells
 * went that way, and the others beyond the margin without those that are called slower; what was
 * found against the peers, the cells did against them, too. To go that way is to do so by half of
 * the margin. Else a part moved, and it is only said so where no part is named.
 */
static void explain_mean(const struct comparing *comparing, struct comparison_table *table,
                         struct finding *mean)
{
    double margin = log1p(comparing->options->margin), left = 0;
    double sign = mean->change == CHANGE_SLOWER ? 1 : -1;
    double peers = mean->by_relative ? log(mean->ratio.estimate / mean->relative.estimate) : 0;
    size_t count = 0, along = 0, named = 0;
    int is_all = mean->kind == ROW_ALL;

    for (size_t r = 1; r < table->count; r++) {
        const struct finding *part = &table->rows[r].finding;
        if (!is_part(comparing, table, mean, part))
            continue;
        double moved = sign * (log(part->ratio.estimate) - peers);
        int is_named = part->change == mean->change;
        count++;
        named += (size_t)is_named;
        along += moved > margin / 2;
        left += is_named ? 0 : moved;
    }
    size_t most = is_all ? (2 * count + 2) / 3 : count / 2 + 1;
    int is_rest =
        named == 0 || named >= most || (!is_all && left > margin * (double)(count - named));
    if (count > 0 && (along < most || !is_rest))
        mean->change = named > 0 ? CHANGE_INCONCLUSIVE : CHANGE_DIVERGED;
}

/* Writers before all. */
static void explain_means(const struct comparing *comparing, struct comparison_table *table)
{
    for (size_t r = table->count; r-- > 0;)
        if (table->rows[r].finding.kind < ROW_CELL && finding_moved(&table->rows[r].finding))
            explain_mean(comparing, table, &table->rows[r].finding);
}

/* When one of the peers is known to have moved, that is why they are apart. */
static void explain_diverged(const struct comparing *comparing, struct comparison_table *table)
{
    for (size_t r = 0; r < table->count; r++) {
        struct comparison_row *row = &table->rows[r];
        for (size_t o = 0; o < table->count && row->finding.change == CHANGE_DIVERGED; o++) {
            const struct comparison_row *other = &table->rows[o];
            if (finding_moved(&other->finding) &&
                are_peers(comparing, &row->finding, &other->finding))
                row->finding.change = CHANGE_INCONCLUSIVE;
        }
    }
}

/* Until the interval, if it shrinks about where it is, lies inside the margin or outside of it. */
static double rounds_needed(const struct comparing *comparing, struct interval ratio)
{
    double done =
        comparing->samples->rounds > 0 ? (double)comparing->units : (double)comparing->units / 2;
    double half = log(ratio.high / ratio.low) / 2;
    double distance = fabs(log1p(comparing->options->margin) - fabs(log(ratio.estimate)));

    return fmax(done + 1, ceil(done * half * half / (distance * distance)));
}

static void fill_row(struct comparing *comparing, size_t r, int tested, struct comparison_row *row)
{
    const struct rows *rows = &comparing->rows;
    const struct rows_row *from = &rows->row[r];
    double none = (double)NAN;

    *row = (struct comparison_row){
        .finding = {.kind = from->kind,
                    .index = from->index,
                    .change = CHANGE_INCONCLUSIVE,
                    .ratio = interval_exp(estimate(comparing, rows->value, rows->count, r)),
                    .relative = {none, none, none},
                    .p = none,
                    .visible = none},
        .old_ns = side_time(comparing, from, 0),
        .new_ns = side_time(comparing, from, 1),
        .p_ratio = none,
        .p_relative = none,
        .rounds_needed = none};
    if (from->has_peers)
        row->finding.relative = interval_exp(estimate(comparing, rows->against, rows->count, r));
    if (!tested)
        return;
    row->p_ratio = comparing->p[comparing->own_at[r]];
    if (from->has_peers)
        row->p_relative = comparing->p[comparing->own_at[r] + 1];
    row->finding.p = fmin(row->p_ratio, row->p_relative);
    row->finding.visible =
        expm1(fmin(visible_shift(comparing, row->finding.kind, row->finding.ratio),
                   visible_shift(comparing, row->finding.kind, row->finding.relative)));
    row->rounds_needed = rounds_needed(comparing, row->finding.ratio);
}

static int enough(const struct samples *samples)
{
    if (samples->rounds > 0)
        return samples->rounds >= LEAST_PROCESSES;
    return samples->new_processes >= LEAST_PROCESSES &&
           samples->processes - samples->new_processes >= LEAST_PROCESSES;
}

int rows_compare(const struct samples *samples, const struct comparison_options *options,
                 struct comparison_table *table)
{
    struct comparing comparing = {.samples = samples, .options = options};
    struct arena *arena = &comparing.arena;

    *table = (struct comparison_table){0};
    if (!is_valid(samples))
        return -EINVAL;
    comparing.units = samples->rounds > 0 ? samples->rounds : samples->processes;
    rows_make(samples, arena, &comparing.rows);
    size_t count = comparing.rows.count;
    comparing.unit = arena_array(arena, samples->processes, sizeof(double));
    for (int i = 0; i < 2; i++)
        comparing.floors[i] = arena_array(arena, samples->processes, sizeof(double));
    comparing.p = arena_array(arena, 2 * count, sizeof *comparing.p);
    comparing.own_at = arena_array(arena, count, sizeof *comparing.own_at);
    *table = (struct comparison_table){
        .rows = calloc(count + 1, sizeof *table->rows), .count = count, .tested = enough(samples)};
    if (table->rows == NULL)
        arena->error = -ENOMEM;
    if (arena->error == 0 && table->tested)
        test_rows(&comparing, table);
    for (size_t r = 0; r < count && arena->error == 0; r++)
        fill_row(&comparing, r, table->tested, &table->rows[r]);
    for (size_t r = 0; r < count && arena->error == 0 && table->tested; r++)
        judge(&comparing, r, table);
    if (arena->error == 0 && table->tested)
        explain_means(&comparing, table);
    if (arena->error == 0)
        explain_diverged(&comparing, table);
    int error = arena->error;
    arena_free(arena);
    if (error != 0)
        comparison_table_free(table);
    return error;
}
