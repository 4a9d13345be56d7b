/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on the newest runs of a machine, for programs: all rows, full names and precision. */
#include "check_words.h"
#include "comparison_text.h"
#include "finding_words.h"
#include "watch_words.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *change_word(const struct watch_row *row)
{
    return check_is_found(row) ? finding_change_word(row->change) : "none";
}

static const struct history_run *since_of(const struct check *check, const struct watch_row *row)
{
    return &check->past.series.runs.runs[row->since];
}

/* The largest shift of a row without a step is no estimate of anything. */
static struct interval ratio_of(const struct watch_row *row)
{
    double none = (double)NAN;
    return check_is_found(row) ? row->ratio : (struct interval){none, none, none};
}

static void put_since(FILE *out, const struct check *check, const struct watch_row *row)
{
    const struct history_run *run = since_of(check, row);
    char date[DATE_TEXT];

    if (!check_is_found(row)) {
        fputs(",,,", out);
        return;
    }
    date_put(run->date_s, date);
    fprintf(out, "%s,", date);
    compare_csv_name(out, run->revision != NULL ? run->revision : "");
    fprintf(out, "%s,", run->id);
}

static int put_row(FILE *out, const struct check *check, const struct watch_row *row)
{
    struct context_change found[CONTEXT_CHANGES_MOST];
    size_t count = check_is_found(row) ? check_context_changes(check, row, found) : 0;
    char *with = context_changes_text(found, count);
    double before_ns, now_ns;

    if (with == NULL || check_row_times(check, row, &before_ns, &now_ns) != 0) {
        free(with);
        return -ENOMEM;
    }
    fprintf(out, "%s,", check_kind_word(row->kind));
    compare_csv_name(out, check_row_name(check, row));
    fprintf(out, "%s,", change_word(row));
    compare_csv_interval(out, ratio_of(row));
    compare_csv_number(out, row->p);
    fprintf(out, "%d,", check_is_found(row) && row->by_relative);
    put_since(out, check, row);
    if (check_is_found(row))
        fprintf(out, "%zu,%zu,", row->before, row->after);
    else
        fputs(",,", out);
    compare_csv_number(out, before_ns);
    compare_csv_number(out, now_ns);
    compare_csv_number(out, row->drift.per_run.estimate);
    compare_csv_number(out, row->visible);
    compare_csv_name(out, with);
    fprintf(out, "%d\n", row->drift.is_drift);
    free(with);
    return 0;
}

int check_write_csv(FILE *out, const struct check *check)
{
    size_t *order = calloc(check->watched.count + 1, sizeof *order);
    int error = order == NULL ? -ENOMEM : check_order(check, order);

    fputs(
        "kind,name,change,ratio,ratio_low,ratio_high,p,by_relative,since_date,since_revision,"
        "since_run,runs_before,runs_after,before_ns,now_ns,drift_per_run,visible,changed_with,is_"
        "drift\n",
        out);
    for (size_t i = 0; error == 0 && i < check->watched.count; i++)
        error = put_row(out, check, &check->watched.rows[order[i]]);
    free(order);
    return error == 0 && ferror(out) ? -EIO : error;
}

static void write_run(struct json_write *json, const char *key, const struct history_run *run)
{
    char date[DATE_TEXT];

    date_put(run->date_s, date);
    json_write_open(json, key, '{');
    json_write_text(json, "run", run->id);
    json_write_text(json, "date", date);
    json_write_text(json, "revision", run->revision);
    json_write_close(json, '}');
}

static void write_coincidences(struct json_write *json, const struct check *check,
                               const struct watch_row *row)
{
    struct context_change found[CONTEXT_CHANGES_MOST];
    size_t count = check_context_changes(check, row, found);

    json_write_open(json, "changed_with", '[');
    for (size_t i = 0; i < count; i++) {
        json_write_open(json, NULL, '{');
        json_write_text(json, "key", found[i].key);
        json_write_text(json, "before", found[i].before);
        json_write_text(json, "after", found[i].after);
        json_write_number(json, "runs_later", found[i].runs_later);
        json_write_close(json, '}');
    }
    json_write_close(json, ']');
}

