/* SPDX-License-Identifier: Apache-2.0 */
/* The table of one file state, sync mode and size. */
#include "show_cells.h"

/* So many writers fit beside each other: none of them needs to be left out. */
enum { COLUMNS_FEW = 4 };

/* What the marks mean; "" where none was set. */
static const char *say_marks(struct show *show, const struct cells *cells, int briefly)
{
    int marked[] = {[MARK_NONE] = 0, [MARK_TIED] = 0, [MARK_BEST] = 0};

    for (size_t i = 0; i < cells->count; i++)
        marked[cells->mark[i]] = 1;
    if (!marked[MARK_BEST])
        return "";
    if (cells->range.most <= 1)
        return marked[MARK_TIED]
                   ? document_say(&show->document, "* fastest of its row, = within %s of it",
                                  figure_percent(TIE_MARGIN).text)
                   : "* fastest of its row";
    if (briefly)
        return marked[MARK_TIED] ? "* fastest by their faster half, = tied with it"
                                 : "* fastest by their faster half";
    return document_say(
        &show->document,
        "* fastest of its row%s%s; judged by the mean of the faster half of the samples",
        marked[MARK_TIED] ? ", = cannot be told from the fastest (5 % a row) or within " : "",
        marked[MARK_TIED] ? figure_percent(TIE_MARGIN).text : "");
}

static size_t count_measured(const struct cell_estimate *const *row, size_t count)
{
    size_t measured = 0;

    for (size_t i = 0; i < count; i++)
        measured += row[i] != NULL && !isnan(row[i]->log);
    return measured;
}

/* Of counts and of stolen time none is "the best"; the throughput is the time upside down. Nor is
 * a single one. */
static void mark_rows(struct show *show, const struct cell_table *table, struct cells *cells)
{
    enum metric_kind kind = metric_info(show->options->metric)->kind;
    size_t writers = table->writer_count;

    if (writers < 2 || (cell_table_has_latencies(table) && show->metric.run == NULL) ||
        kind == METRIC_KIND_COUNT || kind == METRIC_KIND_BYTES ||
        show->options->metric == METRIC_STOLEN)
        return;
    for (size_t at = 0; show->document.error == 0 && at < cells->count; at += writers)
        if (count_measured(&cells->estimate[at], writers) > 1)
            show->document.error = best_set_mark(
                &cells->estimate[at], writers, cells_bootstrap(show)->replicates, &cells->mark[at]);
}

/* What of a table is shown to readers. */
struct pick {
    size_t line_count, column_count;
    size_t *line, *column;
};

static struct pick pick_all(struct document *document, const struct cell_table *table)
{
    struct pick pick = {table->chunk_count, table->writer_count,
                        document_take(document, table->chunk_count + 1, sizeof(size_t)),
                        document_take(document, table->writer_count + 1, sizeof(size_t))};

    for (size_t i = 0; document->error == 0 && i < pick.line_count; i++)
        pick.line[i] = i;
    for (size_t i = 0; document->error == 0 && i < pick.column_count; i++)
        pick.column[i] = i;
    return pick;
}

static int is_known(const struct cell_table *table, size_t writer)
{
    for (int i = 0; i < SHOW_KNOWN_MOST && show_known[table->kind][i] != NULL; i++)
        if (strcmp(table->writers[writer], show_known[table->kind][i]) == 0)
            return 1;
    return 0;
}

/* For one screen: the best of each family and of each band, and what is known; the smallest and the
 * largest chunk and the ones nearest to the bands' bounds. Of a turned table, all lines. */
static struct pick pick_some(struct show *show, const struct cell_table *table)
{
    struct pick pick = pick_all(&show->document, table);
    uint64_t wanted[] = {0, BAND_SMALL_BYTES, BAND_MIDDLE_BYTES, BAND_LARGE_BYTES, UINT64_MAX};
    size_t first, second;

    if (show->document.error != 0)
        return pick;
    pick.column_count = 0;
    if (table != show->turned)
        pick.line_count = 0;
    for (size_t i = 0; table != show->turned && i < sizeof wanted / sizeof wanted[0]; i++) {
        size_t line = cell_table_nearest(table, wanted[i] > 0 ? wanted[i] : 1);
        if (pick.line_count == 0 || pick.line[pick.line_count - 1] < line)
            pick.line[pick.line_count++] = line;
    }
    for (size_t w = 0; w < table->writer_count; w++) {
        int is_wanted = table->writer_count <= COLUMNS_FEW || is_known(table, w);
        for (int band = 0; band < BANDS; band++)
            is_wanted |= show->bands[band].count > 0 && show->bands[band].rows[0].writer == w;
        for (size_t n = 0; show_next_pair(show, table, n, &first, &second); n++)
            is_wanted |= first == w || second == w;
        if (is_wanted)
            pick.column[pick.column_count++] = w;
    }
    return pick;
}

