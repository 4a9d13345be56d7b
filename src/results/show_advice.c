/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"

#include "format.h"
#include "json_write.h"

#include <errno.h>
#include <math.h>

static const struct unit *unit_for(const struct results_advice *advice)
{
    return format_unit(RESULTS_KIND_TIME, advice->rows[0].time_ns,
                       advice->rows[advice->count - 1].time_ns);
}

static void put_row(struct grid *grid, const struct results_table *table,
                    const struct results_advice_row *row, const struct unit *unit)
{
    size_t at = grid_row(grid);
    char text[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX];

    grid_set(grid, at, 0, "%.*s", (int)table->writers[row->writer].length,
             table->writers[row->writer].text);
    format_number(row->time_ns / unit->divisor, text);
    grid_set(grid, at, 1, "%s", text);
    grid_mark(grid, at, 1, row->mark);
    if (row->mark == RESULTS_BEST)
        return;
    format_number(row->ratio.estimate, text);
    grid_set(grid, at, 2, "%s", text);
    if (isfinite(row->ratio.low)) {
        format_number(row->ratio.low, low);
        format_number(row->ratio.high, high);
        grid_tail(grid, at, 2, "(%s–%s)", low, high);
    }
}

/* "Write is fastest, 1.8 times as fast as the next" or the names of the tied. */
static void put_answer(struct show *show, const struct results_advice *advice)
{
    const struct results_table *table = advice->table;
    char tied[300] = "", ratio[FORMAT_MAX];
    size_t at = 0, ties = 0, next = 0;
    struct results_span best = table->writers[advice->rows[0].writer];

    for (size_t i = 0; i < advice->count; i++) {
        struct results_span writer = table->writers[advice->rows[i].writer];
        if (advice->rows[i].mark == RESULTS_UNMARKED && next == 0)
            next = i;
        if (advice->rows[i].mark != RESULTS_TIED || at >= sizeof tied - 1)
            continue;
        ties++;
        at += (size_t)snprintf(tied + at, sizeof tied - at, "%s%.*s", at > 0 ? ", " : "",
                               (int)(writer.length < 60 ? writer.length : 60), writer.text);
    }
    int width = (int)(best.length < 60 ? best.length : 60);
    if (advice->cannot_tell)
        page_paragraph(&show->page, "",
                       "%.*s had the shortest time, but with so few samples this "
                       "run cannot rank the writers.",
                       width, best.text);
    else if (ties > 0)
        page_paragraph(&show->page, "",
                       "Use %.*s; %.299s cannot be told from it or %s within 2 %%.", width,
                       best.text, tied, ties == 1 ? "is" : "are");
    else
        page_paragraph(&show->page, "", "Use %.*s.", width, best.text);
    if (next > 0 && !advice->cannot_tell) {
        struct results_span writer = table->writers[advice->rows[next].writer];
        format_number(advice->rows[next].ratio.estimate, ratio);
        page_note(&show->page, "", "The next, %.*s, takes %s times as long.",
                  (int)(writer.length < 60 ? writer.length : 60), writer.text, ratio);
    }
}

static void put_advice(struct show *show, const struct results_advice *advice, uint64_t chunk)
{
    char name[200], bytes[FORMAT_MAX], below[FORMAT_MAX], above[FORMAT_MAX];
    struct grid grid;
    const struct unit *unit = unit_for(advice);

    show_table_name(advice->table, name, sizeof name);
    format_bytes((double)chunk, bytes);
    page_heading(&show->page, "%s%sn chunks of %s", name, *name != '\0' ? ", i" : "I", bytes);
    put_answer(show, advice);
    grid_begin(&grid, &show->page);
    grid_column(&grid, PAGE_LEFT, 0, "writer");
    grid_column(&grid, PAGE_NUMBER, 1, "%s", unit->name);
    grid_column(&grid, PAGE_NUMBER, 1, "× the fastest");
    for (size_t i = 0; i < advice->count && show->page.error == 0; i++)
        put_row(&grid, advice->table, &advice->rows[i], unit);
    grid_end(&grid);
    page_note(&show->page, "",
              "time: mean of the faster half of the samples; in brackets the 95 %% "
              "interval, which covers this process only");
    format_bytes((double)advice->chunk_below, below);
    format_bytes((double)advice->chunk_above, above);
    if (advice->chunk_below != advice->chunk_above)
        page_note(&show->page, "", "%s was not measured: interpolated between %s and %s", bytes,
                  below, above);
    show_verdict(show);
}

static int put_json(struct show *show, const struct results_advice *advice, uint64_t chunk)
{
    static const char *const marks[] = {NULL, "tied", "best"};
    struct json_write json = {.out = show->page.out};

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
    return page_finish(&show->page);
}

static int put_csv(struct show *show, const struct results_advice *advice)
{
    static const char *const marks[] = {"", "tied", "best"};
    FILE *out = show->page.out;

    fputs("writer,time_ns,ratio,ratio_low,ratio_high,mark\n", out);
    for (size_t i = 0; i < advice->count; i++) {
        const struct results_advice_row *row = &advice->rows[i];
        struct results_span writer = advice->table->writers[row->writer];
        fprintf(out, "%.*s,%.10g,%.10g,", (int)writer.length, writer.text, row->time_ns,
                row->ratio.estimate);
        if (isfinite(row->ratio.low))
            fprintf(out, "%.10g,%.10g,%s\n", row->ratio.low, row->ratio.high, marks[row->mark]);
        else
            fprintf(out, ",,%s\n", marks[row->mark]);
    }
    return page_finish(&show->page);
}

int results_show_advice(FILE *out, const struct results_run *run, const struct results_view *view,
                        const struct results_question *question, int *cannot_tell)
{
    struct show show;
    struct results_advice advice = {0};
    struct results_view plain = *view;

    plain.metric = RESULTS_TIME;
    plain.pairs = NULL;
    int error = show_begin(&show, out, run, &plain);
    if (error == -ENODATA)
        error = -ENOENT;
    if (error == 0)
        error = results_advise(&show.bootstrap, &show.tables, question, &advice);
    if (error == 0) {
        *cannot_tell = advice.cannot_tell;
        if (view->format == RESULTS_FORMAT_JSON) {
            error = put_json(&show, &advice, question->chunk_bytes);
        } else if (view->format == RESULTS_FORMAT_CSV) {
            error = put_csv(&show, &advice);
        } else {
            put_advice(&show, &advice, question->chunk_bytes);
            error = page_finish(&show.page);
        }
        results_advice_free(&advice);
    }
    show_end(&show);
    return error;
}
