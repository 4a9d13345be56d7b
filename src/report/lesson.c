/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The textbook exercise's own form: "Block Size .... Run Time", one table for the memory-mapped
 * file and one for the straight write, and what they show; the same for reading.
 */
#include "show.h"
#include "src/analysis/crossover.h"

#include <errno.h>

enum { LESSON_DOTS = 26 };

/* The heading's blanks are kept: no line is broken in it. */
#define BLANKS FIGURE_GLUE FIGURE_GLUE FIGURE_GLUE FIGURE_GLUE FIGURE_GLUE FIGURE_GLUE

static void put_rows(struct show *show, const struct cell_table *table, size_t writer,
                     const char *heading)
{
    static const char dots[] = "..........................";
    const char *name = show_table_name(&show->document, table);
    int trips = show_metric(table->axis, METRIC_TIME) == METRIC_TRIP;

    document_heading(&show->document, "%s%s%s", heading, *name != '\0' ? ", " : "", name);
    document_paragraph(&show->document, "", "Block Size (bytes)" BLANKS "%s (seconds)",
                       trips ? "Round Trip" : "Run Time");
    for (size_t i = 0; show->document.error == 0 && i < table->chunk_count; i++) {
        struct summary summary;
        const struct cell *cell = cell_table_at(table, i, writer);
        if (cell == NULL)
            continue;
        const char *size =
            document_say(&show->document, "%llu", (unsigned long long)table->chunk_bytes[i]);
        const char *time =
            cell_summarise(cell, show_metric(table->axis, METRIC_TIME), &summary) != -ENODATA
                ? document_say(&show->document, "%.*f", trips ? 9 : 6, summary.median / 1e9)
            : cell->errors > 0 ? "failed"
                               : "not measured";
        int left = LESSON_DOTS - (int)strlen(size);
        document_note(&show->document, "", "%s %.*s %s", size, left > 0 ? left : 0, dots, time);
    }
}

/* What the first two of show_known[] are called, in a heading and in a sentence. */
static const struct {
    const char *headings[2], *mapped, *straight;
} lessons[BM_KINDS] = {
    [BM_KIND_WRITER] = {{"Memory-mapped file", "Straight write"},
                        "memory-mapped file",
                        "straight write"},
    [BM_KIND_READER] = {{"Memory-mapped file", "Straight read"},
                        "memory-mapped file",
                        "straight read"},
    [BM_KIND_CHANNEL] = {{"Slots in a memory-mapped file", "Pipe"},
                         "memory-mapped file with slots",
                         "pipe"},
};

static void conclude_crossing(struct document *document, const struct pair *pair,
                              const char *mapped, const char *straight)
{
    const struct crossover *first = &pair->crossovers[0];
    const char *later = pair->crossover_count > 1 ? " (later the winner changes again)" : "";
    struct figure low = figure_bytes((double)first->below_bytes);
    struct figure high = figure_bytes((double)first->above_bytes);

    if (first->to_second)
        document_paragraph(document, "",
                           "The %s wins at small chunks: at %s the %s takes "
                           "%s times as long, a system call for every chunk. Between %s and %s the "
                           "advantage goes, and in larger chunks the %s is faster%s.",
                           mapped, figure_bytes((double)pair->ratio_highest_at).text, straight,
                           figure_number(pair->ratio_highest).text, low.text, high.text, straight,
                           later);
    else
        document_paragraph(document, "",
                           "Here the %s wins at small chunks. Between %s and %s the %s overtakes "
                           "it%s.",
                           straight, low.text, high.text, mapped, later);
}

static void conclude(struct document *document, const struct pair *pair, enum bm_kind kind)
{
    const char *mapped = lessons[kind].mapped, *straight = lessons[kind].straight;
    int mapping = pair->state == PAIR_FIRST;

    if (pair->state == PAIR_CROSSES)
        conclude_crossing(document, pair, mapped, straight);
    else if (mapping || pair->state == PAIR_SECOND)
        document_paragraph(
            document, "",
            "The %s is faster wherever the two can be told apart. The %s takes %s to %s times as "
            "long.",
            mapping ? mapped : straight, mapping ? straight : mapped,
            figure_number(mapping ? pair->ratio_lowest : 1 / pair->ratio_highest).text,
            figure_number(mapping ? pair->ratio_highest : 1 / pair->ratio_lowest).text);
    else
        document_paragraph(document, "",
                           "The two cannot be told apart in this run. More repetitions or a "
                           "quieter machine may do it.");
}

static int show_one(struct show *show, const struct cell_table *table)
{
    size_t writer[2];
    struct pair pair;

    for (int i = 0; i < 2; i++) {
        int found = cell_table_writer(table, show_known[table->kind][i]);
        if (found < 0 || cell_table_has_latencies(table))
            return -ENODATA;
        writer[i] = (size_t)found;
    }
    for (int i = 0; i < 2; i++)
        put_rows(show, table, writer[i], lessons[table->kind].headings[i]);
    int error = crossover_find(&show->bootstrap, table, writer[0], writer[1], &pair);
    if (error == 0) {
        conclude(&show->document, &pair, table->kind);
        pair_free(&pair);
    }
    return error;
}

int report_lesson(FILE *out, const struct run *run, const struct view *view,
                  const struct show_options *options)
{
    const struct show_options plain = {.replicates = options->replicates, .seed = options->seed};
    struct view text = *view;
    struct show show;
    int shown = 0;

    text.format = &format_text;
    int error = show_begin(&show, out, run, &text, &plain);
    for (size_t t = 0; error == 0 && t < show.tables.count; t++) {
        error = show_one(&show, &show.tables.tables[t]);
        shown += error == 0;
        if (error == -ENODATA)
            error = 0;
    }
    return show_end(&show, error == 0 && shown == 0 ? -ENODATA : error);
}
