/* SPDX-License-Identifier: Apache-2.0 */
/* How each cell went, for programs: full names and precision. */
#include "cell_history_data.h"

#include "comparison_text.h"
#include "src/base/date.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Of the values in [begin, end). */
static double median_of(const double *time, size_t begin, size_t end, double *room, size_t *count)
{
    *count = 0;
    for (size_t i = begin; i < end; i++)
        if (time[i] > 0)
            room[(*count)++] = time[i];
    stats_sort(room, *count);
    return *count > 0 ? stats_median(room, *count) : (double)NAN;
}

static struct interval ratio_of(const struct step *step)
{
    const struct interval none = {(double)NAN, (double)NAN, (double)NAN};
    return step == NULL ? none : compare_exp(step->shift);
}

/* The level that begins with a step, or (NULL) with the first run. */
static void put_level(FILE *out, const struct run_window *past, const char *cell, size_t begin,
                      const struct step *step, double median_ns, size_t values)
{
    const struct history_run *run = &past->series.runs.runs[begin];
    const struct accepted_change *accepted = step != NULL ? step_accepted(past, cell, begin) : NULL;
    char date[DATE_TEXT];

    date_put(run->date_s, date);
    compare_csv_name(out, cell);
    fprintf(out, "%s,", date);
    compare_csv_name(out, run->revision != NULL ? run->revision : "");
    fprintf(out, "%s,%zu,", run->id, values);
    compare_csv_number(out, median_ns);
    compare_csv_interval(out, ratio_of(step));
    compare_csv_number(out, step != NULL ? step->p : (double)NAN);
    compare_csv_name(out, accepted != NULL ? accepted->reason : "");
    fprintf(out, "%d\n", accepted != NULL);
}

int cell_histories_csv(FILE *out, const struct cell_histories *traces)
{
    const struct run_window *past = &traces->past;
    size_t runs = past->series.runs.count;
    double *room = calloc(runs + 1, sizeof *room);

    if (room == NULL)
        return -ENOMEM;
    fputs(
        "cell,since_date,since_revision,since_run,runs,median_ns,ratio,ratio_low,ratio_high,p,"
        "reason,is_accepted\n",
        out);
    for (size_t t = 0; t < traces->count; t++) {
        const struct cell_history *trace = &traces->traces[t];
        const double *time = &past->time_ns[trace->column * runs];
        size_t first = 0, values;
        while (!(time[first] > 0))
            first++;
        for (size_t level = 0; level <= trace->steps.count; level++) {
            const struct step *step = level > 0 ? &trace->steps.steps[level - 1] : NULL;
            size_t begin = step != NULL ? step->at : first;
            size_t end = level < trace->steps.count ? trace->steps.steps[level].at : runs;
            double median_ns = median_of(time, begin, end, room, &values);
            put_level(out, past, trace->cell, begin, step, median_ns, values);
        }
    }
    free(room);
    return ferror(out) ? -EIO : 0;
}

static void write_runs(struct json_write *json, const struct history_runs *runs)
{
    char date[DATE_TEXT];

    json_write_open(json, "runs", '[');
    for (size_t i = 0; i < runs->count; i++) {
        date_put(runs->runs[i].date_s, date);
        json_write_open(json, NULL, '{');
        json_write_text(json, "run", runs->runs[i].id);
        json_write_text(json, "date", date);
        json_write_text(json, "revision", runs->runs[i].revision);
        json_write_close(json, '}');
    }
    json_write_close(json, ']');
}

static void write_steps(struct json_write *json, const struct run_window *past,
                        const struct cell_history *trace)
{
    json_write_open(json, "steps", '[');
    for (size_t i = 0; i < trace->steps.count; i++) {
        const struct step *step = &trace->steps.steps[i];
        const struct accepted_change *accepted = step_accepted(past, trace->cell, step->at);
        json_write_open(json, NULL, '{');
        json_write_text(json, "run", past->series.runs.runs[step->at].id);
        json_write_count(json, "at", step->at);
        json_write_interval(json, "ratio", compare_exp(step->shift));
        json_write_count(json, "runs_before", step->before);
        json_write_count(json, "runs_after", step->after);
        json_write_number(json, "p", step->p);
        json_write_text(json, "accepted", accepted != NULL ? accepted->reason : NULL);
        json_write_close(json, '}');
    }
    json_write_close(json, ']');
}

static void write_trace(struct json_write *json, const struct run_window *past,
                        const struct cell_history *trace)
{
    size_t runs = past->series.runs.count;

    json_write_open(json, NULL, '{');
    json_write_text(json, "cell", trace->cell);
    json_write_count(json, "runs", trace->values);
    json_write_number(json, "first_ns", trace->first_ns);
    json_write_number(json, "last_ns", trace->last_ns);
    json_write_number(json, "median_ns", trace->median_ns);
    write_steps(json, past, trace);
    json_write_open(json, "time_ns", '[');
    for (size_t i = 0; i < runs; i++)
        json_write_number(json, NULL, past->time_ns[trace->column * runs + i]);
    json_write_close(json, ']');
    json_write_close(json, '}');
}

int cell_histories_json(FILE *out, const struct cell_histories *traces)
{
    const struct run_window *past = &traces->past;
    struct json_write json = {.out = out};

    json_write_open(&json, NULL, '{');
    json_write_text(&json, "machine", past->machine);
    json_write_count(&json, "machines", past->machines);
    json_write_count(&json, "machine_runs", past->machine_runs);
    write_runs(&json, &past->series.runs);
    json_write_open(&json, "cells", '[');
    for (size_t t = 0; t < traces->count; t++)
        write_trace(&json, past, &traces->traces[t]);
    json_write_close(&json, ']');
    json_write_close(&json, '}');
    return ferror(out) ? -EIO : 0;
}
