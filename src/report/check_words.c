/* SPDX-License-Identifier: Apache-2.0 */
#include "history_reports.h"

#include "figure.h"
#include "words.h"

enum { EVENTS_MOST = 6 };

static const struct {
    const char *code;
    const char *sentence;
    int has_findings; /* the first of them is named */
} verdicts[CHECK_VERDICTS] = {
    [CHECK_NOTHING_SLOWER] = {"nothing_slower", "Nothing became slower", 0},
    [CHECK_FASTER] = {"faster", "Nothing became slower; faster", 1},
    [CHECK_FAILED] = {"failed", "Failed in the newest runs, and not before", 0},
    [CHECK_SLOWER] = {"slower", "Slower", 1},
    [CHECK_SUSPECTED] = {"suspected", "Suspected of being slower, and not confirmed yet", 1},
    [CHECK_MISSING] = {"missing", "", 0},
    [CHECK_CONTROLS_MOVED] = {"controls_moved",
                              "Nothing can be judged, because a control moved and the machine is "
                              "another one",
                              1},
    [CHECK_DIVERGED] = {"diverged",
                        "Something moved, and it is uncertain whether it became slower or the "
                        "rest faster",
                        1},
    [CHECK_NEWEST_IS_EMPTY] = {"newest_run_empty",
                               "The newest run cannot be judged: it has no time of any cell", 0},
    [CHECK_COULD_MISS] = {"could_miss", "Nothing slower was found, but ", 0},
    [CHECK_TOO_FEW_RUNS] = {"too_few_runs", "It cannot be told yet whether anything became slower",
                            0},
};

unsigned check_kinds(const struct check *check)
{
    unsigned kinds = 0;

    for (size_t c = 0; c < check->cells; c++)
        kinds = kinds_add(kinds, check->window.series.cells[check->column[c]].name);
    return kinds;
}

static const char *say_findings(const struct check_report *report)
{
    struct document *document = report->document;
    const struct check *check = report->check;
    const struct watch_row *first = check->rows[0].step;
    size_t others = 0;

    for (size_t i = 1; i < check->watched.count; i++) {
        const struct watch_row *row = check->rows[i].step;
        others += check->rows[i].is_new && row->finding.change == first->finding.change &&
                  (row->finding.kind == ROW_CONTROL) == (first->finding.kind == ROW_CONTROL);
    }
    const struct finding *finding = &first->finding;
    int against =
        !first->drift.is_drift && finding->by_relative && isfinite(finding->relative.estimate);
    const struct figure by = figure_change_of(first->drift.is_drift ? exp(first->drift.in_all)
                                              : against             ? finding->relative.estimate
                                                                    : finding->ratio.estimate);
    const char *open = first->is_open ? document_say(document, ", %zu runs ago and not accepted",
                                                     check->window.series.runs.count - first->since)
                                      : "";
    const char *when =
        first->drift.is_drift
            ? " in all, a little with every run"
            : document_say(document, " since %s", run_say(document, run_at(report, first->since)));
    return document_say(document, ": %s, %s%s%s%s%s",
                        watch_short_name(document, check->rows[0].name, report->common), by.text,
                        against ? " against the others" : "", when, open,
                        others > 0 ? document_say(document, "; and %zu more", others) : "");
}

static void put_context_changes(const struct check_report *report, const struct check_row *row,
                                const char *lead)
{
    document_paragraph(
        report->document, "", "%s: %s.", lead,
        row->change_count > 0
            ? context_changes_say(report->document, row->changes, row->change_count)
            : "of what the runs say about the machine and the build, nothing changed there");
}

static void put_drifts(const struct check_report *report)
{
    size_t told = 0;

    for (size_t i = 0; i < report->check->watched.count && told < EVENTS_MOST; i++) {
        const struct check_row *row = &report->check->rows[i];
        const struct drift *drift = &row->step->drift;
        if (!drift->is_drift || !row->is_new)
            continue;
        document_paragraph(report->document, "",
                           "%s drifts rather than steps: %s a run, %s over the runs compared.",
                           watch_short_name(report->document, row->name, report->common),
                           figure_change_of(exp(drift->per_run.estimate)).text,
                           figure_change_of(exp(drift->in_all)).text);
        told++;
    }
}

