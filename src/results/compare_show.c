/* SPDX-License-Identifier: Apache-2.0 */
#include "compare_show.h"

#include "beside_show.h"
#include "parts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FOLD_FROM = 12 };
#define ALL_SHARE 0.8

static const char *const change_words[] = {
    [RESULTS_SLOWER] = "slower",      [RESULTS_FASTER] = "faster", [RESULTS_SAME] = "same",
    [RESULTS_UNTOLD] = "cannot tell", [RESULTS_APART] = "apart",
};

static const char *const gate_words[] = {
    [RESULTS_GATE_OPEN] = "open",           [RESULTS_GATE_FEW] = "too few processes",
    [RESULTS_GATE_BLOCKS] = "blocks",       [RESULTS_GATE_MACHINES] = "other machines",
    [RESULTS_GATE_DIFFERENT] = "different", [RESULTS_GATE_NOTHING] = "nothing in common",
};

const char *compare_change_word(enum results_change change) { return change_words[change]; }
const char *compare_gate_word(enum results_gate gate) { return gate_words[gate]; }

/* ---- names ---- */

static char *common_parts(const struct results_comparison *comparison)
{
    return parts_common(comparison->cell_names, comparison->samples.cells);
}

char *compare_row_name(const struct results_comparison *comparison,
                       const struct results_compare_row *row)
{
    if (row->kind == RESULTS_ROW_ALL)
        return strdup("all cells");
    char *common = common_parts(comparison);
    char *name = common == NULL ? NULL
                                : parts_without(row->kind == RESULTS_ROW_WRITER
                                                    ? comparison->group_names[row->index]
                                                    : comparison->cell_names[row->index],
                                                common);
    free(common);
    return name;
}

/* ---- order ---- */

static double size_of(const struct results_compare_row *row)
{
    return fabs(log(row->by_relative || row->change == RESULTS_APART ? row->relative.estimate
                                                                     : row->ratio.estimate));
}

static int rank_of(enum results_change change)
{
    return change == RESULTS_SLOWER ? 3 : change == RESULTS_APART ? 2 : change == RESULTS_FASTER;
}

static int comes_before(const struct results_compare_row *a, const struct results_compare_row *b)
{
    int a_found = rank_of(a->change), b_found = rank_of(b->change);

    if (a_found != b_found)
        return a_found > b_found;
    /* What one writer does pulls the row over all cells along: then it is not what changed. */
    if (a_found > 0 && a->kind + b->kind == RESULTS_ROW_ALL + RESULTS_ROW_WRITER)
        return a->kind == RESULTS_ROW_ALL ? size_of(a) >= ALL_SHARE * size_of(b)
                                          : ALL_SHARE * size_of(a) > size_of(b);
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return a_found > 0 && size_of(a) > size_of(b);
}

