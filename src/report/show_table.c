/* SPDX-License-Identifier: Apache-2.0 */
/* The table of one file state, sync mode and size, and the plain table of other projects' rows. */
#include "show.h"

#include <errno.h>

/* So many writers fit beside each other: none of them needs to be left out. */
enum { COLUMNS_FEW = 4 };
/* Beyond it an interval is as wide as the figure itself. */
#define HALF_MOST 1.0

struct range {
    double lowest, highest; /* of the medians; NaN: there are none */
    size_t fewest, most;    /* samples a cell */
    int intervals;          /* some cell has one */
};

/* What is shown together: some are NULL. */
struct cells {
    const struct cell *const *cell;
    size_t count;
    struct summary *summary;
    const struct cell_estimate **estimate; /* by which they are marked */
    enum mark *mark;
    struct range range;
};

static const struct bootstrap *bootstrap_for(const struct show *show)
{
    return show->metric.run != NULL ? &show->metric : &show->bootstrap;
}

static void extend(struct range *range, const struct summary *summary)
{
    if (summary->median > 0 || summary->samples == 0)
        range->lowest = fmin(range->lowest, summary->median);
    range->highest = fmax(range->highest, summary->median);
    if (summary->samples == 0)
        return;
    if (range->fewest == 0 || summary->samples < range->fewest)
        range->fewest = summary->samples;
    if (summary->samples > range->most)
        range->most = summary->samples;
    range->intervals |= isfinite(summary->median_low) && summary->median > 0;
}

static void cells_begin(struct cells *cells, struct show *show, const struct cell *const *cell,
                        size_t count)
{
    struct document *document = &show->document;

    *cells = (struct cells){.cell = cell,
                            .count = count,
                            .summary = document_take(document, count + 1, sizeof *cells->summary),
                            .estimate =
                                document_take(document, count + 1, sizeof(struct cell_estimate *)),
                            .mark = document_take(document, count + 1, sizeof *cells->mark),
                            .range = {.lowest = (double)NAN, .highest = (double)NAN}};
    for (size_t i = 0; show->document.error == 0 && i < count; i++) {
        if (cell[i] == NULL)
            continue;
        cells->estimate[i] = bootstrap_of(bootstrap_for(show), cell[i]);
        show->document.error = show_summarise(cell[i], show->options->metric, &cells->summary[i]);
        extend(&cells->range, &cells->summary[i]);
    }
}

/* The share of an interrupted run's samples that the cell lacks. */
static double missing_of(const struct show *show, const struct cell *cell)
{
    double planned = show->planned;
    return planned > 0 ? fmax(0, 1 - (double)(cell->samples + cell->errors) / planned) : 0;
}

static void put_one(struct show *show, struct table *out, const struct cell *cell,
                    const struct summary *summary, enum mark mark)
{
    static const char *const units[] = {"ns", "", "bytes", "bytes/s"};
    const struct metric_info *info =
        metric_info(show_metric(cell->parts.axis, show->options->metric));

    table_row(out);
    table_put(out, cell->name, cell->parts.series, cell->parts.file, cell->parts.sync,
              cell->parts.size_bytes,
              cell->parts.plain ? WORDS("0") : DATUM(cell->parts.chunk_bytes), cell->parts.threads,
              info->option, units[info->kind]);
    table_put(out, summary->samples, summary->median, summary->median_low, summary->median_high,
              summary->location, summary->minimum, summary->maximum, show_mark(mark), cell->errors,
              PERHAPS(cell->error != NULL, cell->error),
              PERHAPS(show->planned > 0, missing_of(show, cell)));
    for (int axis = 0; axis < NAME_AXES; axis++)
        table_put(out, cell->parts.axis[axis]);
}

