/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The textbook exercise's own form: "Block Size .... Run Time", one table for the memory-mapped
 * file and one for the straight write, and what they show.
 */
#include "show.h"

#include "format.h"
#include "span.h"

#include <errno.h>
#include <math.h>

enum { LESSON_DOTS = 34 };

static void put_rows(struct show *show, const struct results_table *table, size_t writer)
{
    FILE *out = show->page.out;

    fprintf(out, "\nBlock Size (bytes)      Run Time (seconds)\n");
    for (size_t i = 0; i < table->chunk_count; i++) {
        struct results_summary summary;
        char size[FORMAT_MAX];
        const struct results_cell *cell = results_table_cell(table, i, writer);
        if (cell == NULL)
            continue;
        int length = snprintf(size, sizeof size, "%llu", (unsigned long long)table->chunk_bytes[i]);
        fprintf(out, "%s ", size);
        for (int dots = length; dots < LESSON_DOTS - 8; dots++)
            fputc('.', out);
        int error = results_summarise_cell(cell, RESULTS_TIME, &summary);
        if (error == -ENODATA)
            fprintf(out, " %s\n", cell->errors > 0 ? "failed" : "not measured");
        else
            fprintf(out, " %.6f\n", summary.median / 1e9);
    }
}

static void conclude_crossing(struct show *show, const struct results_pair *pair)
{
    const struct results_crossover *first = &pair->crossovers[0];
    char low[FORMAT_MAX], high[FORMAT_MAX], ratio[FORMAT_MAX], at[FORMAT_MAX];

    format_bytes((double)first->below_bytes, low);
    format_bytes((double)first->above_bytes, high);
    format_bytes((double)pair->ratio_highest_at, at);
    format_number(pair->ratio_highest, ratio);
    if (first->to_second)
        page_paragraph(
            &show->page, "",
            "The memory-mapped file wins at small chunks: at %s the straight write takes "
            "%s times as long, a system call for every chunk. Between %s and %s the "
            "advantage goes, and in larger chunks the straight write is faster%s.",
            at, ratio, low, high,
            pair->crossover_count > 1 ? " (later the winner changes again)" : "");
    else
        page_paragraph(&show->page, "",
                       "Here the straight write wins at small chunks. Between %s and %s the "
                       "memory-mapped file overtakes it%s.",
                       low, high,
                       pair->crossover_count > 1 ? " (later the winner changes again)" : "");
}

static void conclude(struct show *show, const struct results_pair *pair)
{
    char low[FORMAT_MAX], high[FORMAT_MAX];
    int mapping = pair->state == RESULTS_PAIR_FIRST;

    format_number(mapping ? pair->ratio_lowest : 1 / pair->ratio_highest, low);
    format_number(mapping ? pair->ratio_highest : 1 / pair->ratio_lowest, high);
    switch (pair->state) {
    case RESULTS_PAIR_CROSSES:
        conclude_crossing(show, pair);
        break;
    case RESULTS_PAIR_FIRST:
    case RESULTS_PAIR_SECOND:
        page_paragraph(
            &show->page, "",
            "%s is faster wherever the two can be told apart. %s takes %s to %s times as "
            "long.",
            mapping ? "The memory-mapped file" : "The straight write",
            mapping ? "The straight write" : "The memory-mapped file", low, high);
        break;
    case RESULTS_PAIR_UNTOLD:
    case RESULTS_PAIR_MISSING:
        page_paragraph(&show->page, "",
                       "The two cannot be told apart in this run. More "
                       "repetitions or a quieter machine may do it.");
        break;
    }
}

static int show_one(struct show *show, const struct results_table *table)
{
    int mmap = results_table_writer(table, "Mmap"), write = results_table_writer(table, "Write");
    char name[200];
    struct results_pair pair;

    if (mmap < 0 || write < 0)
        return -ENODATA;
    show_table_name(table, name, sizeof name);
    page_heading(&show->page, "Memory-mapped file%s%s", *name != '\0' ? ", " : "", name);
    put_rows(show, table, (size_t)mmap);
    page_heading(&show->page, "Straight write%s%s", *name != '\0' ? ", " : "", name);
    put_rows(show, table, (size_t)write);
    int error = results_pair(&show->bootstrap, table, (size_t)mmap, (size_t)write, &pair);
    if (error == 0) {
        conclude(show, &pair);
        results_pair_free(&pair);
    }
    return error;
}

int results_lesson(FILE *out, const struct results_run *run, const struct results_view *view)
{
    struct show show;
    struct results_view text = *view;
    int shown = 0;

    text.format = RESULTS_FORMAT_TEXT;
    text.metric = RESULTS_TIME;
    text.pairs = NULL;
    int error = show_begin(&show, out, run, &text);
    for (size_t t = 0; error == 0 && t < show.tables.count; t++) {
        error = show_one(&show, &show.tables.tables[t]);
        shown += error == 0;
        if (error == -ENODATA)
            error = 0;
    }
    if (error == 0)
        error = shown == 0 ? -ENODATA : page_finish(&show.page);
    show_end(&show);
    return error;
}
