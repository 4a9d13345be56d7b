/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "check_words.h"
#include "finding_words.h"
#include "watch_words.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FOLD_FROM = 12, ACCEPTED_MOST = 8, ID_SHOWN = 8, WIDE_FROM = 130 };

static const char *const change_words[] = {
    [CHANGE_SLOWER] = "slower",
    [CHANGE_FASTER] = "faster",
    [CHANGE_INCONCLUSIVE] = "no step",
    [CHANGE_DIVERGED] = "it or the others moved",
};

/* Where CSV has a value at another place than readers have, it has a column of its own. */
enum { COLUMN_BEFORE = 4, COLUMN_NOW = 5, COLUMN_RATIO = 7 };
static const struct column columns[] = {
    {.key = "kind", .csv = "kind"},
    {.heading = "row", .key = "name", .csv = "name"},
    {.key = "change", .csv = "change"},
    {.key = "p"},
    {.heading = "before", .key = "before_ns", .align = ALIGN_RIGHT, .family = 1, .as = AS_TIME},
    {.heading = "now", .key = "now_ns", .align = ALIGN_RIGHT, .family = 1, .as = AS_TIME},
    {.key = "visible"},
    {.heading = "change", .key = "ratio", .csv = "ratio,ratio_low,ratio_high", .family = 2},
    {.csv = "p"},
    {.csv = "by_relative"},
    {.key = "found_by"},
    {.heading = "since run", .key = "since{}", .family = 3},
    {.csv = "since_date"},
    {.csv = "since_revision"},
    {.csv = "since_run"},
    {.heading = "runs", .align = ALIGN_RIGHT, .family = 3},
    {.key = "runs_before", .csv = "runs_before"},
    {.key = "runs_after", .csv = "runs_after"},
    {.csv = "before_ns"},
    {.csv = "now_ns"},
    {.key = "drift_per_run"},
    {.csv = "drift_per_run"},
    {.csv = "visible"},
    {.key = "is_drift"},
    {.key = "changed_with[]", .csv = "changed_with"},
    {.csv = "is_drift"},
    {.heading = "p", .align = ALIGN_RIGHT, .family = 4, .as = AS_P},
    {.heading = "verdict", .family = 4},
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void put_ns(struct table *table, double ns)
{
    table_number(table, ns);
    if (isnan(ns))
        table_words(table, "%s", "");
}

static void changed_with_members(struct document *document, const void *subject)
{
    const struct check_row *row = subject;

    for (size_t i = 0; i < row->change_count; i++) {
        document_open(document, NULL, '{');
        document_text(document, "key", row->changes[i].key);
        document_text(document, "before", row->changes[i].before);
        document_text(document, "after", row->changes[i].after);
        document_number(document, "runs_later", row->changes[i].runs_later);
        document_close(document, '}');
    }
}

static void put_changed_with(struct table *table, const struct check_row *row)
{
    char *text = context_changes_text(row->changes, row->change_count);

    table_members(table, changed_with_members, row);
    if (text != NULL)
        table_words(table, "%s", text);
    else
        table->document->error = -ENOMEM;
    free(text);
}

/* Where the level changed: [since run] ... [runs_after]. */
static void put_since(struct table *table, const struct check_report *report,
                      const struct watch_row *step)
{
    const struct history_run *since = &report->check->window.series.runs.runs[step->since];
    char date[DATE_TEXT];

    run_put_date(since, date);
    table_members(table, run_members, since);
    table_words(table, "%s  %.*s", date, ID_SHOWN, since->id);
    date_put(since->date_s, date);
    table_none(table, 1);
    table_words(table, "%s", date);
    table_text(table, since->revision);
    table_text(table, since->id);
    table_none(table, 1);
    table_words(table, "%zu + %zu", step->before, step->after);
    table_count(table, step->before);
    table_count(table, step->after);
}

static void put_verdict(struct table *table, const struct watch_row *step)
{
    int found = finding_is_change(&step->finding);
    int against = step->finding.by_relative && found && step->finding.change != CHANGE_DIVERGED;

    table_none(table, 1);
    table_words(
        table, "%s%s%s%s", step->finding.kind == ROW_CONTROL ? "control, " : "",
        !found && isnan(step->finding.p) ? "too few runs" : change_words[step->finding.change],
        against ? " than the others" : "", found && step->drift.is_drift ? ", drifting" : "");
}

/* The largest shift of a row without a step is no estimate of anything: it is not shown. */
static void put_row(struct table *table, const struct check_report *report,
                    const struct check_row *row)
{
    const struct watch_row *step = row->step;
    int found = finding_is_change(&step->finding);

    table_row(table);
    table_text(table, finding_kind_word(step->finding.kind));
    watch_put_name(table, row->name, report->common);
    table_text(table, found ? finding_change_word(step->finding.change) : "none");
    table_number(table, step->finding.p);
    put_ns(table, row->before_ns);
    put_ns(table, row->now_ns);
    table_number(table, step->finding.visible);
    if (found)
        table_interval(table, step->finding.ratio);
    else
        table_none(table, 1);
    table_number(table, step->finding.p);
    table_count(table, found && step->finding.by_relative);
    if (found) {
        table_text(table, step->finding.by_relative ? "relative" : "ratio");
        put_since(table, report, step);
    } else {
        table_none(table, 8);
    }
    table_number(table, row->before_ns);
    table_number(table, row->now_ns);
    if (found)
        table_interval(table, step->drift.per_run);
    else
        table_none(table, 1);
    table_number(table, step->drift.per_run.estimate);
    table_number(table, step->finding.visible);
    if (found) {
        table_count(table, (uint64_t)step->drift.is_drift);
        put_changed_with(table, row);
    } else {
        table_none(table, 2);
    }
    table_count(table, (uint64_t)step->drift.is_drift);
    table_number(table, step->finding.p);
    put_verdict(table, step);
}

static void put_rows(const struct check_report *report)
{
    const struct check *check = report->check;
    const struct view *view = report->document->view;
    int all = report->all || !document_has_readers(report->document);
    size_t followers = 0, quiet = 0;
    struct column shown[COLUMNS];
    struct table table;

    memcpy(shown, columns, sizeof shown);
    if (view->width < WIDE_FROM && view->format != &format_markdown)
        shown[COLUMN_BEFORE].heading = shown[COLUMN_NOW].heading = NULL;
    table_begin(&table, report->document, "rows", shown, COLUMNS);
    table_heading(&table, COLUMN_RATIO, "change, %% [%g %%]", 100 * check->options.confidence);
    for (size_t i = 0; i < check->watched.count; i++) {
        const struct check_row *row = &check->rows[i];
        if (!all && !finding_is_change(&row->step->finding))
            quiet++;
        else if (!all && check->watched.count > FOLD_FROM && !row->is_new)
            followers++;
        else
            put_row(&table, report, row);
    }
    table_end(&table);
    if (followers > 0)
        document_note(report->document, "",
                      "%zu rows are folded that only follow these: cells that follow their "
                      "writer, or means that follow one of their parts; --all shows them.",
                      followers);
    if (quiet > 0 && quiet < check->watched.count)
        document_note(report->document, "",
                      "%zu rows without a finding are folded; --all shows them.", quiet);
}

static void put_basis(const struct check_report *report)
{
    const struct check *check = report->check;
    const struct run_window *window = &check->window;
    const struct history_runs *runs = &window->series.runs;
    size_t controls = 0;

    for (size_t r = 0; r < check->watched.count; r++)
        controls += check->watched.rows[r].finding.kind == ROW_CONTROL;
    window_show(report->document, window, check->cells - controls, controls, report->common);
    if (window->newer > 0)
        document_note(report->document, "", "%zu newer run%s not looked at.", window->newer,
                      window->newer > 1 ? "s are" : " is");
    document_count(report->document, "runs", runs->count);
    document_count(report->document, "newer_runs", window->newer);
    run_object(report->document, "first", &runs->runs[0]);
    run_object(report->document, "newest", &runs->runs[runs->count - 1]);
    document_count(report->document, "late_runs", run_window_clock(window).late);
    document_count(report->document, "future_runs", run_window_clock(window).future);
}

static void put_counts(struct document *document, const struct check *check)
{
    const struct watch_result *watched = &check->watched;

    document_count(document, "cells", check->cells);
    document_count(document, "slower", (uint64_t)watched->slower);
    document_count(document, "faster", (uint64_t)watched->faster);
    document_count(document, "apart", (uint64_t)watched->apart);
    document_count(document, "controls_moved", (uint64_t)watched->controls);
    document_count(document, "rows_judged", check->judged);
    document_count(document, "runs_needed", check->needed);
    document_count(document, "runs_there", check->there);
    document_number(document, "visible_cell", check->visible[ROW_CELL]);
    document_number(document, "visible_writer", check->visible[ROW_WRITER]);
    document_number(document, "persistence", watched->persistence);
    document_number(document, "alpha", check->options.alpha);
    document_number(document, "margin", check->options.margin);
    document_number(document, "confidence", check->options.confidence);
    document_count(document, "last", check->options.newest);
    document_count(document, "seed", check->options.seed);
}

static char *common_of(const struct check *check)
{
    char **names = calloc(check->cells + 1, sizeof *names), *common;

    if (names == NULL)
        return NULL;
    for (size_t c = 0; c < check->cells; c++)
        names[c] = check->window.series.cells[check->column[c]].name;
    common = watch_common(names, check->cells);
    free(names);
    return common;
}

int report_check(FILE *out, const struct check *check, const struct view *view, int all)
{
    struct document document = document_begin(out, view);
    const struct check_report report = {&document, check, common_of(check), all};

    if (report.common == NULL) {
        document.error = -ENOMEM;
    } else {
        document_open(&document, NULL, '{');
        check_show_verdict(&report);
        check_show_first(&report);
        put_basis(&report);
        put_counts(&document, check);
        check_show_needs(&report);
        put_rows(&report);
        check_show_power(&report);
        check_show_events(&report);
        check_show_absent(&report);
        window_show_accepted(&document, &check->window, ACCEPTED_MOST);
        check_show_clock(&report);
        document_close(&document, '}');
    }
    free(report.common);
    return document_finish(&document);
}
