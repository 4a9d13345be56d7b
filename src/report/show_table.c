/* SPDX-License-Identifier: Apache-2.0 */
/* The table of one file state, sync mode and size, and the plain table of other projects' rows. */
#include "format.h"
#include "show_common.h"
#include "src/analysis/summary.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct range {
    double lowest, highest; /* of the medians; NaN: there are none */
    size_t fewest, most;    /* samples a cell */
    int intervals;          /* some cell has one */
};

static void extend(struct range *range, const struct summary *summary)
{
    if (summary->samples == 0)
        return;
    if (summary->median > 0 && !(summary->median >= range->lowest))
        range->lowest = summary->median;
    if (!(summary->median <= range->highest))
        range->highest = summary->median;
    if (range->fewest == 0 || summary->samples < range->fewest)
        range->fewest = summary->samples;
    if (summary->samples > range->most)
        range->most = summary->samples;
    range->intervals |= isfinite(summary->median_low) && summary->median > 0;
}

/* A cell's summary; a cell of which the file keeps only aggregates lends its median. */
static int summary_of(const struct cell *cell, enum metric metric, struct summary *summary)
{
    int error = cell_summarise(cell, metric, summary);
    if (error == -ENODATA && metric == METRIC_TIME && isfinite(cell->aggregate_ns))
        summary->median = cell->aggregate_ns;
    return error == -ENODATA ? 0 : error;
}

static struct summary *summarise(struct show *show, const struct cell *const *cells, size_t count,
                                 struct range *range)
{
    struct summary *summaries = calloc(count + 1, sizeof *summaries);

    *range = (struct range){(double)NAN, (double)NAN, 0, 0, 0};
    if (summaries == NULL)
        show->document.error = -ENOMEM;
    for (size_t i = 0; show->document.error == 0 && i < count; i++) {
        if (cells[i] == NULL)
            continue;
        show->document.error = summary_of(cells[i], show->view->metric, &summaries[i]);
        extend(range, &summaries[i]);
        if (summaries[i].samples == 0 && isfinite(summaries[i].median)) {
            range->lowest = fmin(range->lowest, summaries[i].median);
            range->highest = fmax(range->highest, summaries[i].median);
        }
    }
    return summaries;
}

static void format_value(double value, const struct unit *unit, char text[FORMAT_MAX])
{
    if (*unit->name == '\0')
        format_count(value, text);
    else
        format_number(value / unit->divisor, text);
}

static void put_value(struct table *grid, size_t row, size_t column, const struct cell *cell,
                      const struct summary *summary, const struct unit *unit)
{
    char number[FORMAT_MAX], percent[FORMAT_MAX];
    double half = format_half_width(summary->median, summary->median_low, summary->median_high);

    if (cell == NULL)
        return;
    if (summary->samples == 0 && !(isfinite(summary->median) && summary->median > 0)) {
        table_set(grid, row, column, "%s",
                  cell->errors > 0    ? "error"
                  : cell->skipped > 0 ? "skipped"
                                      : "-");
        return;
    }
    format_value(summary->median, unit, number);
    table_set(grid, row, column, "%s", number);
    if (isfinite(half) && half > 0) {
        format_percent(half, percent);
        table_tail(grid, row, column, "±%s", percent);
    }
    if (cell->errors > 0)
        table_tail(grid, row, column, "%zu failed", cell->errors);
}

/* "ms: median of 20 samples, ± its 95 % interval": what a number in the table is. */
static void put_caption(struct show *show, const char *label, const char *unit,
                        const struct range *range)
{
    char samples[FORMAT_MAX * 2] = "";

    if (range->most == 1)
        snprintf(samples, sizeof samples, "a single sample");
    else if (range->most == range->fewest && range->most > 1)
        snprintf(samples, sizeof samples, "median of %zu samples", range->most);
    else if (range->most > 1)
        snprintf(samples, sizeof samples, "median of %zu to %zu samples", range->fewest,
                 range->most);
    else
        snprintf(samples, sizeof samples, "as the file has it");
    document_note(&show->document, "", "%s%s%s: %s%s", label, *unit != '\0' ? " in " : "", unit,
                  samples,
                  range->intervals ? ", ± the wider side of the median's 95 % interval (in this "
                                     "process; another run of the same may differ by more)"
                                   : "");
}

static void put_legend(struct show *show, int tied, int single)
{
    char margin[FORMAT_MAX];

    format_percent(TIE_MARGIN, margin);
    if (single)
        document_note(&show->document, "", "* fastest of its row%s",
                      tied ? "   = within 2 % of it" : "");
    else
        document_note(
            &show->document, "",
            "* fastest of its row%s%s; judged by the mean of the faster half of the samples",
            tied ? ", = cannot be told from the fastest (5 % a row) or within " : "",
            tied ? margin : "");
}

