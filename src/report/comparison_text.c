/* SPDX-License-Identifier: Apache-2.0 */
#include "comparison_text.h"

#include "finding_words.h"
#include "table.h"

#include "machine_costs_text.h"
#include "src/run/name_segments.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLD_FROM = 12 };
/* Of a writer's change: the row over all cells that changed by less was pulled along by it. */
#define MEAN_SHARE 0.8

static const char *const gate_words[] = {
    [GATE_OPEN] = "open",           [GATE_FEW] = "too few processes",
    [GATE_BLOCKS] = "blocks",       [GATE_MACHINES] = "other machines",
    [GATE_DIFFERENT] = "different", [GATE_NOTHING] = "nothing in common",
};

const char *compare_gate_word(enum gate gate) { return gate_words[gate]; }

static char *common_parts(const struct comparison *comparison)
{
    return name_segments_common(comparison->cell_names, comparison->samples.cells);
}

char *compare_row_name(const struct comparison *comparison, const struct comparison_row *row)
{
    if (row->finding.kind == ROW_ALL)
        return strdup("all cells");
    char *common = common_parts(comparison);
    char *name = common == NULL
                     ? NULL
                     : name_segments_without(row->finding.kind == ROW_WRITER
                                                 ? comparison->group_names[row->finding.index]
                                                 : comparison->cell_names[row->finding.index],
                                             common);
    free(common);
    return name;
}

void compare_order(const struct comparison *comparison, size_t *order)
{
    const struct comparison_table *table = &comparison->table;

    findings_order(
        &(struct findings){table->rows, sizeof *table->rows, table->count, MEAN_SHARE, NULL},
        order);
}

static void put_verdict(const struct comparison *comparison, const struct comparison_row *row,
                        char *text, size_t size)
{
    const char *unit = comparison->samples.rounds > 0 ? "rounds" : "a side";

    if (comparison->gate != GATE_OPEN)
        snprintf(text, size, "-");
    else if (row->finding.change == CHANGE_EQUIVALENT)
        snprintf(text, size, "equivalent within %g %%", 100 * comparison->options.margin);
    else if (row->finding.change == CHANGE_DIVERGED)
        snprintf(text, size, "it or its peers moved");
    else if (row->finding.change != CHANGE_INCONCLUSIVE)
        snprintf(text, size, "%s%s", finding_change_word(row->finding.change),
                 row->finding.by_relative ? " than its peers" : "");
    else if (isfinite(row->rounds_needed) && row->rounds_needed < 1e6)
        snprintf(text, size, "inconclusive: needs %.0f %s", row->rounds_needed, unit);
    else
        snprintf(text, size, "inconclusive");
}

struct interval compare_exp(struct interval log_ratio)
{
    return (struct interval){exp(log_ratio.estimate), exp(log_ratio.low), exp(log_ratio.high)};
}

static void add_row(struct table *grid, const struct comparison *comparison,
                    const struct comparison_row *row)
{
    char *name = compare_row_name(comparison, row);
    char old_time[FORMAT_MAX], new_time[FORMAT_MAX], p[FORMAT_MAX];
    char ratio[FORMAT_INTERVAL_MAX], relative[FORMAT_INTERVAL_MAX], verdict[80];
    size_t r = table_row(grid);

    format_time(row->old_ns, old_time);
    format_time(row->new_ns, new_time);
    format_change_interval(row->finding.ratio, ratio);
    format_change_interval(row->finding.relative, relative);
    format_p(row->finding.p, p);
    put_verdict(comparison, row, verdict, sizeof verdict);
    table_set(grid, r, 0, "%s", name != NULL ? name : "");
    table_set(grid, r, 1, "%s", old_time);
    table_set(grid, r, 2, "%s", new_time);
    table_set(grid, r, 3, "%s", ratio);
    table_set(grid, r, 4, "%s", relative);
    table_set(grid, r, 5, "%s", p);
    table_set(grid, r, 6, "%s", verdict);
    free(name);
}

static double median_visible(const struct comparison *comparison, int of_cells)
{
    size_t count = 0;
    double *values = calloc(comparison->table.count + 1, sizeof *values), median = (double)NAN;

    for (size_t r = 0; values != NULL && r < comparison->table.count; r++) {
        const struct comparison_row *row = &comparison->table.rows[r];
        if ((row->finding.kind == ROW_CELL) == of_cells && isfinite(row->finding.visible))
            values[count++] = row->finding.visible;
    }
    if (count > 0) {
        stats_sort(values, count);
        median = stats_median(values, count);
    }
    free(values);
    return median;
}

/* A cell that became slower with its writer, and no more than its writer, tells nothing new. */
static int follows_writer(const struct comparison *comparison, const struct comparison_row *row)
{
    for (size_t r = 0; r < comparison->table.count; r++) {
        const struct comparison_row *writer = &comparison->table.rows[r];
        if (writer->finding.kind == ROW_WRITER &&
            writer->finding.index == comparison->samples.group[row->finding.index])
            return writer->finding.change == row->finding.change && !row->finding.by_relative &&
                   row->p_relative > row->finding.p;
    }
    return 0;
}

/* Without --all. */
static int is_folded(const struct comparison *comparison, const struct comparison_row *row)
{
    return row->finding.kind == ROW_CELL &&
           (!finding_is_change(&row->finding) || follows_writer(comparison, row));
}