static int write_row(struct json_write *json, const struct check *check,
                     const struct watch_row *row)
{
    double before_ns, now_ns;

    if (check_row_times(check, row, &before_ns, &now_ns) != 0)
        return -ENOMEM;
    json_write_open(json, NULL, '{');
    json_write_text(json, "kind", check_kind_word(row->kind));
    json_write_text(json, "name", check_row_name(check, row));
    json_write_text(json, "change", change_word(row));
    json_write_number(json, "p", row->p);
    json_write_number(json, "before_ns", before_ns);
    json_write_number(json, "now_ns", now_ns);
    json_write_number(json, "visible", row->visible);
    if (check_is_found(row)) {
        json_write_interval(json, "ratio", row->ratio);
        json_write_text(json, "found_by", row->by_relative ? "relative" : "ratio");
        write_run(json, "since", since_of(check, row));
        json_write_count(json, "runs_before", row->before);
        json_write_count(json, "runs_after", row->after);
        json_write_interval(json, "drift_per_run", row->drift.per_run);
        json_write_count(json, "is_drift", (uint64_t)row->drift.is_drift);
        write_coincidences(json, check, row);
    }
    json_write_close(json, '}');
    return 0;
}

static void write_absent(struct json_write *json, const struct check *check, size_t *room)
{
    static const char *const keys[] = {
        [CHECK_FAILED] = "failed", [CHECK_MISSING] = "missing", [CHECK_RETIRED] = "retired"};

    for (int absence = 0; absence < CHECK_ABSENCES; absence++) {
        size_t count = check_absent(check, (enum check_absence)absence, room);
        json_write_open(json, keys[absence], '[');
        for (size_t i = 0; i < count; i++)
            json_write_text(json, NULL, check->past.series.cells[room[i]]);
        json_write_close(json, ']');
    }
}

static void write_accepted(struct json_write *json, const struct run_window *past)
{
    json_write_open(json, "accepted", '[');
    for (size_t i = 0; i < past->accepted_count; i++) {
        json_write_open(json, NULL, '{');
        json_write_text(json, "cell", past->accepted[i].cell);
        write_run(json, "since", &past->series.runs.runs[past->accepted[i].run]);
        json_write_text(json, "reason", past->accepted[i].reason);
        json_write_close(json, '}');
    }
    json_write_close(json, ']');
}

static void write_past(struct json_write *json, const struct run_window *past)
{
    struct run_window_clock clock = run_window_clock(past);

    json_write_text(json, "machine", past->machine);
    json_write_count(json, "machines", past->machines);
    json_write_count(json, "machine_runs", past->machine_runs);
    json_write_count(json, "runs", past->series.runs.count);
    json_write_count(json, "newer_runs", past->newer);
    write_run(json, "first", &past->series.runs.runs[0]);
    write_run(json, "newest", &past->series.runs.runs[past->series.runs.count - 1]);
    json_write_count(json, "late_runs", clock.late);
    json_write_count(json, "future_runs", clock.future);
}

static void write_counts(struct json_write *json, const struct check *check)
{
    const struct watch_result *watched = &check->watched;

    json_write_count(json, "cells", check->cells);
    json_write_count(json, "slower", (uint64_t)watched->slower);
    json_write_count(json, "faster", (uint64_t)watched->faster);
    json_write_count(json, "apart", (uint64_t)watched->apart);
    json_write_count(json, "controls_moved", (uint64_t)watched->controls);
    json_write_count(json, "rows_judged", check->judged);
    json_write_count(json, "runs_needed", check->needed);
    json_write_count(json, "runs_there", check->there);
    json_write_number(json, "persistence", watched->persistence);
    json_write_number(json, "alpha", check->options.alpha);
    json_write_number(json, "margin", check->options.margin);
    json_write_number(json, "confidence", check->options.confidence);
    json_write_count(json, "last", check->options.newest);
    json_write_count(json, "seed", check->options.seed);
}

static int write_all(struct json_write *json, const struct check *check, size_t *order,
                     size_t *room)
{
    int error = check_order(check, order);
    char *verdict = error == 0 ? check_verdict(check, order) : NULL;

    if (verdict == NULL)
        return -ENOMEM;
    json_write_open(json, NULL, '{');
    json_write_text(json, "verdict", verdict);
    free(verdict);
    json_write_count(json, "status", (uint64_t)check_status(check));
    write_past(json, &check->past);
    write_counts(json, check);
    json_write_open(json, "rows", '[');
    for (size_t i = 0; error == 0 && i < check->watched.count; i++)
        error = write_row(json, check, &check->watched.rows[order[i]]);
    json_write_close(json, ']');
    write_absent(json, check, room);
    write_accepted(json, &check->past);
    json_write_close(json, '}');
    return error;
}

int check_write_json(FILE *out, const struct check *check)
{
    struct json_write json = {.out = out};
    size_t *order = calloc(check->watched.count + 1, sizeof *order);
    size_t *room = calloc(check->past.series.cell_count + 1, sizeof *room);
    int error = order == NULL || room == NULL ? -ENOMEM : write_all(&json, check, order, room);

    free(order);
    free(room);
    return error == 0 && ferror(out) ? -EIO : error;
}