/* All names of channels begin so, and seven would be too wide for a screen. */
static const char *heading_of(const struct cell_table *table, size_t writer)
{
    const char *name = table->writers[writer];
    size_t prefix = strlen("Channel");

    return table->kind == BM_KIND_CHANNEL && name[prefix] != '\0' ? name + prefix : name;
}

static const char *say_line(struct show *show, const struct cell_table *table, size_t line)
{
    return table == show->turned
               ? show_parts(show, line, 1)
               : document_say(&show->document, "%s",
                              figure_bytes((double)table->chunk_bytes[line]).text);
}

/* For readers: chunk sizes (or what else varies) down, writers across. */
static void put_by_chunk(struct show *show, const struct cell_table *table,
                         const struct cells *cells, const struct pick *pick,
                         const struct unit *unit)
{
    struct table out;

    table_begin(&out, &show->document, NULL, NULL, 0);
    table_column(&out, table == show->turned ? ALIGN_LEFT : ALIGN_RIGHT, 0, "%s",
                 table == show->turned ? "" : "chunk");
    for (size_t c = 0; c < pick->column_count; c++)
        table_column(&out, ALIGN_NUMBER, pick->column[c] < table->mapping_count ? 1 : 2, "%s",
                     heading_of(table, pick->column[c]));
    for (size_t l = 0; show->document.error == 0 && l < pick->line_count; l++) {
        table_row(&out);
        table_put(&out, WORDS(say_line(show, table, pick->line[l])));
        for (size_t c = 0; c < pick->column_count; c++) {
            size_t i = pick->line[l] * table->writer_count + pick->column[c];
            cell_put_value(
                show, &out, cells->cell[i], &cells->summary[i], unit,
                show->options->answer != ANSWER_IN_FULL ? 0 : cell_half_width(&cells->summary[i]));
            table_mark(&out, cells->mark[i]);
        }
    }
    table_end(&out);
}

/* Below the short table: what its numbers are, and which writers it leaves out. */
static void put_short_legend(struct show *show, const struct cell_table *table,
                             const struct pick *pick, const char *caption, const char *marks)
{
    struct document *document = &show->document;
    const char *others = "";
    size_t next = 0;

    for (size_t w = 0; w < table->writer_count; w++) {
        if (next < pick->column_count && pick->column[next] == w)
            next++;
        else
            others = document_say(document, "%s%s%.60s", others,
                                  *others != '\0' ? ", " : "; also measured: ", table->writers[w]);
    }
    document_note(document, "", "%s%s%s%s", caption, *marks != '\0' ? "; " : "", marks, others);
}

/* Of cells that were measured, none has the metric: there is nothing to compare. */
static int is_foreign(const struct cells *cells)
{
    size_t samples = 0;

    for (size_t i = 0; i < cells->count; i++)
        samples += cells->cell[i] != NULL ? cells->cell[i]->samples : 0;
    return samples > 0 && cells->range.most == 0;
}

void show_table(struct show *show, const struct cell_table *table)
{
    const struct metric_info *info = metric_info(show_metric(table->axis, show->options->metric));
    struct cells cells;

    cells_begin(&cells, show, table->cells, table->chunk_count * table->writer_count);
    if (show->document.error == 0 && !is_foreign(&cells))
        mark_rows(show, table, &cells);
    cells_put(show, "cells", &cells);
    if (show->document.error != 0 || !document_has_readers(&show->document))
        return;
    if (is_foreign(&cells)) {
        document_note(&show->document, "", "%s: these cells have none.", info->label);
        return;
    }
    int briefly = show->options->answer != 0;
    const struct unit *unit = figure_unit(info->kind, cells.range.lowest, cells.range.highest);
    const char *caption = cells_caption(show, info->label, unit->name, &cells.range);
    const char *marks = say_marks(show, &cells, briefly);
    const struct pick pick = briefly ? pick_some(show, table) : pick_all(&show->document, table);
    if (!briefly)
        cells_put_caption(show, caption, &cells.range);
    put_by_chunk(show, table, &cells, &pick, unit);
    if (briefly)
        put_short_legend(show, table, &pick, caption, marks);
    else if (*marks != '\0')
        document_note(&show->document, "", "%s", marks);
}