/* Fills the rows; returns which marks were set: 1 a best, 2 a tie. */
static int put_rows(struct show *show, const struct cell_table *table, struct table *grid,
                    const struct summary *summaries, const struct unit *unit)
{
    char bytes[FORMAT_MAX];
    int marked = 0;
    enum mark *marks = calloc(table->writer_count + 1, sizeof *marks);

    if (marks == NULL) {
        show->document.error = -ENOMEM;
        return 0;
    }
    for (size_t i = 0; show->document.error == 0 && i < table->chunk_count; i++) {
        size_t row = table_row(grid);
        format_bytes((double)table->chunk_bytes[i], bytes);
        table_set(grid, row, 0, "%s", bytes);
        int error = show_marks(show, table, i, marks);
        if (error != 0)
            show->document.error = error;
        for (size_t w = 0; show->document.error == 0 && w < table->writer_count; w++) {
            put_value(grid, row, w + 1, cell_table_at(table, i, w),
                      &summaries[i * table->writer_count + w], unit);
            table_mark(grid, row, w + 1, marks[w]);
            marked |= marks[w] == MARK_BEST ? 1 : marks[w] == MARK_TIED ? 2 : 0;
        }
    }
    free(marks);
    return marked;
}

void show_table(struct show *show, const struct cell_table *table)
{
    char name[200];
    struct range range;
    struct table grid;
    const struct metric_info *info = metric_info(show->view->metric);

    struct summary *summaries =
        summarise(show, table->cells, table->chunk_count * table->writer_count, &range);
    const struct unit *unit = format_unit(info->kind, range.lowest, range.highest);
    show_table_name(table, name, sizeof name);
    document_heading(&show->document, "%s", *name != '\0' ? name : "By chunk size");
    put_caption(show, info->label, unit->name, &range);
    table_begin(&grid, &show->document, NULL, NULL, 0);
    table_column(&grid, ALIGN_RIGHT, 0, "chunk");
    for (size_t w = 0; w < table->writer_count; w++)
        table_column(&grid, ALIGN_NUMBER, w < table->mapping_count ? 1 : 2, "%.*s",
                     (int)table->writers[w].length, table->writers[w].text);
    int marked = show->document.error == 0 ? put_rows(show, table, &grid, summaries, unit) : 0;
    table_end(&grid);
    if (marked != 0)
        put_legend(show, marked & 2, range.most <= 1);
    free(summaries);
}

static void put_bound(struct table *grid, size_t row, size_t column, double value,
                      const struct unit *unit)
{
    char number[FORMAT_MAX];

    format_value(value, unit, number);
    table_set(grid, row, column, "%s", number);
}

/* unit NULL: the rows differ too much for one unit, each has its own. */
static void put_plain_row(struct table *grid, enum metric_kind kind, const struct cell *cell,
                          const struct summary *summary, const struct unit *common)
{
    size_t row = table_row(grid);
    const struct unit *unit =
        common != NULL ? common : format_unit(kind, summary->median / 10, summary->median);

    table_set(grid, row, 0, "%s", cell->name);
    put_value(grid, row, 1, cell, summary, unit);
    if (common == NULL && isfinite(summary->median))
        table_set(grid, row, 2, "%s", unit->name);
    if (summary->samples > 0) {
        put_bound(grid, row, 3, summary->minimum, unit);
        put_bound(grid, row, 4, summary->maximum, unit);
        table_set(grid, row, 5, "%zu", summary->samples);
    }
    if (cell->error != NULL && cell->samples == 0)
        table_set(grid, row, 6, "%.60s", cell->error);
}

static int any_error(const struct cell_tables *tables)
{
    for (size_t i = 0; i < tables->plain_count; i++)
        if (tables->plain[i]->error != NULL && tables->plain[i]->samples == 0)
            return 1;
    return 0;
}

/* Rows that hold nothing at all, such as a complexity's aggregate, would only be in the way. */
static int is_worth_a_row(const struct cell *cell)
{
    return cell->samples + cell->errors + cell->skipped + cell->unusable > 0 ||
           isfinite(cell->aggregate_ns);
}

void show_plain(struct show *show)
{
    const struct cell_tables *tables = &show->tables;
    enum metric_kind kind = metric_info(show->view->metric)->kind;
    int is_time = show->view->metric == METRIC_TIME;
    struct range range;
    struct table grid;

    if (tables->plain_count == 0)
        return;
    struct summary *summaries = summarise(show, tables->plain, tables->plain_count, &range);
    const struct unit *unit = format_unit(kind, range.lowest, range.highest);
    if (range.highest / range.lowest > 1e5 && kind != METRIC_KIND_COUNT)
        unit = NULL;
    document_heading(&show->document, "Benchmarks");
    put_caption(show, is_time ? "time per iteration" : metric_info(show->view->metric)->label,
                unit != NULL ? unit->name : "", &range);
    table_begin(&grid, &show->document, NULL, NULL, 0);
    table_column(&grid, ALIGN_LEFT, 0, "name");
    table_column(&grid, ALIGN_NUMBER, 1, "%s", is_time ? "median" : "value");
    table_column(&grid, ALIGN_LEFT, 1, "%s", "");
    table_column(&grid, ALIGN_NUMBER, 1, "lowest");
    table_column(&grid, ALIGN_NUMBER, 1, "highest");
    table_column(&grid, ALIGN_RIGHT, 1, "samples");
    table_column(&grid, ALIGN_LEFT, 1, "%s", any_error(tables) ? "error" : "");
    for (size_t i = 0; show->document.error == 0 && i < tables->plain_count; i++)
        if (is_worth_a_row(tables->plain[i]))
            put_plain_row(&grid, kind, tables->plain[i], &summaries[i], unit);
    table_end(&grid);
    free(summaries);
}
