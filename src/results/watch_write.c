/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on the newest runs for programs: all rows, ratios in full precision. */
#include "watch_text.h"

#include "compare_show.h"
#include "json_write.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static void put_number(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.10g", value);
    fputc(',', out);
}

static void put_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; text != NULL && *text != '\0'; text++)
        fprintf(out, "%s%c", *text == '"' ? "\"" : "", *text);
    fputs("\",", out);
}

static const char *change_word(const struct results_watch_row *row)
{
    return row->change == RESULTS_UNTOLD ? "none" : compare_change_word(row->change);
}

int watch_write_csv(FILE *out, const struct results_story *story,
                    const struct results_watched *watched)
{
    size_t *order = calloc(watched->count + 1, sizeof *order);

    if (order == NULL)
        return -ENOMEM;
    watch_order(watched, order);
    fputs("kind,name,change,ratio,ratio_low,ratio_high,p,since_date,since_revision,since_run,"
          "before,after,by_relative,drift_per_run,is_drift\n",
          out);
    for (size_t i = 0; i < watched->count; i++) {
        const struct results_watch_row *row = &watched->rows[order[i]];
        const struct results_past_run *run =
            row->change == RESULTS_UNTOLD ? NULL : &story->run[row->since];
        char date[FORMAT_MAX] = "";
        if (run != NULL)
            watch_date_text(run->date_s, date);
        fprintf(out, "%s,", watch_kind_word(row->kind));
        put_text(out, watch_row_name(story, row));
        fprintf(out, "%s,", change_word(row));
        put_number(out, row->ratio.estimate);
        put_number(out, row->ratio.low);
        put_number(out, row->ratio.high);
        put_number(out, row->p);
        put_text(out, date);
        put_text(out, run != NULL ? run->revision : NULL);
        put_text(out, run != NULL ? run->id : NULL);
        fprintf(out, "%zu,%zu,%d,", row->before, row->after, row->by_relative);
        put_number(out, row->drift.per_run.estimate);
        fprintf(out, "%d\n", row->drift.is_drift);
    }
    free(order);
    return ferror(out) ? -EIO : 0;
}

static void write_row(struct json_write *json, const struct results_story *story,
                      const struct results_watch_row *row)
{
    int found = row->change != RESULTS_UNTOLD;
    const struct results_past_run *run = found ? &story->run[row->since] : NULL;
    char date[FORMAT_MAX] = "", context[WATCH_CONTEXT_TEXT] = "";

    if (found) {
        watch_date_text(run->date_s, date);
        watch_context_text(story, row->since, context);
    }
    json_write_open(json, NULL, '{');
    json_write_text(json, "kind", watch_kind_word(row->kind));
    json_write_text(json, "name", watch_row_name(story, row));
    json_write_text(json, "change", change_word(row));
    json_write_interval(json, "ratio", row->ratio);
    json_write_number(json, "p", row->p);
    json_write_text(json, "since_date", found ? date : NULL);
    json_write_text(json, "since_revision", found ? run->revision : NULL);
    json_write_text(json, "since_run", found ? run->id : NULL);
    json_write_text(json, "changed_with", *context != '\0' ? context : NULL);
    json_write_count(json, "before", row->before);
    json_write_count(json, "after", row->after);
    json_write_count(json, "by_relative", (uint64_t)row->by_relative);
    json_write_interval(json, "drift_per_run", row->drift.per_run);
    json_write_count(json, "is_drift", (uint64_t)row->drift.is_drift);
    json_write_close(json, '}');
}

int watch_write_json(FILE *out, const struct results_past *past,
                     const struct results_story *story, const struct results_watched *watched,
                     const struct results_watch_options *options)
{
    struct json_write json = {.out = out};
    size_t *order = calloc(watched->count + 1, sizeof *order);

    if (order == NULL)
        return -ENOMEM;
    watch_order(watched, order);
    json_write_open(&json, NULL, '{');
    json_write_text(&json, "machine", story->machine);
    json_write_count(&json, "status", (uint64_t)results_watch_status(watched));
    json_write_count(&json, "runs", past->runs);
    json_write_text(&json, "newest_run", story->run[past->runs - 1].id);
    json_write_count(&json, "slower", (uint64_t)watched->slower);
    json_write_count(&json, "faster", (uint64_t)watched->faster);
    json_write_count(&json, "apart", (uint64_t)watched->apart);
    json_write_count(&json, "controls_moved", (uint64_t)watched->controls);
    json_write_count(&json, "rows_tested", watched->tested);
    json_write_number(&json, "persistence", watched->persistence);
    json_write_number(&json, "alpha", options->alpha);
    json_write_number(&json, "margin", options->margin);
    json_write_count(&json, "seed", options->seed);
    json_write_open(&json, "rows", '[');
    for (size_t i = 0; i < watched->count; i++)
        write_row(&json, story, &watched->rows[order[i]]);
    json_write_close(&json, ']');
    json_write_close(&json, '}');
    free(order);
    return ferror(out) ? -EIO : 0;
}