/* For programs: a row a cell, full precision. */
static void put_cells(struct show *show, const char *key, const struct cells *cells)
{
    static const struct column columns[] = {
        {.key = "name"},
        {.key = "writer", .csv = "writer"},
        {.csv = "file"},
        {.csv = "sync"},
        {.csv = "size_bytes"},
        {.key = "chunk_bytes", .csv = "chunk_bytes"},
        {.csv = "threads"},
        {.csv = "metric"},
        {.csv = "unit"},
        {.key = "samples", .csv = "samples"},
        {.key = "median", .csv = "median"},
        {.key = "median_low", .csv = "median_low"},
        {.key = "median_high", .csv = "median_high"},
        {.key = "fast_half_mean", .csv = "fast_half_mean"},
        {.key = "lowest", .csv = "lowest"},
        {.key = "highest", .csv = "highest"},
        {.key = "mark", .csv = "mark"},
        {.key = "errors", .csv = "errors"},
        {.key = "error"},
        {.key = "missing"},
#define AXIS(symbol, key, normally) {.csv = key},
#include "src/run/axes.def"
#undef AXIS
    };
    struct table out;

    table_of(&out, &show->document, key, columns);
    for (size_t i = 0; show->document.error == 0 && i < cells->count; i++)
        if (cells->cell[i] != NULL)
            put_one(show, &out, cells->cell[i], &cells->summary[i], cells->mark[i]);
    table_end(&out);
}

static double half_width(const struct summary *summary)
{
    return figure_half_width(
        (struct interval){summary->median, summary->median_low, summary->median_high});
}

/* half 0: the interval is not shown. */
static void put_value(struct show *show, struct table *out, const struct cell *cell,
                      const struct summary *summary, const struct unit *unit, double half)
{
    if (cell == NULL) {
        table_put(out, NOTHING);
    } else if (summary->samples == 0 && !(isfinite(summary->median) && summary->median > 0)) {
        table_put(out, cell->errors > 0 ? "error" : cell->skipped > 0 ? "skipped" : "-");
    } else {
        table_put(out, WORDS(figure_in(summary->median, unit).text));
        if (cell->errors > 0)
            table_tail(out, "%zu failed", cell->errors);
        else if (missing_of(show, cell) > 0)
            table_tail(out, "%zu of %.0f", cell->samples, show->planned);
        else if (isfinite(half) && half > 0)
            table_tail(out, half > HALF_MOST ? "not usable" : "±%s", figure_percent(half).text);
    }
}

/* "time per file in ms: median of 20 samples": what a number in the table is. */
static const char *say_caption(struct show *show, const char *label, const char *unit,
                               const struct range *range)
{
    struct document *document = &show->document;
    const char *samples = "as the file has it";

    if (range->most == 1)
        samples = "a single sample";
    else if (range->most == range->fewest && range->most > 1)
        samples = document_say(document, "median of %zu samples", range->most);
    else if (range->most > 1)
        samples =
            document_say(document, "median of %zu to %zu samples", range->fewest, range->most);
    return document_say(document, "%s%s%s: %s", label, *unit != '\0' ? " in " : "", unit, samples);
}

static void put_caption(struct show *show, const char *caption, const struct range *range)
{
    document_note(&show->document, "", "%s%s", caption,
                  range->intervals ? ", ± the wider side of the median's 95 % interval (in this "
                                     "process; another run of the same may differ by more)"
                                   : "");
}

