/* SPDX-License-Identifier: Apache-2.0 */
#include "format.h"
#include "show.h"
#include "show_common.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

static const struct unit *unit_for(const struct advice *advice)
{
    return format_unit(METRIC_KIND_TIME, advice->rows[0].time_ns,
                       advice->rows[advice->count - 1].time_ns);
}

static void put_row(struct table *grid, const struct cell_table *table,
                    const struct advice_row *row, const struct unit *unit)
{
    size_t at = table_row(grid);
    char text[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX];

    table_set(grid, at, 0, "%.*s", (int)table->writers[row->writer].length,
              table->writers[row->writer].text);
    format_number(row->time_ns / unit->divisor, text);
    table_set(grid, at, 1, "%s", text);
    table_mark(grid, at, 1, row->mark);
    if (row->mark == MARK_BEST)
        return;
    format_number(row->ratio.estimate, text);
    table_set(grid, at, 2, "%s", text);
    if (isfinite(row->ratio.low)) {
        format_number(row->ratio.low, low);
        format_number(row->ratio.high, high);
        table_tail(grid, at, 2, "(%s–%s)", low, high);
    }
}

/* "Write is fastest, 1.8 times as fast as the next" or the names of the tied. */
static void put_answer(struct show *show, const struct advice *advice)
{
    const struct cell_table *table = advice->table;
    char tied[300] = "", ratio[FORMAT_MAX];
    size_t at = 0, ties = 0, next = 0;
    struct span best = table->writers[advice->rows[0].writer];

    for (size_t i = 0; i < advice->count; i++) {
        struct span writer = table->writers[advice->rows[i].writer];
        if (advice->rows[i].mark == MARK_NONE && next == 0)
            next = i;
        if (advice->rows[i].mark != MARK_TIED || at >= sizeof tied - 1)
            continue;
        ties++;
        at += (size_t)snprintf(tied + at, sizeof tied - at, "%s%.*s", at > 0 ? ", " : "",
                               (int)(writer.length < 60 ? writer.length : 60), writer.text);
    }
    int width = (int)(best.length < 60 ? best.length : 60);
    if (advice->cannot_tell)
        document_paragraph(&show->document, "",
                           "%.*s had the shortest time, but with so few samples this "
                           "run cannot rank the writers.",
                           width, best.text);
    else if (ties > 0)
        document_paragraph(&show->document, "",
                           "Use %.*s; %.299s cannot be told from it or %s within 2 %%.", width,
                           best.text, tied, ties == 1 ? "is" : "are");
    else
        document_paragraph(&show->document, "", "Use %.*s.", width, best.text);
    if (next > 0 && !advice->cannot_tell) {
        struct span writer = table->writers[advice->rows[next].writer];
        format_number(advice->rows[next].ratio.estimate, ratio);
        document_note(&show->document, "", "The next, %.*s, takes %s times as long.",
                      (int)(writer.length < 60 ? writer.length : 60), writer.text, ratio);
    }
}

static void put_advice(struct show *show, const struct advice *advice, uint64_t chunk)
{
    char name[200], bytes[FORMAT_MAX], below[FORMAT_MAX], above[FORMAT_MAX];
    struct table grid;
    const struct unit *unit = unit_for(advice);

    show_table_name(advice->table, name, sizeof name);
    format_bytes((double)chunk, bytes);
    document_heading(&show->document, "%s%sn chunks of %s", name, *name != '\0' ? ", i" : "I",
                     bytes);
    put_answer(show, advice);
    table_begin(&grid, &show->document, NULL, NULL, 0);
    table_column(&grid, ALIGN_LEFT, 0, "writer");
    table_column(&grid, ALIGN_NUMBER, 1, "%s", unit->name);
    table_column(&grid, ALIGN_NUMBER, 1, "× the fastest");
    for (size_t i = 0; i < advice->count && show->document.error == 0; i++)
        put_row(&grid, advice->table, &advice->rows[i], unit);
    table_end(&grid);
    document_note(&show->document, "",
                  "time: mean of the faster half of the samples; in brackets the 95 %% "
                  "interval, which covers this process only");
    format_bytes((double)advice->chunk_below, below);
    format_bytes((double)advice->chunk_above, above);
    if (advice->chunk_below != advice->chunk_above)
        document_note(&show->document, "", "%s was not measured: interpolated between %s and %s",
                      bytes, below, above);
    show_verdict(show);
}

static int put_json(struct show *show, const struct advice *advice, uint64_t chunk)
{
    static const char *const marks[] = {NULL, "tied", "best"};
    struct json_write json = {.out = show->document.out};

    json_write_open(&json, NULL, '{');
    json_write_span(&json, "file", advice->table->file);
    json_write_span(&json, "sync", advice->table->sync);
    json_write_count(&json, "size_bytes", advice->table->size_bytes);
    json_write_count(&json, "chunk_bytes", chunk);
    json_write_count(&json, "measured_below", advice->chunk_below);
    json_write_count(&json, "measured_above", advice->chunk_above);
    json_write_text(&json, "answer", advice->cannot_tell ? "cannot tell" : "ranked");
    json_write_open(&json, "writers", '[');
    for (size_t i = 0; i < advice->count; i++) {
        json_write_open(&json, NULL, '{');
        json_write_span(&json, "writer", advice->table->writers[advice->rows[i].writer]);
        json_write_number(&json, "time_ns", advice->rows[i].time_ns);
        json_write_interval(&json, "ratio", advice->rows[i].ratio);
        json_write_text(&json, "mark", marks[advice->rows[i].mark]);
        json_write_close(&json, '}');
    }
    json_write_close(&json, ']');
    json_write_close(&json, '}');
    return document_finish(&show->document);
}

static int put_csv(struct show *show, const struct advice *advice)
{
    static const char *const marks[] = {"", "tied", "best"};
    FILE *out = show->document.out;

    fputs("writer,time_ns,ratio,ratio_low,ratio_high,mark\n", out);
    for (size_t i = 0; i < advice->count; i++) {
        const struct advice_row *row = &advice->rows[i];
        struct span writer = advice->table->writers[row->writer];
        fprintf(out, "%.*s,%.10g,%.10g,", (int)writer.length, writer.text, row->time_ns,
                row->ratio.estimate);
        if (isfinite(row->ratio.low))
            fprintf(out, "%.10g,%.10g,%s\n", row->ratio.low, row->ratio.high, marks[row->mark]);
        else
            fprintf(out, ",,%s\n", marks[row->mark]);
    }
    return document_finish(&show->document);
}

int report_advice(FILE *out, const struct run *run, const struct view *view,
                  const struct question *question, int *cannot_tell)
{
    struct show show;
    struct advice advice = {0};
    struct view plain = *view;

    plain.metric = METRIC_TIME;
    plain.pairs = NULL;
    int error = show_begin(&show, out, run, &plain);
    if (error == -ENODATA)
        error = -ENOENT;
    if (error == 0)
        error = advice_make(&show.bootstrap, &show.tables, question, &advice);
    if (error == 0) {
        *cannot_tell = advice.cannot_tell;
        if (view->format == &format_json) {
            error = put_json(&show, &advice, question->chunk_bytes);
        } else if (view->format == &format_csv) {
            error = put_csv(&show, &advice);
        } else {
            put_advice(&show, &advice, question->chunk_bytes);
            error = document_finish(&show.document);
        }
        advice_free(&advice);
    }
    show_end(&show);
    return error;
}
