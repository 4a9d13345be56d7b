/* SPDX-License-Identifier: Apache-2.0 */
/* Where the time goes, for readers at one chunk size. */
#include "show.h"
#include "words.h"

#include <errno.h>

static const enum metric phases[] = {METRIC_CREATE, METRIC_SIZE,  METRIC_MAP,  METRIC_FILL,
                                     METRIC_SYNC,   METRIC_UNMAP, METRIC_CLOSE};
enum { PHASES = sizeof phases / sizeof phases[0] };

/* A reader neither sizes nor syncs its file, and a channel has nothing but its fill. */
static int has_phase(enum bm_kind kind, enum metric phase)
{
    return kind == BM_KIND_WRITER ||
           (kind == BM_KIND_READER && phase != METRIC_SIZE && phase != METRIC_SYNC);
}

static int makes_trips(const struct cell_table *table)
{
    return table->axis[NAME_AXIS_MODE].text != NULL;
}

static double mean_of(const struct cell *cell, enum metric metric)
{
    double sum = 0;
    if (cell->values[metric] == NULL)
        return (double)NAN;
    for (size_t i = 0; i < cell->samples; i++)
        sum += isfinite(cell->values[metric][i]) ? cell->values[metric][i] : 0;
    return sum / (double)cell->samples;
}

static double median_of(struct show *show, const struct cell *cell, enum metric metric)
{
    struct summary summary;
    if (cell_summarise(cell, metric, &summary) == -ENOMEM)
        show->document.error = -ENOMEM;
    return summary.median;
}

static void put_count(struct show *show, struct table *out, const struct cell *cell,
                      enum metric metric)
{
    double value = median_of(show, cell, metric);

    table_put(out, WORDS(isnan(value) ? NULL : figure_count(value).text));
}

static void put_share(struct table *out, double share)
{
    table_put(out, WORDS(!isfinite(share) ? NULL
                         : share < 0.005  ? "·"
                                          : document_say(out->document, "%.0f", 100 * share)));
}

/* The share of the writer's time that a control would take for the same bytes and chunks. */
static void put_floor(struct show *show, struct table *out, const struct cell *cell,
                      const struct cell *control)
{
    const struct bootstrap *bootstrap = &show->bootstrap;

    put_share(out, control == NULL ? (double)NAN
                                   : exp(bootstrap_of(bootstrap, control)->log -
                                         bootstrap_of(bootstrap, cell)->log));
}

/* What moving the same bytes costs at least: a copy, or a look at each. */
static const struct cell *floor_of(const struct cell_table *table, uint64_t chunk_bytes)
{
    return cell_table_control(table, table->kind == BM_KIND_READER ? "ReadMemory" : "Memcpy",
                              chunk_bytes);
}

static void put_row(struct show *show, const struct cell_table *table, struct table *out,
                    const struct cell *cell, const struct unit *unit)
{
    double total = mean_of(cell, METRIC_TIME);

    table_row(out);
    table_put(out, cell->parts.series,
              WORDS(figure_in(median_of(show, cell, METRIC_TIME), unit).text));
    for (size_t p = 0; p < PHASES; p++)
        if (has_phase(table->kind, phases[p]))
            put_share(out, mean_of(cell, phases[p]) / total);
    put_count(show, out, cell, METRIC_MINOR_FAULTS);
    put_count(show, out, cell, METRIC_CALLS);
    put_floor(show, out, cell, floor_of(table, cell->parts.chunk_bytes));
    double chunks = (double)table->size_bytes / (double)cell->parts.chunk_bytes;
    /* A call per chunk: it pays the entries. */
    if (!makes_trips(table) && median_of(show, cell, METRIC_CALLS) >= chunks)
        put_floor(show, out, cell, cell_table_control(table, "EmptyCall", cell->parts.chunk_bytes));
}

/* A run without the phases' counters has nothing to say here. */
static int has_phases(const struct cell_table *table, size_t chunk, double *lowest)
{
    int found = 0;

    *lowest = (double)NAN;
    for (size_t w = 0; w < table->writer_count; w++) {
        struct summary summary;
        const struct cell *cell = cell_table_at(table, chunk, w);
        if (cell == NULL || cell_summarise(cell, METRIC_TIME, &summary) != 0)
            continue;
        *lowest = fmin(*lowest, summary.median);
        found |= cell->values[METRIC_FILL] != NULL;
    }
    return found;
}

