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

static void put_rows(struct show *show, const struct cell_table *table, int writer,
                     const char *heading)
{
    static const char dots[] = "..........................";
    const char *name = show_table_name(&show->document, table);

    document_heading(&show->document, "%s%s%s", heading, *name != '\0' ? ", " : "", name);
    document_paragraph(&show->document, "", "Block Size (bytes)" BLANKS "Run Time (seconds)");
    for (size_t i = 0; show->document.error == 0 && i < table->chunk_count; i++) {
        struct summary summary;
        const struct cell *cell = cell_table_at(table, i, (size_t)writer);
        if (cell == NULL)
            continue;
        const char *size =
            document_say(&show->document, "%llu", (unsigned long long)table->chunk_bytes[i]);
        const char *time = cell_summarise(cell, METRIC_TIME, &summary) != -ENODATA
                               ? document_say(&show->document, "%.6f", summary.median / 1e9)
                           : cell->errors > 0 ? "failed"
                                              : "not measured";
        int left = LESSON_DOTS - (int)strlen(size);
        document_note(&show->document, "", "%s %.*s %s", size, left > 0 ? left : 0, dots, time);
    }
}

/* What is compared with what, and what the second is called. */
static const struct {
    const char *mapped, *called, *mapped_heading, *called_heading, *straight;
} lessons[BM_KINDS] = {
    [BM_KIND_WRITER] = {"Mmap", "Write", "Memory-mapped file", "Straight write", "straight write"},
    [BM_KIND_READER] = {"ReadMmap", "ReadCall", "Memory-mapped file, read", "Straight read",
                        "straight read"},
};

static void conclude_crossing(struct document *document, const struct pair *pair,
                              const char *straight)
{
    const struct crossover *first = &pair->crossovers[0];
    const char *later = pair->crossover_count > 1 ? " (later the winner changes again)" : "";
    struct figure low = figure_bytes((double)first->below_bytes);
    struct figure high = figure_bytes((double)first->above_bytes);

    if (first->to_second)
        document_paragraph(document, "",
                           "The memory-mapped file wins at small chunks: at %s the %s takes "
                           "%s times as long, a system call for every chunk. Between %s and %s the "
                           "advantage goes, and in larger chunks the %s is faster%s.",
                           figure_bytes((double)pair->ratio_highest_at).text, straight,
                           figure_number(pair->ratio_highest).text, low.text, high.text, straight,
                           later);
    else
        document_paragraph(document, "",
                           "Here the %s wins at small chunks. Between %s and %s the "
                           "memory-mapped file overtakes it%s.",
                           straight, low.text, high.text, later);
}

static void conclude(struct document *document, const struct pair *pair, const char *straight)
{
    const char *mapped_file = "memory-mapped file";
    int mapping = pair->state == PAIR_FIRST;

    if (pair->state == PAIR_CROSSES)
        conclude_crossing(document, pair, straight);
    else if (mapping || pair->state == PAIR_SECOND)
        document_paragraph(
            document, "",
            "The %s is faster wherever the two can be told apart. The %s takes %s to %s times as "
            "long.",
            mapping ? mapped_file : straight, mapping ? straight : mapped_file,
            figure_number(mapping ? pair->ratio_lowest : 1 / pair->ratio_highest).text,
            figure_number(mapping ? pair->ratio_highest : 1 / pair->ratio_lowest).text);
    else
        document_paragraph(document, "",
                           "The two cannot be told apart in this run. More repetitions or a "
                           "quieter machine may do it.");
}

static int show_one(struct show *show, const struct cell_table *table)
{
    int mapped = -1, called = -1;
    struct pair pair;

    if (lessons[table->kind].mapped != NULL) {
        mapped = cell_table_writer(table, lessons[table->kind].mapped);
        called = cell_table_writer(table, lessons[table->kind].called);
    }
    if (mapped < 0 || called < 0)
        return -ENODATA;
    put_rows(show, table, mapped, lessons[table->kind].mapped_heading);
    put_rows(show, table, called, lessons[table->kind].called_heading);
    int error = crossover_find(&show->bootstrap, table, (size_t)mapped, (size_t)called, &pair);
    if (error == 0) {
        conclude(&show->document, &pair, lessons[table->kind].straight);
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
