/* SPDX-License-Identifier: Apache-2.0 */
/* A second look at what differs from its peers, without those peers that moved themselves. */
#include "rows.h"

/* What is left of the samples without the cells that moved. */
struct remainder {
    struct samples samples;
    size_t *place; /* [cell]: where it is now; the number of cells for those that are gone */
};

static double found_by(const struct comparison_row *row)
{
    if (!finding_moved(&row->finding) || row->finding.kind != ROW_CELL)
        return 0;
    return fabs(log(row->finding.by_relative ? row->finding.relative.estimate
                                             : row->finding.ratio.estimate));
}

/* Cells that were found by their own times, and those that moved against their peers at least half
 * as far as the one that moved farthest: a cell that others only left behind moves less. */
static size_t mark_movers(const struct comparison_table *table, int *gone)
{
    double farthest = 0;
    size_t movers = 0;

    for (size_t r = 0; r < table->count; r++)
        farthest = fmax(farthest, found_by(&table->rows[r]));
    for (size_t r = 0; r < table->count; r++) {
        const struct comparison_row *row = &table->rows[r];
        double moved = found_by(row);
        if (moved > 0 && (!row->finding.by_relative || moved >= farthest / 2)) {
            gone[row->finding.index] = 1;
            movers++;
        }
    }
    return movers;
}

/* The peers who moved could explain what was found. */
static int is_doubtful(const struct comparison_row *row, const int *gone)
{
    return (row->finding.by_relative || row->finding.change == CHANGE_DIVERGED) &&
           (row->finding.kind != ROW_CELL || !gone[row->finding.index]);
}

static void take_remainder(const struct samples *samples, const int *gone, struct arena *arena,
                           struct remainder *remainder)
{
    size_t cells = 0, grid = samples->processes * samples->cells;
    const double **value = arena_array(arena, grid, sizeof *value);
    size_t *count = arena_array(arena, grid, sizeof *count);
    size_t *group = arena_array(arena, samples->cells, sizeof *group);

    remainder->place = arena_array(arena, samples->cells, sizeof *remainder->place);
    if (arena->error != 0)
        return;
    for (size_t c = 0; c < samples->cells; c++) {
        remainder->place[c] = gone[c] ? samples->cells : cells;
        if (!gone[c])
            group[cells++] = samples->group[c];
    }
    for (size_t i = 0, kept = 0; i < grid; i++)
        if (!gone[i % samples->cells]) {
            value[kept] = samples->value[i];
            count[kept++] = samples->count[i];
        }
    remainder->samples = *samples;
    remainder->samples.cells = cells;
    remainder->samples.group = group;
    remainder->samples.value = value;
    remainder->samples.count = count;
}

static const struct comparison_row *same_row(const struct comparison_table *again,
                                             const struct comparison_row *row, const size_t *place)
{
    size_t index = row->finding.kind == ROW_CELL ? place[row->finding.index] : row->finding.index;

    for (size_t r = 0; r < again->count; r++)
        if (again->rows[r].finding.kind == row->finding.kind &&
            again->rows[r].finding.index == index)
            return &again->rows[r];
    return NULL;
}

static int has_gone(const struct samples *samples, size_t group, const int *gone)
{
    for (size_t c = 0; c < samples->cells; c++)
        if (gone[c] && samples->group[c] == group)
            return 1;
    return 0;
}

/* What was found against the peers has to be found without those that moved, too. A writer moves
 * with its cells: that is not withdrawn. */
static void take_confirmed(const struct samples *samples, const int *gone,
                           const struct comparison_table *again, const size_t *place,
                           struct comparison_table *table)
{
    for (size_t r = 0; r < table->count; r++) {
        struct comparison_row *row = &table->rows[r];
        if (!is_doubtful(row, gone) ||
            (row->finding.kind == ROW_WRITER && row->finding.by_relative &&
             has_gone(samples, row->finding.index, gone)))
            continue;
        const struct comparison_row *other = same_row(again, row, place);
        if (other != NULL &&
            (other->finding.change == row->finding.change ||
             (row->finding.change == CHANGE_DIVERGED && other->finding.by_relative)))
            continue;
        row->finding.change = CHANGE_INCONCLUSIVE;
        row->finding.by_relative = 0;
        row->p_relative = other != NULL && !isnan(other->p_relative)
                              ? fmax(row->p_relative, other->p_relative)
                              : row->p_relative;
        row->finding.p = fmin(row->p_ratio, row->p_relative);
    }
}

int compare_samples(const struct samples *samples, const struct comparison_options *options,
                    struct comparison_table *table)
{
    int error = rows_compare(samples, options, table);
    if (error != 0 || !table->tested)
        return error;
    struct comparison_table again = {0};
    struct remainder remainder = {0};
    struct arena arena = {0};
    int *gone = arena_array(&arena, samples->cells, sizeof *gone);
    size_t movers = gone != NULL ? mark_movers(table, gone) : 0, doubtful = 0;

    for (size_t r = 0; movers > 0 && r < table->count; r++)
        doubtful += (size_t)is_doubtful(&table->rows[r], gone);
    if (doubtful > 0 && movers < samples->cells) {
        take_remainder(samples, gone, &arena, &remainder);
        if (arena.error == 0)
            arena.error = rows_compare(&remainder.samples, options, &again);
        if (arena.error == 0)
            take_confirmed(samples, gone, &again, remainder.place, table);
        comparison_table_free(&again);
    }
    error = arena.error;
    arena_free(&arena);
    if (error != 0)
        comparison_table_free(table);
    return error;
}
