/* SPDX-License-Identifier: Apache-2.0 */
/* What of the newest runs is not there, or not where it should be: cells that failed or are
 * missing, and runs whose dates contradict the order of adding. */
#include "history_reports.h"

enum { NAMES_MOST = 6 };

/* Since when, and what can be done. */
static void put_failed(const struct check_report *report, size_t column)
{
    const struct run_window *window = &report->check->window;
    const struct history_run *since = run_at(report, absence_failed_since(window, column));

    document_put(report->document, "failed_since{}", MEMBERS(run_members, since));
    document_note(
        report->document, "",
        "%.80s fails since %s. Why: bench_results export %.*s | bench_results show -. If "
        "it is meant to be so: bench_results bless CELL --at=%.*s --reason=TEXT.",
        watch_short_name(report->document, window->series.cells[column].name, report->common),
        run_say(report->document, since), RUN_SHOWN, since->id, RUN_SHOWN, since->id);
}

/* A run that was cut off, or of other cells, took nothing away. */
static void put_missing(const struct check_report *report)
{
    const struct run_window *window = &report->check->window;
    const struct history_run *newest = run_at(report, window->series.runs.count - 1);
    size_t first = 0, others = absence_of_all_before(window, &first);

    document_put(report->document, "cells_new", others);
    if (history_context(newest, "interrupted") != NULL)
        document_note(report->document, "",
                      "The newest run was interrupted: measure again; bench_results forget %.*s "
                      "takes it out.",
                      RUN_SHOWN, newest->id);
    else if (report->check->absent[ABSENCE_MISSING] > 0)
        document_note(report->document, "",
                      "If they were taken away on purpose: bench_results bless --gone=REGEX "
                      "--at=%.*s --reason=TEXT.",
                      RUN_SHOWN, newest->id);
    if (others > 0 && report->check->missing > 0)
        document_note(
            report->document, "",
            "The newest run has %zu cell%s that none of the %zu runs before it measured, such as "
            "%.80s: with another file size, or another name, a cell is another one.",
            others, others > 1 ? "s" : "", window->series.runs.count - 1,
            watch_short_name(report->document, window->series.cells[first].name, report->common));
}

void check_show_absent(const struct check_report *report)
{
    static const struct {
        const char *key, *lead;
    } lists[ABSENCES] = {
        [ABSENCE_FAILED] = {"failed", "Failed where they were measured last, and not before"},
        [ABSENCE_FAILING] = {"failing", "Failed, as before"},
        [ABSENCE_MISSING] =
            {"missing",
             "Missing, or without a usable time, although runs with the same selection had them"},
        [ABSENCE_RETIRED] = {"retired", "No longer measured, and not judged"},
    };
    const struct history_series *series = &report->check->window.series;

    for (int absence = ABSENCE_NONE + 1; absence < ABSENCES; absence++) {
        const char *names = "";
        size_t count = 0, first = 0;
        document_open(report->document, lists[absence].key, '[');
        for (size_t c = 0; c < series->cell_count; c++) {
            if ((int)report->check->absence[c] != absence)
                continue;
            document_put(report->document, NULL, series->cells[c].name);
            first = count == 0 ? c : first;
            if (count++ >= NAMES_MOST)
                continue;
            names = document_say(
                report->document, "%s%s%.80s", names, count > 1 ? ", " : "",
                watch_short_name(report->document, series->cells[c].name, report->common));
        }
        document_close(report->document, ']');
        if (count > NAMES_MOST)
            names = document_say(report->document, "%s and %zu more", names, count - NAMES_MOST);
        if (count > 0)
            document_paragraph(report->document, "", "%s: %s.", lists[absence].lead, names);
        if (count > 0 && absence == ABSENCE_FAILED)
            put_failed(report, first);
        if (absence == ABSENCE_MISSING)
            put_missing(report);
    }
}

void check_show_clock(const struct check_report *report)
{
    const struct run_window *window = &report->check->window;
    struct run_window_clock clock = run_window_clock(window);

    if (clock.last_added + 1 < window->series.runs.count)
        document_paragraph(
            report->document, "",
            "The run added last is not the newest: it stands where its date says, at "
            "%s. If a clock went back, that is the wrong place: bench_results move %.*s "
            "--date=DATE.",
            run_say(report->document, run_at(report, clock.last_added)), RUN_SHOWN,
            run_at(report, clock.last_added)->id);
    else if (clock.late > 0)
        document_paragraph(
            report->document, "",
            "%zu run%s added after one of a later date; runs stand where their dates say.",
            clock.late, clock.late > 1 ? "s were" : " was");
    if (clock.future > 0)
        document_paragraph(report->document, "",
                           "%zu run%s dated a day or more after being added: the clock was wrong, "
                           "or is (bench_results move %.*s --date=DATE).",
                           clock.future, clock.future > 1 ? "s are" : " is", RUN_SHOWN,
                           run_at(report, clock.future_at)->id);
}
