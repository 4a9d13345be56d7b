/* SPDX-License-Identifier: Apache-2.0 */
#include "history_reports.h"

#include "check_words.h"
#include "watch_words.h"
#include "words.h"

#include <math.h>
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
    {.heading = "before", .key = "before_ns", .align = ALIGN_RIGHT, .family = 1, .as = figure_time},
    {.heading = "now", .key = "now_ns", .align = ALIGN_RIGHT, .family = 1, .as = figure_time},
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
    {.heading = "p", .align = ALIGN_RIGHT, .family = 4, .as = figure_p},
    {.heading = "verdict", .family = 4},
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void put_ns(struct table *table, double ns)
{
    table_put(table, ns);
    if (isnan(ns))
        table_words(table, "%s", "");
}

static void changed_with_members(struct document *document, const void *subject)
{
    const struct check_row *row = subject;

    for (size_t i = 0; i < row->change_count; i++) {
        document_open(document, NULL, '{');
        document_put(document, "key", row->changes[i].key);
        document_put(document, "before", row->changes[i].before);
        document_put(document, "after", row->changes[i].after);
        document_put(document, "runs_later", row->changes[i].runs_later);
        document_close(document, '}');
    }
}

/* Where the level changed: [since run] ... [runs_after]. */
static void put_since(struct table *table, const struct check_report *report,
                      const struct watch_row *step)
{
    const struct history_run *since = &report->check->window.series.runs.runs[step->since];

    table_members(table, run_members, since);
    table_words(table, "%s  %.*s", run_say_date(table->document, since), ID_SHOWN, since->id);
    table_say(table, "%s", date_say(table->document, since->date_s));
    table_put(table, since->revision);
    table_put(table, since->id);
    table_say(table, "%zu + %zu", step->before, step->after);
    table_put(table, step->before);
    table_put(table, step->after);
}

static void put_verdict(struct table *table, const struct watch_row *step)
{
    int found = finding_is_change(&step->finding);
    int against = step->finding.by_relative && found && step->finding.change != CHANGE_DIVERGED;

    table_say(table, "%s%s%s%s", step->finding.kind == ROW_CONTROL ? "control, " : "",
              !found && isnan(step->finding.p) ? "too few runs"
                                               : change_words[step->finding.change],
              against ? " than the others" : "", found && step->drift.is_drift ? ", drifting" : "");
}

/* The largest shift of a row without a step is no estimate of anything: it is not shown. */
static void put_row(struct table *table, const struct check_report *report,
                    const struct check_row *row)
{
    const struct watch_row *step = row->step;
    int found = finding_is_change(&step->finding);

    table_row(table);
    table_put(table, finding_kind_word[step->finding.kind]);
    watch_put_name(table, row->name, report->common);
    table_put(table, found ? finding_change_word[step->finding.change] : "none");
    table_put(table, step->finding.p);
    put_ns(table, row->before_ns);
    put_ns(table, row->now_ns);
    table_put(table, step->finding.visible);
    table_put_if(table, found, step->finding.ratio);
    table_put(table, step->finding.p);
    table_put(table, found && step->finding.by_relative);
    table_put_if(table, found, step->finding.by_relative ? "relative" : "ratio");
    if (found)
        put_since(table, report, step);
    else
        table_none(table, 7);
    table_put(table, row->before_ns);
    table_put(table, row->now_ns);
    table_put_if(table, found, step->drift.per_run);
    table_put(table, step->drift.per_run.estimate);
    table_put(table, step->finding.visible);
    table_put_if(table, found, step->drift.is_drift);
    if (found) {
        table_members(table, changed_with_members, row);
        table_words(table, "%s",
                    context_changes_say(table->document, row->changes, row->change_count));
    } else {
        table_none(table, 1);
    }
    table_put(table, step->drift.is_drift);
    table_put(table, step->finding.p);
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
    document_folded(report->document, followers,
                    "rows are folded that only follow these: cells that follow their writer, or "
                    "means that follow one of their parts");
    document_folded(report->document, quiet < check->watched.count ? quiet : 0,
                    "rows without a finding are folded");
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
    document_put(report->document, "runs", runs->count);
    document_put(report->document, "newer_runs", window->newer);
    run_object(report->document, "first", &runs->runs[0]);
    run_object(report->document, "newest", &runs->runs[runs->count - 1]);
    document_put(report->document, "late_runs", run_window_clock(window).late);
    document_put(report->document, "future_runs", run_window_clock(window).future);
}

static void put_counts(struct document *document, const struct check *check)
{
    const struct watch_result *watched = &check->watched;

    document_put(document, "cells", check->cells);
    document_put(document, "slower", watched->slower);
    document_put(document, "faster", watched->faster);
    document_put(document, "apart", watched->apart);
    document_put(document, "controls_moved", watched->controls);
    document_put(document, "rows_judged", check->judged);
    document_put(document, "runs_needed", check->needed);
    document_put(document, "runs_there", check->there);
    document_put(document, "visible_cell", check->visible[ROW_CELL]);
    document_put(document, "visible_writer", check->visible[ROW_WRITER]);
    document_put(document, "persistence", watched->persistence);
    document_put(document, "alpha", check->options.alpha);
    document_put(document, "margin", check->options.margin);
    document_put(document, "confidence", check->options.confidence);
    document_put(document, "last", check->options.newest);
    document_put(document, "seed", check->options.seed);
}

static const char *common_of(struct document *document, const struct check *check)
{
    char **names = document_take(document, check->cells + 1, sizeof *names);

    for (size_t c = 0; names != NULL && c < check->cells; c++)
        names[c] = check->window.series.cells[check->column[c]].name;
    return names != NULL ? watch_common(document, names, check->cells) : "";
}

int report_check(FILE *out, const struct check *check, const struct view *view, int all)
{
    struct document document = document_begin(out, view);
    const struct check_report report = {&document, check, common_of(&document, check), all};

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
    return document_finish(&document);
}
