/* SPDX-License-Identifier: Apache-2.0 */
#include "check_text.h"

#include "compare_show.h"
#include "parts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RECENT = 10 };
#define MEAN_SHARE 0.8

static const char *const kind_words[] = {
    [RESULTS_WATCH_ALL] = "all",
    [RESULTS_WATCH_WRITER] = "writer",
    [RESULTS_WATCH_CELL] = "cell",
    [RESULTS_WATCH_CONTROL] = "control",
};

const char *check_kind_word(enum results_watch_kind kind) { return kind_words[kind]; }

int check_is_found(const struct results_watch_row *row) { return row->change != RESULTS_UNTOLD; }

/* ---- runs ---- */

void run_put_date(const struct history_run *run, char text[HISTORY_DATE])
{
    history_date(run->date_s, text);
    if (strlen(text) > 16)
        text[16] = '\0';
}

void run_put(const struct history_run *run, char text[RUN_TEXT])
{
    char date[HISTORY_DATE];

    run_put_date(run, date);
    snprintf(text, RUN_TEXT, "%s (run %.*s%s%.*s)", date, RUN_SHOWN, run->id,
             run->revision != NULL ? ", revision " : "", REVISION_SHOWN,
             run->revision != NULL ? run->revision : "");
}

struct past_clock past_clock(const struct history_past *past)
{
    const struct history_runs *runs = &past->series.runs;
    struct past_clock clock = {.last_added = runs->count - 1};
    int64_t least = INT64_MAX;

    for (size_t i = runs->count; i-- > 0;) {
        const struct history_run *run = &runs->runs[i];
        if (run->sequence > runs->runs[clock.last_added].sequence)
            clock.last_added = i;
        clock.late += run->sequence > least;
        clock.future += run->date_s >= run->added_s + 24 * 3600;
        least = run->sequence < least ? run->sequence : least;
    }
    return clock;
}

/* ---- rows ---- */

static int is_of_cell(const struct results_watch_row *row)
{
    return row->kind == RESULTS_WATCH_CELL || row->kind == RESULTS_WATCH_CONTROL;
}

const char *check_row_name(const struct history_check *check, const struct results_watch_row *row)
{
    return row->kind == RESULTS_WATCH_ALL ? "all cells"
           : row->kind == RESULTS_WATCH_WRITER
               ? check->groups[row->index]
               : check->past.series.cells[check->column[row->index]];
}

char *check_common(const struct history_check *check)
{
    char **names = calloc(check->cells + 1, sizeof *names), *common;
    size_t count = 0;

    if (names == NULL)
        return NULL;
    for (size_t c = 0; c < check->cells; c++) {
        struct results_name parts;
        char *name = check->past.series.cells[check->column[c]];
        results_name_parse(name, &parts);
        if (!results_name_is_control(&parts))
            names[count++] = name;
    }
    common = parts_common(names, count);
    free(names);
    return common;
}

static double median_of(const double *value, size_t begin, size_t end, double *room)
{
    size_t count = 0;

    for (size_t i = begin; i < end; i++)
        if (value[i] > 0)
            room[count++] = value[i];
    results_sort(room, count);
    return count > 0 ? results_median(room, count) : (double)NAN;
}

int check_row_times(const struct history_check *check, const struct results_watch_row *row,
                    double *before_ns, double *now_ns)
{
    size_t runs = check->past.series.runs.count;

    *before_ns = *now_ns = (double)NAN;
    if (!is_of_cell(row))
        return 0;
    double *room = calloc(runs + 1, sizeof *room);
    if (room == NULL)
        return -ENOMEM;
    const double *value = &check->past.time_ns[check->column[row->index] * runs];
    size_t since = check_is_found(row) ? row->since : row->from;
    *before_ns = median_of(value, row->from, since, room);
    *now_ns = median_of(value, since, runs, room);
    free(room);
    return 0;
}

static int rank_of(const struct results_watch_row *row)
{
    if (!check_is_found(row))
        return 0;
    if (row->kind == RESULTS_WATCH_CONTROL)
        return 4;
    return row->change == RESULTS_SLOWER ? 3 : row->change == RESULTS_APART ? 2 : 1;
}

static double size_of(const struct results_watch_row *row)
{
    return fabs(log(row->ratio.estimate));
}

static int is_part_of(const struct history_check *check, const struct results_watch_row *row,
                      const struct results_watch_row *mean)
{
    if (row->kind <= mean->kind || row->kind == RESULTS_WATCH_CONTROL)
        return 0;
    return mean->kind == RESULTS_WATCH_ALL ||
           (mean->kind == RESULTS_WATCH_WRITER && check->group[row->index] == mean->index);
}

/* What one writer or cell does pulls the means over it along: then they are not what changed. */
static int is_pulled(const struct history_check *check, const struct results_watch_row *mean)
{
    for (size_t r = 0; check_is_found(mean) && r < check->watched.count; r++) {
        const struct results_watch_row *row = &check->watched.rows[r];
        if (row->change == mean->change && is_part_of(check, row, mean) &&
            size_of(mean) < MEAN_SHARE * size_of(row))
            return 1;
    }
    return 0;
}

int check_follows(const struct history_check *check, const struct results_watch_row *row)
{
    for (size_t r = 0; !row->by_relative && r < check->watched.count; r++) {
        const struct results_watch_row *mean = &check->watched.rows[r];
        if (mean->change == row->change && is_part_of(check, row, mean) &&
            mean->since <= row->since + HISTORY_NEAR && row->since <= mean->since + HISTORY_NEAR &&
            size_of(mean) >= MEAN_SHARE * size_of(row))
            return 1;
    }
    return 0;
}

