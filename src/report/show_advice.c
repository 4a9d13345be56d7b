/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"
#include "words.h"

#include <errno.h>

static void put_row(struct table *out, const struct cell_table *table, const struct advice_row *row,
                    const struct unit *unit)
{
    table_row(out);
    table_put(out, table->writers[row->writer],
              SHOWN(row->time_ns, figure_in(row->time_ns, unit).text));
    table_mark(out, row->mark);
    table_put(out, SHOWN(row->ratio,
                         row->mark == MARK_BEST ? "" : figure_number(row->ratio.estimate).text));
    if (row->mark != MARK_BEST && isfinite(row->ratio.low))
        table_tail(out, "(%s–%s)", figure_number(row->ratio.low).text,
                   figure_number(row->ratio.high).text);
    table_put(out, show_mark(row->mark));
}

static void put_rows(struct document *document, const struct advice *advice)
{
    static const struct column columns[] = {
        {.heading = "", .key = "writer", .csv = "writer"},
        {.heading = "", .key = "time_ns", .csv = "time_ns", .align = ALIGN_NUMBER, .family = 1},
        {.heading = "× the fastest",
         .key = "ratio",
         .csv = "ratio,ratio_low,ratio_high",
         .align = ALIGN_NUMBER,
         .family = 1},
        {.key = "mark", .csv = "mark"}};
    const struct unit *unit = figure_unit(METRIC_KIND_TIME, advice->rows[0].time_ns,
                                          advice->rows[advice->count - 1].time_ns);
    struct table out;

    table_of(&out, document, "writers", columns);
    table_heading(&out, 0, "%s", kind_word[advice->table->kind]);
    table_heading(&out, 1, "%s", unit->name);
    for (size_t i = 0; i < advice->count; i++)
        put_row(&out, advice->table, &advice->rows[i], unit);
    table_end(&out);
}

/* "Use Write." and who is as good; then how far the next is. */
static void word_answer(struct document *document, const struct advice *advice)
{
    const char *best = advice->table->writers[advice->rows[0].writer];
    const char *tied = "";
    size_t ties = 0, next = 0;

    for (size_t i = 0; i < advice->count; i++) {
        if (advice->rows[i].mark == MARK_NONE && next == 0)
            next = i;
        if (advice->rows[i].mark == MARK_TIED)
            tied = document_say(document, "%s%s%.60s", tied, ties++ > 0 ? ", " : "",
                                advice->table->writers[advice->rows[i].writer]);
    }
    if (advice->inconclusive)
        document_paragraph(document, "",
                           "%.60s had the shortest time, but with so few samples this run cannot "
                           "rank the %s.",
                           best, kind_words[advice->table->kind]);
    else if (ties > 0)
        document_paragraph(document, "",
                           "Use %.60s; %s cannot be told from it or %s within 2" FIGURE_GLUE "%%.",
                           best, tied, ties == 1 ? "is" : "are");
    else
        document_paragraph(document, "", "Use %.60s.", best);
    if (next > 0 && !advice->inconclusive)
        document_note(document, "", "The next, %.60s, takes %s times as long.",
                      advice->table->writers[advice->rows[next].writer],
                      figure_number(advice->rows[next].ratio.estimate).text);
}

static void put_advice(struct document *document, const struct advice *advice, uint64_t chunk)
{
    const struct cell_table *table = advice->table;
    const struct figure bytes = figure_bytes((double)chunk);
    const char *name = show_table_name(document, table);

    document_put(document, "file", table->file, "sync", table->sync, "size_bytes",
                 table->size_bytes, "chunk_bytes", chunk, "measured_below", advice->chunk_below,
                 "measured_above", advice->chunk_above, "answer",
                 advice->inconclusive ? "inconclusive" : "ranked");
    show_put_axes(document, table);
    document_heading(document, "%s%sn chunks of %s", name, *name != '\0' ? ", i" : "I", bytes.text);
    word_answer(document, advice);
    put_rows(document, advice);
    document_note(document, "",
                  "%s: mean of the faster half of the samples; in brackets the 95" FIGURE_GLUE
                  "%% interval, "
                  "which covers this process only",
                  metric_info(show_metric(table->axis, METRIC_TIME))->label);
    if (advice->chunk_below != advice->chunk_above)
        document_note(document, "", "%s was not measured: interpolated between %s and %s",
                      bytes.text, figure_bytes((double)advice->chunk_below).text,
                      figure_bytes((double)advice->chunk_above).text);
}

/* Of chunks that come back, the time of a trip is wanted, not that of as many trips as the file had
 * chunks. */
static int advise(struct show *show, const struct question *question, struct advice *advice)
{
    int error = advice_make(&show->bootstrap, &show->tables, question, advice);

    if (error != 0 || advice->table->axis[NAME_AXIS_MODE].text == NULL)
        return error;
    advice_free(advice);
    error = bootstrap_make(show->run, METRIC_TRIP, show->options->replicates, show->options->seed,
                           &show->metric);
    return error != 0 ? error : advice_make(&show->metric, &show->tables, question, advice);
}

int report_advice(FILE *out, const struct run *run, const struct view *view,
                  const struct advice_options *options)
{
    const struct show_options plain = {.replicates = options->replicates, .seed = options->seed};
    struct show show;
    struct advice advice = {0};
    int inconclusive = 0, error = show_begin(&show, out, run, view, &plain);

    if (error == -ENODATA)
        error = -ENOENT;
    if (error == 0)
        error = advise(&show, &options->question, &advice);
    if (error == 0) {
        inconclusive = advice.inconclusive;
        put_advice(&show.document, &advice, options->question.chunk_bytes);
        report_verdict(&show.document, run, 0);
    }
    advice_free(&advice);
    error = show_end(&show, error);
    return error != 0 ? error : inconclusive;
}