static void put_rows(struct document *document, const struct comparison *comparison, int all)
{
    size_t *order = calloc(comparison->table.count + 1, sizeof *order), folded = 0;
    struct table grid;
    int fold = !all && comparison->table.count > FOLD_FROM;

    if (order == NULL) {
        document->error = -ENOMEM;
        return;
    }
    compare_order(comparison, order);
    table_begin(&grid, document, NULL, NULL, 0);
    table_column(&grid, ALIGN_LEFT, 0, "row");
    table_column(&grid, ALIGN_RIGHT, 1, "old");
    table_column(&grid, ALIGN_RIGHT, 1, "new");
    table_column(&grid, ALIGN_LEFT, 2, "change, %% [%g %%]", 100 * comparison->options.confidence);
    table_column(&grid, ALIGN_LEFT, 3, "against peers, %%");
    table_column(&grid, ALIGN_RIGHT, 4, "p");
    table_column(&grid, ALIGN_LEFT, 4, "verdict");
    for (size_t i = 0; i < comparison->table.count; i++) {
        const struct comparison_row *row = &comparison->table.rows[order[i]];
        if (fold && is_folded(comparison, row))
            folded++;
        else
            add_row(&grid, comparison, row);
    }
    table_end(&grid);
    free(order);
    if (folded > 0)
        document_note(
            document, "",
            "%zu cells are folded: they have no finding, or only follow their writer; --all "
            "shows them.",
            folded);
}

static void put_visible(struct document *document, const struct comparison *comparison)
{
    char rows[FORMAT_MAX], cells[FORMAT_MAX];
    double of_rows = median_visible(comparison, 0), of_cells = median_visible(comparison, 1);

    format_percent(of_rows, rows);
    format_percent(of_cells, cells);
    if (isfinite(of_rows) && isfinite(of_cells))
        document_paragraph(
            document, "",
            "A change of %s of a writer or of %s of a single cell would probably have "
            "been found.",
            rows, cells);
    else if (isfinite(of_cells))
        document_paragraph(
            document, "", "A change of %s of a single cell would probably have been found.", cells);
}

static void put_headline(struct document *document, const struct comparison *comparison)
{
    enum change change = comparison->slower > 0 ? CHANGE_SLOWER : CHANGE_FASTER;
    int count = comparison->slower > 0 ? comparison->slower : comparison->faster;
    size_t *order = calloc(comparison->table.count + 1, sizeof *order);
    const struct comparison_row *row;

    if (order == NULL) {
        document->error = -ENOMEM;
        return;
    }
    compare_order(comparison, order);
    row = &comparison->table.rows[order[0]];
    if (comparison->gate != GATE_OPEN) {
        document_heading(document, "No verdict");
    } else if (comparison->slower == 0 && comparison->apart > 0) {
        document_heading(document,
                         "Something moved, and it is uncertain whether it became slower or the "
                         "rest faster");
    } else if (count == 0) {
        document_heading(document, "Nothing became slower");
    } else {
        char *name = compare_row_name(comparison, row), by[FORMAT_MAX];
        format_change(row->finding.by_relative ? row->finding.relative.estimate
                                               : row->finding.ratio.estimate,
                      by);
        const char *unit = strchr(by, 'x') == NULL ? " %" : "";
        if (count > 1)
            document_heading(document, "%s: %s (%s%s) and %d more",
                             change == CHANGE_SLOWER ? "Slower"
                                                     : "Faster, and nothing became slower",
                             name != NULL ? name : "", by, unit, count - 1);
        else
            document_heading(document, "%s: %s (%s%s)",
                             change == CHANGE_SLOWER ? "Slower"
                                                     : "Faster, and nothing became slower",
                             name != NULL ? name : "", by, unit);
        free(name);
    }
    free(order);
}

static void put_design(struct document *document, const struct comparison *comparison)
{
    char *common = common_parts(comparison);

    if (comparison->samples.rounds > 0)
        document_paragraph(document, "", "%zu rounds of old and new, %zu cells%s%s.",
                           comparison->samples.rounds, comparison->samples.cells,
                           common != NULL && *common != '\0' ? ", all of " : "",
                           common != NULL ? common : "");
    else
        document_paragraph(document, "", "%zu old and %zu new processes, %zu cells%s%s.",
                           comparison->old_count, comparison->new_count, comparison->samples.cells,
                           common != NULL && *common != '\0' ? ", all of " : "",
                           common != NULL ? common : "");
    free(common);
}

void compare_show_body(struct document *document, const struct comparison *comparison, int all)
{
    if (comparison->refusal != NULL)
        document_paragraph(document, "", "There is no verdict: %s.", comparison->refusal);
    if (comparison->compared) {
        put_design(document, comparison);
        put_rows(document, comparison, all);
        if (comparison->table.tested) {
            put_visible(document, comparison);
            document_note(
                document, "",
                "Slower or faster is what holds with an error of %g %% over the whole table "
                "and is beyond %g %%. p is %s.",
                100 * comparison->options.alpha, 100 * comparison->options.margin,
                comparison->table.exact ? "exact" : "of sampled permutations");
        }
    }
    for (size_t i = 0; i < comparison->note_count; i++)
        document_paragraph(document, "", "%s", comparison->notes[i]);
    if (comparison->beside != NULL)
        machine_costs_show(document, comparison->beside, all);
}

int report_comparison(FILE *out, const struct comparison *comparison, const struct view *view,
                      int all)
{
    struct document document = document_begin(out, view);

    if (view->format == &format_csv)
        return compare_write_csv(out, comparison);
    if (view->format == &format_json)
        return compare_write_json(out, comparison);
    put_headline(&document, comparison);
    compare_show_body(&document, comparison, all);
    return document_finish(&document);
}
