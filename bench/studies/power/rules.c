/* SPDX-License-Identifier: Apache-2.0 */
/* Our rule, and those of other tools, on one comparison. */
#include "power.h"
#include "src/statistics/quantiles.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What a row truly did: the log of its factor, its own and (single writers and cells) against the
 * peers. */
static double truth(const struct draw *draw, const struct data *data,
                    const struct comparison_row *row, int relative)
{
    double sum = 0, count = 0, step = log(draw->scenario->factor);

    for (size_t c = 0; c < data->cells; c++) {
        if (row->finding.kind == ROW_ALL ||
            (row->finding.kind == ROW_WRITER ? data->group[c] : c) == row->finding.index) {
            sum += power_is_changed(draw, data, c) ? step : 0;
            count++;
        }
    }
    double own = sum / count;
    if (!relative)
        return own;
    if (draw->scenario->target == EVERYTHING)
        return 0;
    if (draw->scenario->target == WRITER && row->finding.kind == ROW_WRITER)
        return row->finding.index == draw->writer ? own : data->groups == 2 ? -step : 0;
    if (draw->scenario->target == HALF ||
        (draw->scenario->target == CELL && row->finding.kind == ROW_WRITER))
        return (double)NAN; /* a mean of which one part moved, against a median */
    return draw->scenario->target == WRITER ? 0 : own;
}

static void cover(struct tally *tally, const struct comparison_row *row, double own,
                  double relative)
{
    tally->own_rows++;
    tally->own_covered += log(row->finding.ratio.low) <= own && own <= log(row->finding.ratio.high);
    if (isnan(row->finding.relative.low) || isnan(relative))
        return;
    tally->relative_rows++;
    tally->relative_covered +=
        log(row->finding.relative.low) <= relative && relative <= log(row->finding.relative.high);
}

int power_apply_ours(const struct draw *draw, const struct data *data, uint64_t seed,
                     struct tally *tally)
{
    struct comparison_options options = comparison_options_default();
    struct comparison_table table;
    int slower = 0, any = 0, found = 0;

    options.seed = seed;
    options.draws = 1999;
    int error = compare_samples(&draw->samples, &options, &table);
    if (error != 0)
        return error;
    for (size_t r = 0; r < table.count; r++) {
        const struct comparison_row *row = &table.rows[r];
        double own = truth(draw, data, row, 0);
        int is_target = (draw->scenario->target == EVERYTHING && row->finding.kind == ROW_ALL) ||
                        (draw->scenario->target == WRITER && row->finding.kind == ROW_WRITER &&
                         row->finding.index == draw->writer) ||
                        (draw->scenario->target == CELL && row->finding.kind == ROW_CELL &&
                         row->finding.index == draw->cell);
        cover(tally, row, own, truth(draw, data, row, 1));
        slower |= row->finding.change == CHANGE_SLOWER && !(own > 0);
        any |= (row->finding.change == CHANGE_SLOWER && !(own > log1p(options.margin))) ||
               (row->finding.change == CHANGE_FASTER && !(own < -log1p(options.margin)));
        found |= is_target && row->finding.change ==
                                  (draw->scenario->factor > 1 ? CHANGE_SLOWER : CHANGE_FASTER);
        if (row->finding.kind == ROW_WRITER && row->finding.index == 0)
            tally->visible += row->finding.visible;
    }
    tally->false_slower[OURS] += (size_t)slower;
    tally->false_any[OURS] += (size_t)any;
    tally->found[OURS] += (size_t)found;
    comparison_table_free(&table);
    return 0;
}

struct ranked {
    double value;
    int is_new;
};

static int by_value(const void *a, const void *b)
{
    double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;
    return (x > y) - (x < y);
}

/* Mann and Whitney's z over all repetitions, as scipy's mannwhitneyu takes it for samples of this
 * size (normal approximation, tie and continuity correction), and the ratio of the medians. */
static double u_test(const struct draw *draw, size_t cell, double *ratio)
{
    struct ranked all[2 * ROUNDS * REPETITIONS];
    double side[2][ROUNDS * REPETITIONS], rank_sum = 0, ties = 0;
    size_t count = 0, counts[2] = {0, 0};

    for (size_t p = 0; p < draw->samples.processes; p++) {
        int is_new = draw->samples.rounds > 0 ? (int)(p % 2) : p >= draw->samples.processes / 2;
        for (size_t s = 0; s < REPETITIONS; s++) {
            double value = draw->value[p * draw->samples.cells + cell][s];
            all[count++] = (struct ranked){value, is_new};
            side[is_new][counts[is_new]++] = value;
        }
    }
    qsort(all, count, sizeof *all, by_value);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i; end < count && all[end].value == all[i].value;)
            end++;
        double t = (double)(end - i);
        ties += t * t * t - t;
        for (size_t j = i; j < end; j++)
            rank_sum += all[j].is_new ? (double)(i + end + 1) / 2 : 0;
    }
    double m = (double)counts[1], n = (double)count;
    double u = rank_sum - m * (m + 1) / 2 - m * (n - m) / 2;
    double deviation = sqrt(m * (n - m) / 12 * (n + 1 - ties / (n * (n - 1))));
    stats_sort(side[0], counts[0]);
    stats_sort(side[1], counts[1]);
    *ratio = stats_median(side[1], counts[1]) / stats_median(side[0], counts[0]);
    return (fabs(u) - 0.5) / deviation * (u < 0 ? -1 : 1);
}

/* A writer (and everything) counts as found when more than half of its cells are. */
void power_apply_others(const struct draw *draw, const struct data *data, struct tally *tally)
{
    size_t slower[RULES] = {0}, any[RULES] = {0}, right[RULES] = {0}, changed = 0;

    for (size_t c = 0; c < data->cells; c++) {
        double ratio, z = u_test(draw, c, &ratio), step = log(draw->scenario->factor);
        int direction[RULES] = {[U_TEST] = z > 1.96    ? 1
                                           : z < -1.96 ? -1
                                                       : 0,
                                [THRESHOLD] = ratio > 1.1       ? 1
                                              : ratio < 1 / 1.1 ? -1
                                                                : 0};
        int own = !power_is_changed(draw, data, c) ? 0 : step > 0 ? 1 : step < 0 ? -1 : 0;
        changed += own != 0;
        for (int rule = U_TEST; rule < RULES; rule++) {
            slower[rule] += direction[rule] > 0 && own <= 0;
            any[rule] += direction[rule] != 0 && direction[rule] != own;
            right[rule] += direction[rule] != 0 && direction[rule] == own;
        }
    }
    for (int rule = U_TEST; rule < RULES; rule++) {
        tally->false_slower[rule] += slower[rule] > 0;
        tally->false_any[rule] += any[rule] > 0;
        tally->found[rule] += changed > 0 && 2 * right[rule] > changed;
    }
}

/* Wilson's 95 % interval of a share. */
void power_print_share(size_t hits, size_t count)
{
    double n = (double)count, p = (double)hits / n, z = 1.96;
    double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    char text[40];

    snprintf(text, sizeof text, "%.1f [%.1f, %.1f]", 100 * p, 100 * fmax(middle - half, 0),
             100 * fmin(middle + half, 1));
    printf(" | %-19s", text);
}