static void put_first(const struct check_report *report)
{
    const struct check *check = report->check;

    if (check->watched.count == 0)
        return;
    const struct check_row *first = &check->rows[0];
    if (finding_is_change(&first->step->finding) && !first->step->drift.is_drift)
        put_context_changes(report, first, "Since then");
    put_drifts(report);
    /* To accept a drift at one of its runs would not end it. */
    if ((check->watched.slower > 0 || check->watched.controls > 0) && !first->step->drift.is_drift)
        document_note(
            report->document, "",
            "If it is meant to be so: bench_results bless CELL|all --at=%.*s --reason=TEXT.",
            RUN_SHOWN, run_at(report, first->step->since)->id);
}

/* Only builds that take turns tell a change of the code from one of the machine. */
static void put_confirmation(const struct check_report *report)
{
    const struct confirmation *confirmation = &report->check->confirmation;
    struct document *document = report->document;

    if (!confirmation->is_wanted)
        return;
    document_put(document, "confirm_base", confirmation->base, "confirm_head", confirmation->head,
                 "confirm_flags", confirmation->flags);
    if (confirmation->base == NULL) {
        document_paragraph(document, "",
                           "The runs before and after it do not say two different revisions, so "
                           "there are no two builds to compare: the machine changed, or code that "
                           "was not committed.");
        return;
    }
    const char *flags = confirmation->flags;
    const char *filter = strstr(flags, "--benchmark_filter=");
    size_t plain = filter != NULL ? (size_t)(filter - flags) : strlen(flags);
    const char *quote = filter != NULL ? "'" : "";
    document_paragraph(
        document, "",
        "To confirm it, build %s and %s, and let them take turns: bench_results ab %s/bench_mmap "
        "%s/bench_mmap -- %.*s%s%s%s. bench/compare_revisions.sh --since-change does all of that; "
        "only what it confirms is a regression.",
        confirmation->base, confirmation->head, confirmation->base, confirmation->head, (int)plain,
        flags, quote, filter != NULL ? filter : "", quote);
}

/* The first of the cells, and how many more. */
static const char *say_cells(const struct check_report *report, enum absence absence)
{
    const struct check *check = report->check;
    size_t column = 0, others = check->absent[absence] - 1;

    while (check->absence[column] != absence)
        column++;
    const char *first =
        watch_short_name(report->document, check->window.series.cells[column].name, report->common);
    return others > 0 ? document_say(report->document, "%s and %zu more", first, others) : first;
}

/* Of what is called missing: cells that the newest run measured without a time that can be used. */
static size_t count_untimed(const struct check *check)
{
    const struct history_series *series = &check->window.series;
    size_t untimed = 0;

    for (size_t c = 0; c < series->cell_count; c++)
        untimed += check->absence[c] == ABSENCE_MISSING &&
                   series->cells[c].values[series->runs.count - 1].samples > 0;
    return untimed;
}

static const char *say_missing(const struct check_report *report)
{
    const struct check *check = report->check;
    size_t all = check->missing + check->absent[ABSENCE_NONE] + check->absent[ABSENCE_FAILED] +
                 check->absent[ABSENCE_FAILING];
    size_t untimed = count_untimed(check);
    const char *how = untimed == 0               ? "are missing"
                      : untimed < check->missing ? "are missing or have no usable time"
                                                 : "have no usable time";

    return document_say(report->document, "%zu of %zu cells %s%s%s", check->missing, all, how,
                        check->absent[ABSENCE_MISSING] > 0 ? ": " : "",
                        check->absent[ABSENCE_MISSING] > 0 ? say_cells(report, ABSENCE_MISSING)
                                                           : " that the newest run was to measure");
}

static struct seen seen_of(const struct check *check)
{
    return (struct seen){check->seen[ROW_WRITER], check->visible[ROW_CELL], check->seen[ROW_ALL],
                         check_kinds(check)};
}

/* What became slower or faster beside a verdict that is about something else. */
static const char *say_changed(const struct check_report *report)
{
    const struct check *check = report->check;
    int is_slower = check->watched.slower > 0;

    if (verdicts[check->verdict].has_findings || (!is_slower && check->watched.faster == 0) ||
        check->watched.apart > 0)
        return "";
    return document_say(report->document, "; %s%s", is_slower ? "slower" : "faster",
                        say_findings(report));
}