void compare_order(const struct results_comparison *comparison, size_t *order)
{
    const struct results_compare_row *rows = comparison->table.rows;

    for (size_t i = 0; i < comparison->table.count; i++) {
        size_t at = i;
        for (; at > 0 && comes_before(&rows[i], &rows[order[at - 1]]); at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

/* ---- text ---- */

void compare_put_estimate(double ratio, char text[FORMAT_MAX])
{
    double percent = 100 * (ratio - 1);
    if (!isfinite(percent))
        snprintf(text, FORMAT_MAX, "-");
    else if (fabs(percent) >= 1000)
        snprintf(text, FORMAT_MAX, "%.3gx", ratio);
    else
        snprintf(text, FORMAT_MAX, "%s%.1f", percent >= 0 ? "+" : "−", fabs(percent));
}

void compare_put_change(struct results_interval interval, char text[COMPARE_CHANGE_MAX])
{
    char estimate[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX];

    compare_put_estimate(interval.estimate, estimate);
    compare_put_estimate(interval.low, low);
    compare_put_estimate(interval.high, high);
    if (isnan(interval.low))
        snprintf(text, COMPARE_CHANGE_MAX, "%s", estimate);
    else
        snprintf(text, COMPARE_CHANGE_MAX, "%s [%s, %s]", estimate, low, high);
}

static void put_verdict(const struct results_comparison *comparison,
                        const struct results_compare_row *row, char *text, size_t size)
{
    const char *unit = comparison->samples.rounds > 0 ? "rounds" : "a side";

    if (comparison->gate != RESULTS_GATE_OPEN)
        snprintf(text, size, "-");
    else if (row->change == RESULTS_SAME)
        snprintf(text, size, "same within %g %%", 100 * comparison->options.margin);
    else if (row->change == RESULTS_APART)
        snprintf(text, size, "it or its peers moved");
    else if (row->change != RESULTS_UNTOLD)
        snprintf(text, size, "%s%s", change_words[row->change],
                 row->by_relative ? " than its peers" : "");
    else if (isfinite(row->rounds_needed) && row->rounds_needed < 1e6)
        snprintf(text, size, "cannot tell: needs %.0f %s", row->rounds_needed, unit);
    else
        snprintf(text, size, "cannot tell");
}

struct results_interval compare_exp(struct results_interval log_ratio)
{
    return (struct results_interval){exp(log_ratio.estimate), exp(log_ratio.low),
                                     exp(log_ratio.high)};
}

void compare_put_p(double p, char text[FORMAT_MAX])
{
    if (isnan(p))
        snprintf(text, FORMAT_MAX, "-");
    else if (p < 0.001)
        snprintf(text, FORMAT_MAX, "<0.001");
    else
        snprintf(text, FORMAT_MAX, "%.3f", p);
}

static void add_row(struct grid *grid, const struct results_comparison *comparison,
                    const struct results_compare_row *row)
{
    char *name = compare_row_name(comparison, row);
    char old_time[FORMAT_MAX], new_time[FORMAT_MAX], p[FORMAT_MAX];
    char ratio[COMPARE_CHANGE_MAX], relative[COMPARE_CHANGE_MAX], verdict[80];
    size_t r = grid_row(grid);

    format_time(row->old_ns, old_time);
    format_time(row->new_ns, new_time);
    compare_put_change(row->ratio, ratio);
    compare_put_change(row->relative, relative);
    compare_put_p(row->p, p);
    put_verdict(comparison, row, verdict, sizeof verdict);
    grid_set(grid, r, 0, "%s", name != NULL ? name : "");
    grid_set(grid, r, 1, "%s", old_time);
    grid_set(grid, r, 2, "%s", new_time);
    grid_set(grid, r, 3, "%s", ratio);
    grid_set(grid, r, 4, "%s", relative);
    grid_set(grid, r, 5, "%s", p);
    grid_set(grid, r, 6, "%s", verdict);
    free(name);
}

static double median_visible(const struct results_comparison *comparison, int of_cells)
{
    size_t count = 0;
    double *values = calloc(comparison->table.count + 1, sizeof *values), median = (double)NAN;

    for (size_t r = 0; values != NULL && r < comparison->table.count; r++) {
        const struct results_compare_row *row = &comparison->table.rows[r];
        if ((row->kind == RESULTS_ROW_CELL) == of_cells && isfinite(row->visible))
            values[count++] = row->visible;
    }
    if (count > 0) {
        results_sort(values, count);
        median = results_median(values, count);
    }
    free(values);
    return median;
}

/* A cell that became slower with its writer, and no more than its writer, tells nothing new. */
static int follows_writer(const struct results_comparison *comparison,
                          const struct results_compare_row *row)
{
    for (size_t r = 0; r < comparison->table.count; r++) {
        const struct results_compare_row *writer = &comparison->table.rows[r];
        if (writer->kind == RESULTS_ROW_WRITER &&
            writer->index == comparison->samples.group[row->index])
            return writer->change == row->change && !row->by_relative && row->p_relative > row->p;
    }
    return 0;
}

/* Without --all. */
static int is_folded(const struct results_comparison *comparison,
                     const struct results_compare_row *row)
{
    return row->kind == RESULTS_ROW_CELL &&
           (rank_of(row->change) == 0 || follows_writer(comparison, row));
}

static void put_rows(struct page *page, const struct results_comparison *comparison, int all)
{
    size_t *order = calloc(comparison->table.count + 1, sizeof *order), folded = 0;
    struct grid grid;
    int fold = !all && comparison->table.count > FOLD_FROM;

    if (order == NULL) {
        page->error = -ENOMEM;
        return;
    }
    compare_order(comparison, order);
    grid_begin(&grid, page);
    grid_column(&grid, PAGE_LEFT, 0, "row");
    grid_column(&grid, PAGE_RIGHT, 1, "old");
    grid_column(&grid, PAGE_RIGHT, 1, "new");
    grid_column(&grid, PAGE_LEFT, 2, "change, %% [%g %%]", 100 * comparison->options.confidence);
    grid_column(&grid, PAGE_LEFT, 3, "against peers, %%");
    grid_column(&grid, PAGE_RIGHT, 4, "p");
    grid_column(&grid, PAGE_LEFT, 4, "verdict");
    for (size_t i = 0; i < comparison->table.count; i++) {
        const struct results_compare_row *row = &comparison->table.rows[order[i]];
        if (fold && is_folded(comparison, row))
            folded++;
        else
            add_row(&grid, comparison, row);
    }
    grid_end(&grid);
    free(order);
    if (folded > 0)
        page_note(page, "",
                  "%zu cells are folded: they have no finding, or only follow their writer; --all "
                  "shows them.",
                  folded);
}

static void put_visible(struct page *page, const struct results_comparison *comparison)
{
    char rows[FORMAT_MAX], cells[FORMAT_MAX];
    double of_rows = median_visible(comparison, 0), of_cells = median_visible(comparison, 1);

    format_percent(of_rows, rows);
    format_percent(of_cells, cells);
    if (isfinite(of_rows) && isfinite(of_cells))
        page_paragraph(page, "",
                       "A change of %s of a writer or of %s of a single cell would probably have "
                       "been found.",
                       rows, cells);
    else if (isfinite(of_cells))
        page_paragraph(page, "", "A change of %s of a single cell would probably have been found.",
                       cells);
}

static const struct results_compare_row *worst(const struct results_comparison *comparison,
                                               enum results_change change)
{
    const struct results_compare_row *found = NULL;

    for (size_t r = 0; r < comparison->table.count; r++) {
        const struct results_compare_row *row = &comparison->table.rows[r];
        if (row->change == change && (found == NULL || comes_before(row, found)))
            found = row;
    }
    return found;
}

static void put_headline(struct page *page, const struct results_comparison *comparison)
{
    enum results_change change = comparison->slower > 0 ? RESULTS_SLOWER : RESULTS_FASTER;
    int count = comparison->slower > 0 ? comparison->slower : comparison->faster;
    const struct results_compare_row *row = worst(comparison, change);

    if (comparison->gate != RESULTS_GATE_OPEN) {
        page_heading(page, "No verdict");
    } else if (comparison->slower == 0 && comparison->apart > 0) {
        page_heading(page,
                     "Something moved, and it is uncertain whether it became slower or the "
                     "rest faster");
    } else if (row == NULL) {
        page_heading(page, "Nothing became slower");
    } else {
        char *name = compare_row_name(comparison, row), by[FORMAT_MAX];
        compare_put_estimate(row->by_relative ? row->relative.estimate : row->ratio.estimate, by);
        const char *unit = strchr(by, 'x') == NULL ? " %" : "";
        if (count > 1)
            page_heading(page, "%s: %s (%s%s) and %d more",
                         change == RESULTS_SLOWER ? "Slower" : "Faster, and nothing became slower",
                         name != NULL ? name : "", by, unit, count - 1);
        else
            page_heading(page, "%s: %s (%s%s)",
                         change == RESULTS_SLOWER ? "Slower" : "Faster, and nothing became slower",
                         name != NULL ? name : "", by, unit);
        free(name);
    }
}

static void put_design(struct page *page, const struct results_comparison *comparison)
{
    char *common = common_parts(comparison);

    if (comparison->samples.rounds > 0)
        page_paragraph(page, "", "%zu rounds of old and new, %zu cells%s%s.",
                       comparison->samples.rounds, comparison->samples.cells,
                       common != NULL && *common != '\0' ? ", all of " : "",
                       common != NULL ? common : "");
    else
        page_paragraph(page, "", "%zu old and %zu new processes, %zu cells%s%s.",
                       comparison->old_count, comparison->new_count, comparison->samples.cells,
                       common != NULL && *common != '\0' ? ", all of " : "",
                       common != NULL ? common : "");
    free(common);
}

void compare_show_body(struct page *page, const struct results_comparison *comparison, int all)
{
    if (comparison->refusal != NULL)
        page_paragraph(page, "", "There is no verdict: %s.", comparison->refusal);
    if (comparison->compared) {
        put_design(page, comparison);
        put_rows(page, comparison, all);
        if (comparison->table.tested) {
            put_visible(page, comparison);
            page_note(page, "",
                      "Slower or faster is what holds with an error of %g %% over the whole table "
                      "and is beyond %g %%. p is %s.",
                      100 * comparison->options.alpha, 100 * comparison->options.margin,
                      comparison->table.exact ? "exact" : "of sampled permutations");
        }
    }
    for (size_t i = 0; i < comparison->note_count; i++)
        page_paragraph(page, "", "%s", comparison->notes[i]);
    if (comparison->beside != NULL)
        beside_show(page, comparison->beside, all);
}

int results_show_comparison(FILE *out, const struct results_comparison *comparison,
                            const struct results_view *view, int all)
{
    struct page page = page_begin(out, view);

    if (view->format == RESULTS_FORMAT_CSV)
        return compare_write_csv(out, comparison);
    if (view->format == RESULTS_FORMAT_JSON)
        return compare_write_json(out, comparison);
    put_headline(&page, comparison);
    compare_show_body(&page, comparison, all);
    return page_finish(&page);
}