/* For programs: every cell that has phases. */
static void put_means(struct show *show, const struct cell_table *table)
{
    static const struct column columns[] = {
        {.key = "writer"},   {.key = "chunk_bytes"}, {.key = "time_ns"},      {.key = "create_ns"},
        {.key = "size_ns"},  {.key = "map_ns"},      {.key = "fill_ns"},      {.key = "sync_ns"},
        {.key = "unmap_ns"}, {.key = "close_ns"},    {.key = "minor_faults"}, {.key = "calls"}};
    struct table out;

    table_of(&out, &show->document, "phases", columns);
    for (size_t i = 0; i < table->chunk_count * table->writer_count; i++) {
        const struct cell *cell = table->cells[i];
        if (cell == NULL || cell->samples == 0 || cell->values[METRIC_FILL] == NULL)
            continue;
        table_row(&out);
        table_put(&out, cell->parts.series, cell->parts.chunk_bytes, mean_of(cell, METRIC_TIME));
        for (size_t p = 0; p < PHASES; p++)
            table_put(&out, mean_of(cell, phases[p]));
        table_put(&out, median_of(show, cell, METRIC_MINOR_FAULTS),
                  median_of(show, cell, METRIC_CALLS));
    }
    table_end(&out);
}

void show_phases(struct show *show, const struct cell_table *table)
{
    uint64_t wanted = show->options->chunk_bytes;
    size_t chunk = cell_table_nearest(table, wanted > 0 ? wanted : 4096);
    struct table out;
    double lowest;

    put_means(show, table);
    if (!document_has_readers(&show->document) || cell_table_has_latencies(table) ||
        !has_phases(table, chunk, &lowest))
        return;
    const struct unit *unit = figure_unit(METRIC_KIND_TIME, lowest, lowest);
    const char *name = show->turned != NULL ? show_table_name(&show->document, table) : "";
    int channel = table->kind == BM_KIND_CHANNEL, reads = table->kind == BM_KIND_READER;
    document_heading(&show->document, "%s, in chunks of %s%s%s%s",
                     channel ? "What the sender does" : "Where the time goes",
                     figure_bytes((double)table->chunk_bytes[chunk]).text,
                     channel ? "" : ": % of the time per file", *name != '\0' ? "; " : "", name);
    table_begin(&out, &show->document, NULL, NULL, 0);
    table_column(&out, ALIGN_LEFT, 0, "%s", kind_word[table->kind]);
    table_column(&out, ALIGN_NUMBER, 1, "%s", unit->name);
    for (size_t p = 0; p < PHASES; p++)
        if (has_phase(table->kind, phases[p]))
            table_column(&out, ALIGN_RIGHT, 1, "%s",
                         reads && phases[p] == METRIC_CREATE ? "open"
                                                             : metric_info(phases[p])->option);
    table_column(&out, ALIGN_RIGHT, 2, "faults");
    table_column(&out, ALIGN_RIGHT, 2, "calls");
    int floor = floor_of(table, table->chunk_bytes[chunk]) != NULL;
    int entry = !makes_trips(table) &&
                cell_table_control(table, "EmptyCall", table->chunk_bytes[chunk]) != NULL;
    table_column(&out, ALIGN_RIGHT, 2, "%s", !floor ? "" : reads ? "sum" : "copy");
    table_column(&out, ALIGN_RIGHT, 2, "%s", entry ? "entry" : "");
    for (size_t w = 0; show->document.error == 0 && w < table->writer_count; w++) {
        const struct cell *cell = cell_table_at(table, chunk, w);
        if (cell != NULL && cell->samples > 0)
            put_row(show, table, &out, cell, unit);
    }
    table_end(&out);
    document_note(&show->document, "", "faults, calls: page faults and %ssystem calls %s%s%s%s",
                  table->kind == BM_KIND_WRITER ? "write-side " : "",
                  makes_trips(table) ? "of a sample, which makes many trips" : "per file",
                  channel ? "" : "; ·: below half a percent",
                  !floor  ? ""
                  : reads ? "; sum: the time of ReadMemory, which adds up the same bytes in "
                            "memory, as % of the reader's"
                          : "; copy: the time of Memcpy for the same bytes, as % of the writer's",
                  entry ? "; entry: that of as many empty system calls (EmptyCall)" : "");
}