/* Whatever the verdict is, cells that are missing are told. */
static const char *say_verdict(const struct check_report *report)
{
    const struct check *check = report->check;
    struct document *document = report->document;
    const struct seen seen = seen_of(check);
    const char *details =
        verdicts[check->verdict].has_findings ? say_findings(report)
        : check->verdict == CHECK_FAILED
            ? document_say(document, ": %s", say_cells(report, ABSENCE_FAILED))
        : check->verdict == CHECK_COULD_MISS ? seen_say_missed(document, &seen, check->must_see)
        : check->verdict == CHECK_NOTHING_SLOWER && *seen_say(document, &seen) != '\0'
            ? document_say(document, "; %s would have been seen", seen_say(document, &seen))
            : "";
    const char *missing = check->missing > 0 ? say_missing(report) : "";
    const char *changed = say_changed(report);

    if (check->verdict == CHECK_MISSING)
        return document_say(document, "%s%s", missing, changed);
    return document_say(document, "%s%s%s%s%s", verdicts[check->verdict].sentence, details, changed,
                        *missing != '\0' ? "; " : "", missing);
}

void check_show_verdict(const struct check_report *report)
{
    struct document *document = report->document;
    enum check_verdict verdict = report->check->verdict;
    const char *text = say_verdict(report);

    document_heading(document, "%s", text);
    document_put(document, "verdict", text, "verdict_code", verdicts[verdict].code, "status",
                 check_status(report->check));
    put_first(report);
    put_confirmation(report);
}

void check_show_needs(const struct check_report *report)
{
    const struct check *check = report->check;
    size_t needed = check->watched.needed[ROW_CELL];

    if (check->cells == 0)
        return;
    if (check->judged == 0)
        document_paragraph(report->document, "", "A verdict needs %zu runs%s; there %s %zu.",
                           check->needed,
                           check->window.accepted_count > 0 ? " since a change was accepted" : "",
                           check->there == 1 ? "is" : "are", check->there);
    else if (check->there < needed)
        document_paragraph(report->document, "",
                           "There are %zu runs: a change of a single cell can be told from %zu on.",
                           check->there, needed);
}

static int is_told(const struct check *check, size_t upto, size_t since)
{
    for (size_t i = 0; i < upto; i++)
        if (finding_is_change(&check->rows[i].step->finding) && check->rows[i].step->since == since)
            return 1;
    return 0;
}

/* Steps of several rows at one run are one event. */
static void put_events(const struct check_report *report)
{
    const struct check *check = report->check;
    size_t told = 0;

    for (size_t i = 1; i < check->watched.count && told < EVENTS_MOST; i++) {
        const struct watch_row *row = check->rows[i].step;
        if (!finding_is_change(&row->finding) || row->drift.is_drift ||
            is_told(check, i, row->since))
            continue;
        put_context_changes(report, &check->rows[i],
                            document_say(report->document, "Since %s",
                                         run_say(report->document, run_at(report, row->since))));
        told++;
    }
}

static void put_power(const struct check_report *report)
{
    const struct check *check = report->check;

    if (check->judged == 0)
        return;
    const struct seen seen = seen_of(check);
    if (*seen_say(report->document, &seen) != '\0')
        document_paragraph(report->document, "",
                           "Of slow-downs that began %d runs ago, %s would have been seen in four "
                           "of five cases.",
                           STEP_SEEN, seen_say(report->document, &seen));
    document_paragraph(report->document, "",
                       "Where nothing changes, a check of so many runs finds something slower in "
                       "at most %.2g %% of cases, as long as the noise has no memory. A machine "
                       "that has slow hours, or drifts, gives more false alarms%s. Changes below "
                       "%g %% (of a control %g %%) do not count, and %d runs are the least that "
                       "can show a new level.",
                       100 * check->options.alpha,
                       check->confirm ? "" : ": --confirm says how to tell them from regressions",
                       100 * check->options.margin, 100 * check->options.control_margin,
                       STEP_LEAST);
}

void check_show_below(const struct check_report *report)
{
    put_power(report);
    put_events(report);
}
