/* SPDX-License-Identifier: Apache-2.0 */
#include "history_reports.h"

#include "table.h"
#include "words.h"

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
    {.key = "is_open"},
    {.key = "changed_with[]", .csv = "changed_with"},
    {.csv = "is_drift"},
    {.heading = "p", .align = ALIGN_RIGHT, .family = 4, .as = figure_p},
    {.heading = "verdict", .family = 4},
};

/* Where a level moves with every run there is no step to measure: the slope is shown instead. */
static const char *say_slope(struct document *document, const struct watch_row *step)
{
    return step->drift.is_drift
               ? document_say(document, "%s a run",
                              figure_change_of(exp(step->drift.per_run.estimate)).text)
               : NULL;
}

static struct datum ns_of(double ns) { return SHOWN(ns, isnan(ns) ? "" : NULL); }

static void changed_with_members(struct document *document, const void *subject)
{
    const struct check_row *row = subject;

    for (size_t i = 0; i < row->change_count; i++)
        document_object(document, NULL, "key", row->changes[i].key, "before",
                        row->changes[i].before, "after", row->changes[i].after, "runs_later",
                        row->changes[i].runs_later);
}

/* Where the level changed: [since run] ... [runs_after]. */
static void put_since(struct table *table, const struct check_report *report,
                      const struct watch_row *step)
{
    const struct history_run *since = run_at(report, step->since);
    struct document *document = table->document;
    int is_drift = step->drift.is_drift;

    table_put(table,
              SHOWN(MEMBERS(run_members, since),
                    is_drift ? ""
                             : document_say(document, "%s  %.*s", run_say_date(document, since),
                                            ID_SHOWN, since->id)),
              WORDS(date_say(document, since->date_s)), since->revision, since->id,
              WORDS(is_drift ? document_say(document, "%zu", step->before + step->after)
                             : document_say(document, "%zu + %zu", step->before, step->after)),
              step->before, step->after);
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
    struct document *document = table->document;
    int found = finding_is_change(&step->finding);
    const struct finding *finding = &step->finding;

    table_row(table);
    table_put(table, finding_kind_word[finding->kind],
              SHOWN(row->name, watch_short_name(document, row->name, report->common)),
              found ? finding_change_word[finding->change] : "none", finding->p,
              ns_of(row->before_ns), ns_of(row->now_ns), finding->visible,
              SHOWN(PERHAPS(found, finding->ratio), found ? say_slope(document, step) : NULL),
              finding->p, found && finding->by_relative,
              PERHAPS(found, finding->by_relative ? "relative" : "ratio"));
    if (found)
        put_since(table, report, step);
    else
        table_put(table, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING);
    table_put(table, row->before_ns, row->now_ns, PERHAPS(found, step->drift.per_run),
              step->drift.per_run.estimate, finding->visible, PERHAPS(found, step->drift.is_drift),
              PERHAPS(found, step->is_open),
              PERHAPS(found, SHOWN(MEMBERS(changed_with_members, row),
                                   context_changes_say(document, row->changes, row->change_count))),
              step->drift.is_drift, finding->p);
    put_verdict(table, step);
}

static void put_rows(const struct check_report *report)
{
    const struct check *check = report->check;
    const struct view *view = report->document->view;
    int all = report->all || !document_has_readers(report->document);
    size_t followers = 0, quiet = 0;
    struct table table;

    table_of(&table, report->document, "rows", columns);
    if (report->document->error == 0 && view->width < WIDE_FROM && view->format != &format_markdown)
        table.column[COLUMN_BEFORE].heading = table.column[COLUMN_NOW].heading = NULL;
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
                    document_say(report->document,
                                 "rows are folded that only follow these: cells that follow their "
                                 "%s, or means that follow one of their parts",
                                 kinds_say(check_kinds(check))));
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
    document_put(report->document, "runs", runs->count, "newer_runs", window->newer, "first{}",
                 MEMBERS(run_members, &runs->runs[0]), "newest{}",
                 MEMBERS(run_members, &runs->runs[runs->count - 1]), "late_runs",
                 run_window_clock(window).late, "future_runs", run_window_clock(window).future);
}

static void put_counts(struct document *document, const struct check *check)
{
    const struct watch_result *watched = &check->watched;

    document_put(document, "must_see", check->must_see, "seen_writer", check->seen[ROW_WRITER],
                 "seen_all", check->seen[ROW_ALL]);
    document_put(document, "cells_failed", check->absent[ABSENCE_FAILED], "cells_missing",
                 check->missing);
    document_put(document, "cells", check->cells, "slower", watched->slower, "faster",
                 watched->faster, "apart", watched->apart, "controls_moved", watched->controls,
                 "rows_judged", check->judged, "runs_needed", check->needed, "runs_there",
                 check->there);
    document_put(document, "visible_cell", check->visible[ROW_CELL], "visible_writer",
                 check->visible[ROW_WRITER], "persistence", watched->persistence, "alpha",
                 check->options.alpha, "margin", check->options.margin, "confidence",
                 check->options.confidence, "last", check->options.newest, "seed",
                 check->options.seed);
}

int report_check(FILE *out, const struct check *check, const struct view *view, int all)
{
    struct document document = document_begin(out, view);
    const char *common =
        watch_common(&document, &check->window, check->column, sizeof *check->column, check->cells);
    const struct check_report report = {&document, check, common, all};

    check_show_verdict(&report);
    check_show_clock(&report);
    put_basis(&report);
    put_counts(&document, check);
    check_show_needs(&report);
    put_rows(&report);
    if (check->watched.count > 0)
        kinds_put_times(&document, check_kinds(check));
    check_show_absent(&report);
    check_show_below(&report);
    window_show_accepted(&document, &check->window, ACCEPTED_MOST);
    return document_finish(&document);
}
