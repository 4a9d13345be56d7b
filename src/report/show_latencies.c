/* SPDX-License-Identifier: Apache-2.0 */
/* How long single chunks took, for readers at one chunk size: the median of the samples' figures.
 */
#include "show.h"
#include "words.h"

#include <errno.h>

/* So many chunks a percentile takes: of fewer it is the slowest. */
static const struct {
    enum metric metric;
    uint64_t least;
} figures[] = {{METRIC_P50, 2},     {METRIC_P90, 10},    {METRIC_P99, 100},
               {METRIC_P999, 1000}, {METRIC_SLOWEST, 1}, {METRIC_CLOCK, 1}};
enum { FIGURES = sizeof figures / sizeof figures[0] };

static double median_of(struct show *show, const struct cell *cell, enum metric metric)
{
    struct summary summary;

    if (cell_summarise(cell, metric, &summary) == -ENOMEM)
        show->document.error = -ENOMEM;
    return summary.median;
}

static void put_cell(struct show *show, struct table *out, const struct cell *cell, int is_shown)
{
    uint64_t chunks =
        cell->parts.size_bytes > 0 ? (cell->parts.size_bytes - 1) / cell->parts.chunk_bytes + 1 : 0;

    table_row(out);
    if (!is_shown)
        table_hide_row(out);
    table_put(out, cell->name, cell->parts.series, cell->parts.chunk_bytes, chunks);
    for (size_t i = 0; i < FIGURES; i++)
        table_put(out,
                  PERHAPS(chunks >= figures[i].least, median_of(show, cell, figures[i].metric)));
}

void show_latencies(struct show *show, const struct cell_table *table)
{
    static const struct column columns[] = {
        {.key = "name"},
        {.heading = "", .key = "writer"},
        {.key = "chunk_bytes"},
        {.key = "chunks"},
        {.heading = "p50", .key = "p50_ns", .as = figure_time, .align = ALIGN_RIGHT},
        {.heading = "p90", .key = "p90_ns", .as = figure_time, .align = ALIGN_RIGHT},
        {.heading = "p99", .key = "p99_ns", .as = figure_time, .align = ALIGN_RIGHT},
        {.heading = "p99.9", .key = "p999_ns", .as = figure_time, .align = ALIGN_RIGHT},
        {.heading = "median slowest", .key = "max_ns", .as = figure_time, .align = ALIGN_RIGHT},
        {.heading = "clock", .key = "clock_ns", .as = figure_time, .align = ALIGN_RIGHT}};
    uint64_t wanted = show->options->chunk_bytes;
    size_t shown = cell_table_nearest(table, wanted > 0 ? wanted : 4096);
    struct table out;

    if (document_has_only_tables(&show->document))
        return;
    const char *name = show->turned != NULL ? show_table_name(&show->document, table) : "";
    document_heading(&show->document, "How long a chunk of %s takes%s%s",
                     figure_bytes((double)table->chunk_bytes[shown]).text,
                     *name != '\0' ? "; " : "", name);
    table_of(&out, &show->document, "latencies", columns);
    table_heading(&out, 1, "%s", kind_word[table->kind]);
    for (size_t i = 0; i < table->chunk_count * table->writer_count; i++)
        if (table->cells[i] != NULL && table->cells[i]->values[METRIC_P50] != NULL)
            put_cell(show, &out, table->cells[i], i / table->writer_count == shown);
    table_end(&out);
    document_note(&show->document, "",
                  "Each sample has percentiles of its chunks, and a slowest one; the table has "
                  "their medians over the samples. Each chunk's time holds a reading of the clock: "
                  "the last column. The "
                  "times of files hold as many readings as chunks, and are not shown.");
}