static int comes_before(const struct results_watch_row *a, int a_pulled,
                        const struct results_watch_row *b, int b_pulled)
{
    int a_rank = rank_of(a), b_rank = rank_of(b);

    if (a_rank != b_rank)
        return a_rank > b_rank;
    if (a_pulled != b_pulled)
        return b_pulled;
    if (a->kind != b->kind || a_rank == 0)
        return a->kind < b->kind;
    return size_of(a) > size_of(b);
}

int check_order(const struct history_check *check, size_t *order)
{
    const struct results_watch_row *rows = check->watched.rows;
    int *pulled = calloc(check->watched.count + 1, sizeof *pulled);

    if (pulled == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < check->watched.count; i++) {
        size_t at = i;
        pulled[i] = is_pulled(check, &rows[i]);
        for (; at > 0 &&
               comes_before(&rows[i], pulled[i], &rows[order[at - 1]], pulled[order[at - 1]]);
             at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    free(pulled);
    return 0;
}

/* ---- coincidences ---- */

size_t check_coincidences(const struct history_check *check, const struct results_watch_row *row,
                          struct history_coincidence found[HISTORY_COINCIDENCES])
{
    size_t runs = check->past.series.runs.count, before = row->since;

    if (row->since == 0)
        return 0;
    /* A cell that not every run has is held against the run that it was last in. */
    do
        before--;
    while (is_of_cell(row) && before > row->from &&
           !(check->past.time_ns[check->column[row->index] * runs + before] > 0));
    return history_coincidences(&check->past, row->from, before, row->since, found);
}

/* Of a kernel the release, where that differs; of all else so much as a line takes. */
static int shown_length(const struct history_coincidence *at, const char *value)
{
    const char *other = value == at->before ? at->after : at->before;
    size_t release = strcspn(value, " ");

    if (strcmp(at->key, "kernel") == 0 && other != NULL &&
        (release != strcspn(other, " ") || strncmp(value, other, release) != 0))
        return (int)release;
    return strlen(value) > 60 ? 60 : (int)strlen(value);
}

static void put_value(FILE *out, const struct history_coincidence *at, const char *value)
{
    if (value == NULL)
        fputs("unknown", out);
    else
        fprintf(out, "%.*s%s", shown_length(at, value), value, strlen(value) > 60 ? "..." : "");
}

char *coincidences_text(const struct history_coincidence *found, size_t count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        int later = found[i].runs_later;
        fprintf(out, "%s%s ", i > 0 ? ", " : "", found[i].name);
        put_value(out, &found[i], found[i].before);
        fputs(" -> ", out);
        put_value(out, &found[i], found[i].after);
        if (later != 0)
            fprintf(out, " (%d run%s %s)", abs(later), abs(later) > 1 ? "s" : "",
                    later > 0 ? "later" : "earlier");
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* ---- cells without a time ---- */

static enum check_absence absence_of(const struct history_check *check, size_t column)
{
    const struct history_past *past = &check->past;
    size_t runs = past->series.runs.count, last = runs - 1, there = 0, current = 0;
    size_t recent = last < RECENT ? last : RECENT, newest = check->options.newest;
    const double *time = &past->time_ns[column * runs];

    if (past->series.errors[column * runs + last] > 0)
        return CHECK_FAILED;
    if (time[last] > 0)
        return CHECK_ABSENCES;
    for (size_t i = last - recent; i < last; i++)
        there += time[i] > 0;
    for (size_t i = runs > newest ? runs - newest : 0; i < last; i++)
        current += time[i] > 0;
    if (current == 0)
        return CHECK_RETIRED;
    return 2 * there >= recent ? CHECK_MISSING : CHECK_ABSENCES;
}

size_t check_absent(const struct history_check *check, enum check_absence absence, size_t *column)
{
    size_t count = 0;

    for (size_t c = 0; c < check->past.series.cell_count; c++)
        if (absence_of(check, c) == absence)
            column[count++] = c;
    return count;
}

/* ---- the verdict ---- */

static void put_finding(FILE *out, const struct history_check *check,
                        const struct results_watch_row *row)
{
    char by[FORMAT_MAX], run[RUN_TEXT], *common = check_common(check);
    char *name = common != NULL && row->kind != RESULTS_WATCH_ALL
                     ? parts_without(check_row_name(check, row), common)
                     : NULL;

    compare_put_estimate(row->ratio.estimate, by);
    run_put(&check->past.series.runs.runs[row->since], run);
    fprintf(out, "%s, %s%s since %s", name != NULL ? name : check_row_name(check, row), by,
            strchr(by, 'x') == NULL ? " %" : "", run);
    free(name);
    free(common);
}

static void put_findings(FILE *out, const struct history_check *check, const size_t *order,
                         const char *lead, int count)
{
    fprintf(out, "%s: ", lead);
    put_finding(out, check, &check->watched.rows[order[0]]);
    if (count > 1)
        fprintf(out, "; and %d more", count - 1);
}

char *check_verdict(const struct history_check *check, const size_t *order)
{
    const struct results_watched *watched = &check->watched;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    if (watched->controls > 0)
        put_findings(out, check, order,
                     "The newest runs cannot be trusted, for what measures the machine and no "
                     "writer moved",
                     watched->controls);
    else if (watched->slower > 0)
        put_findings(out, check, order, "Slower", watched->slower);
    else if (watched->apart > 0)
        fputs("Something moved, and it is uncertain whether it became slower or the rest faster",
              out);
    else if (check->newest_is_empty)
        fputs("The newest run cannot be judged: it has no time of any cell", out);
    else if (check->judged == 0)
        fputs("It cannot be told yet whether anything became slower", out);
    else if (watched->faster > 0)
        put_findings(out, check, order, "Nothing became slower; faster", watched->faster);
    else
        fputs("Nothing became slower", out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