/* What the marks mean; "" where none was set. */
static const char *say_marks(struct show *show, const struct cells *cells, int briefly)
{
    int marked[] = {[MARK_NONE] = 0, [MARK_TIED] = 0, [MARK_BEST] = 0};

    for (size_t i = 0; i < cells->count; i++)
        marked[cells->mark[i]] = 1;
    if (!marked[MARK_BEST])
        return "";
    if (cells->range.most <= 1)
        return marked[MARK_TIED] ? "* fastest of its row, = within 2 % of it"
                                 : "* fastest of its row";
    if (briefly)
        return marked[MARK_TIED] ? "* fastest, = cannot be told from it" : "* fastest";
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

    if (writers < 2 || kind == METRIC_KIND_COUNT || kind == METRIC_KIND_BYTES ||
        show->options->metric == METRIC_STOLEN)
        return;
    for (size_t at = 0; show->document.error == 0 && at < cells->count; at += writers)
        if (count_measured(&cells->estimate[at], writers) > 1)
            show->document.error = best_set_mark(&cells->estimate[at], writers,
                                                 bootstrap_for(show)->replicates, &cells->mark[at]);
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
            put_value(show, &out, cells->cell[i], &cells->summary[i], unit,
                      show->options->answer != ANSWER_IN_FULL ? 0 : half_width(&cells->summary[i]));
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

void show_table(struct show *show, const struct cell_table *table)
{
    const struct metric_info *info = metric_info(show_metric(table->axis, show->options->metric));
    struct cells cells;

    cells_begin(&cells, show, table->cells, table->chunk_count * table->writer_count);
    if (show->document.error == 0)
        mark_rows(show, table, &cells);
    put_cells(show, "cells", &cells);
    if (show->document.error != 0 || !document_has_readers(&show->document))
        return;
    int briefly = show->options->answer != 0;
    const struct unit *unit = figure_unit(info->kind, cells.range.lowest, cells.range.highest);
    const char *caption = say_caption(show, info->label, unit->name, &cells.range);
    const char *marks = say_marks(show, &cells, briefly);
    const struct pick pick = briefly ? pick_some(show, table) : pick_all(&show->document, table);
    if (!briefly)
        put_caption(show, caption, &cells.range);
    put_by_chunk(show, table, &cells, &pick, unit);
    if (briefly)
        put_short_legend(show, table, &pick, caption, marks);
    else if (*marks != '\0')
        document_note(&show->document, "", "%s", marks);
}

/* unit NULL: the rows differ too much for one unit, each has its own. */
static void put_plain_row(struct show *show, struct table *out, const struct cell *cell,
                          const struct summary *summary, const struct unit *common)
{
    enum metric_kind kind = metric_info(show->options->metric)->kind;
    const struct unit *unit =
        common != NULL ? common : figure_unit(kind, summary->median / 10, summary->median);

    table_row(out);
    table_put(out, cell->name);
    put_value(show, out, cell, summary, unit, half_width(summary));
    table_put(out, WORDS(common == NULL && isfinite(summary->median) ? unit->name : NULL));
    if (summary->samples > 0)
        table_put(out, WORDS(figure_in(summary->minimum, unit).text),
                  WORDS(figure_in(summary->maximum, unit).text),
                  WORDS(document_say(out->document, "%zu", summary->samples)));
    else
        table_put(out, NOTHING, NOTHING, NOTHING);
    if (cell->error == NULL || cell->samples > 0)
        return;
    table_say(out, "%.60s", cell->error);
    table_heading(out, 6, "error");
}

/* Rows that hold nothing at all, such as a complexity's aggregate, would only be in the way. */
static int is_worth_a_row(const struct cell *cell)
{
    return cell->samples + cell->errors + cell->skipped + cell->unusable > 0 ||
           isfinite(cell->aggregate_ns);
}

static void put_plain(struct show *show, const struct cells *cells)
{
    static const struct column columns[] = {{.heading = "name"},
                                            {.heading = "value", .align = ALIGN_NUMBER},
                                            {.heading = ""},
                                            {.heading = "lowest", .align = ALIGN_NUMBER},
                                            {.heading = "highest", .align = ALIGN_NUMBER},
                                            {.heading = "samples", .align = ALIGN_RIGHT},
                                            {.heading = ""}};
    const struct metric_info *info = metric_info(show->options->metric);
    int is_time = show->options->metric == METRIC_TIME;
    const struct range *range = &cells->range;
    const struct unit *unit = figure_unit(info->kind, range->lowest, range->highest);
    struct table out;

    if (range->highest / range->lowest > 1e5 && info->kind != METRIC_KIND_COUNT)
        unit = NULL;
    document_heading(&show->document, "Benchmarks");
    put_caption(show,
                say_caption(show, is_time ? "time per iteration" : info->label,
                            unit != NULL ? unit->name : "", range),
                range);
    table_of(&out, &show->document, NULL, columns);
    if (is_time)
        table_heading(&out, 1, "median");
    for (size_t i = 0; show->document.error == 0 && i < cells->count; i++)
        if (is_worth_a_row(cells->cell[i]))
            put_plain_row(show, &out, cells->cell[i], &cells->summary[i], unit);
    table_end(&out);
}

void show_plain(struct show *show)
{
    struct cells cells;

    cells_begin(&cells, show, show->tables.plain, show->tables.plain_count);
    put_cells(show, "others", &cells);
    if (cells.count > 0)
        put_plain(show, &cells);
}
