/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on the newest runs of a machine, for readers. */
#include "check_words.h"
#include "comparison_text.h"
#include "src/statistics/quantiles.h"
#include "table.h"
#include "watch_words.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLD_FROM = 12, EVENTS_MOST = 6, NAMES_MOST = 6, ACCEPTED_MOST = 8 };
enum { ID_SHOWN = 8, WIDE_FROM = 130 };

struct telling {
    struct document *document;
    const struct check *check;
    char *common;
    size_t *order;
    size_t *column; /* room for a list of cells */
    int wide;       /* times fit beside the ratios */
};

static const char *const change_words[] = {
    [CHANGE_SLOWER] = "slower",
    [CHANGE_FASTER] = "faster",
    [CHANGE_EQUIVALENT] = "same",
    [CHANGE_INCONCLUSIVE] = "no step",
    [CHANGE_DIVERGED] = "it or the others moved",
};

static const struct watch_row *row_at(const struct telling *telling, size_t i)
{
    return &telling->check->watched.rows[telling->order[i]];
}

static const struct history_run *run_at(const struct telling *telling, size_t i)
{
    return &telling->check->past.series.runs.runs[i];
}

static void put_coincidence(const struct telling *telling, const struct watch_row *row,
                            const char *lead)
{
    struct context_change found[CONTEXT_CHANGES_MOST];
    size_t count = check_context_changes(telling->check, row, found);
    char *text = context_changes_text(found, count);

    if (text == NULL)
        telling->document->error = -ENOMEM;
    else if (count > 0)
        document_paragraph(telling->document, "", "%s: %s.", lead, text);
    else
        document_paragraph(
            telling->document, "",
            "%s: nothing that the runs tell of the machine and the build changed there.", lead);
    free(text);
}

static void put_drifts(const struct telling *telling)
{
    size_t told = 0;

    for (size_t i = 0; i < telling->check->watched.count && told < EVENTS_MOST; i++) {
        const struct watch_row *row = row_at(telling, i);
        char by[FORMAT_MAX], in_all[FORMAT_MAX];
        if (!row->drift.is_drift || !check_is_new(telling->check, row))
            continue;
        char *name = check_short_name(telling->check, row, telling->common);
        watch_put_change(exp(row->drift.per_run.estimate), by);
        watch_put_change(exp(row->drift.in_all), in_all);
        document_paragraph(telling->document, "",
                           "%s drifts rather than steps: %s a run, %s over the runs compared.",
                           name != NULL ? name : "", by, in_all);
        free(name);
        told++;
    }
}

static size_t count_controls(const struct check *check)
{
    size_t count = 0;

    for (size_t r = 0; r < check->watched.count; r++)
        count += check->watched.rows[r].kind == WATCH_CONTROL;
    return count;
}

/* The median over the rows of that kind; NaN where none was tested. */
static double visible_of(const struct telling *telling, enum watch_kind kind)
{
    const struct watch_result *watched = &telling->check->watched;
    double *visible = calloc(watched->count + 1, sizeof *visible), median = (double)NAN;
    size_t count = 0;

    for (size_t r = 0; visible != NULL && r < watched->count; r++)
        if (watched->rows[r].kind == kind && !isnan(watched->rows[r].visible))
            visible[count++] = watched->rows[r].visible;
    if (count > 0) {
        stats_sort(visible, count);
        median = stats_median(visible, count);
    }
    free(visible);
    return median;
}

/* What silence is worth. */
static void put_powers(const struct telling *telling)
{
    const struct check *check = telling->check;
    double cell = visible_of(telling, WATCH_CELL);
    double writer = visible_of(telling, WATCH_WRITER);
    char of_cell[FORMAT_MAX], of_writer[FORMAT_MAX];

    if (check->judged == 0)
        return;
    snprintf(of_cell, sizeof of_cell, "%.2g %% of a cell", 100 * cell);
    snprintf(of_writer, sizeof of_writer, " or of %.2g %% of a writer", 100 * writer);
    if (!isnan(cell))
        document_paragraph(
            telling->document, "",
            "After %d runs a slow-down of %s%s would probably be seen here; a smaller one "
            "takes more runs.",
            STEP_SEEN, of_cell, isnan(writer) ? "" : of_writer);
    document_paragraph(
        telling->document, "",
        "Where nothing changes, %g %% of looks find something slower, or a control that "
        "moved; changes below %g %% (of a control %g %%) are none; %d runs are the "
        "least that can show a new "
        "level.",
        100 * check->options.alpha, 100 * check->options.margin,
        100 * check->options.control_margin, STEP_LEAST);
}

static void put_basis(const struct telling *telling)
{
    const struct run_window *past = &telling->check->past;
    size_t controls = count_controls(telling->check);

    past_show(telling->document, past, telling->check->cells - controls, controls, telling->common);
    if (past->newer > 0)
        document_note(telling->document, "", "%zu newer run%s not looked at.", past->newer,
                      past->newer > 1 ? "s are" : " is");
}

static void put_needs(const struct telling *telling)
{
    const struct check *check = telling->check;
    size_t needed = check->watched.needed[WATCH_CELL];

    if (check->cells == 0)
        return;
    if (check->judged == 0)
        document_paragraph(
            telling->document, "", "A verdict needs %zu runs%s; there are %zu.", check->needed,
            check->past.accepted_count > 0 ? " since a change was accepted" : "", check->there);
    else if (check->there < needed)
        document_paragraph(telling->document, "",
                           "There are %zu runs: a change of a single cell can be told from %zu on.",
                           check->there, needed);
}

static void put_verdict(struct table *grid, size_t r, size_t column, const struct watch_row *row)
{
    int found = check_is_found(row);
    int against = row->by_relative && found && row->change != CHANGE_DIVERGED;

    table_set(grid, r, column, "%s%s%s%s", row->kind == WATCH_CONTROL ? "control, " : "",
              !found && isnan(row->p) ? "too few runs" : change_words[row->change],
              against ? " than the others" : "", found && row->drift.is_drift ? ", drifting" : "");
}

static void put_times(const struct telling *telling, struct table *grid, size_t r,
                      const struct watch_row *row)
{
    char time[FORMAT_MAX];
    double before_ns, now_ns;

    if (check_row_times(telling->check, row, &before_ns, &now_ns) != 0) {
        telling->document->error = -ENOMEM;
        return;
    }
    format_time(before_ns, time);
    table_set(grid, r, 1, "%s", isnan(before_ns) ? "" : time);
    format_time(now_ns, time);
    table_set(grid, r, 2, "%s", isnan(now_ns) ? "" : time);
}

static void add_row(const struct telling *telling, struct table *grid, const struct watch_row *row)
{
    char *name = check_short_name(telling->check, row, telling->common);
    char ratio[FORMAT_INTERVAL_MAX], p[FORMAT_MAX], date[DATE_TEXT];
    size_t r = table_row(grid), column = telling->wide ? 3 : 1;

    table_set(grid, r, 0, "%s", name != NULL ? name : "");
    free(name);
    if (telling->wide)
        put_times(telling, grid, r, row);
    if (check_is_found(row)) {
        const struct history_run *since = run_at(telling, row->since);
        format_change_interval(row->ratio, ratio);
        run_put_date(since, date);
        table_set(grid, r, column, "%s", ratio);
        table_set(grid, r, column + 1, "%s  %.*s", date, ID_SHOWN, since->id);
        table_set(grid, r, column + 2, "%zu + %zu", row->before, row->after);
    }
    format_p(row->p, p);
    table_set(grid, r, column + 3, "%s", p);
    put_verdict(grid, r, column + 4, row);
}

static void begin_rows(const struct telling *telling, struct table *grid)
{
    table_begin(grid, telling->document, NULL, NULL, 0);
    table_column(grid, ALIGN_LEFT, 0, "row");
    if (telling->wide) {
        table_column(grid, ALIGN_RIGHT, 1, "before");
        table_column(grid, ALIGN_RIGHT, 1, "now");
    }
    table_column(grid, ALIGN_LEFT, 2, "change, %% [%g %%]",
                 100 * telling->check->options.confidence);
    table_column(grid, ALIGN_LEFT, 3, "since run");
    table_column(grid, ALIGN_RIGHT, 3, "runs");
    table_column(grid, ALIGN_RIGHT, 4, "p");
    table_column(grid, ALIGN_LEFT, 4, "verdict");
}

static void put_rows(const struct telling *telling, int all)
{
    const struct check *check = telling->check;
    size_t followers = 0, quiet = 0;
    struct table grid;

    begin_rows(telling, &grid);
    for (size_t i = 0; i < check->watched.count; i++) {
        const struct watch_row *row = row_at(telling, i);
        if (!all && !check_is_found(row))
            quiet++;
        else if (!all && check->watched.count > FOLD_FROM && !check_is_new(check, row))
            followers++;
        else
            add_row(telling, &grid, row);
    }
    table_end(&grid);
    if (followers > 0)
        document_note(telling->document, "",
                      "%zu rows are folded that only follow these: cells their writer, or a mean a "
                      "part of it; --all shows them.",
                      followers);
    if (quiet > 0 && quiet < check->watched.count)
        document_note(telling->document, "",
                      "%zu rows without a finding are folded; --all shows them.", quiet);
}

/* Steps of several rows at one run are one event. */
static int is_told(const struct telling *telling, size_t upto, size_t since)
{
    for (size_t i = 0; i < upto; i++)
        if (check_is_found(row_at(telling, i)) && row_at(telling, i)->since == since)
            return 1;
    return 0;
}

static void put_events(const struct telling *telling)
{
    size_t told = 0;

    for (size_t i = 1; i < telling->check->watched.count && told < EVENTS_MOST; i++) {
        const struct watch_row *row = row_at(telling, i);
        char lead[RUN_TEXT + 20], run[RUN_TEXT];
        if (!check_is_found(row) || row->drift.is_drift || is_told(telling, i, row->since))
            continue;
        run_put(run_at(telling, row->since), run);
        snprintf(lead, sizeof lead, "Since %s", run);
        put_coincidence(telling, row, lead);
        told++;
    }
}

static void put_absent(const struct telling *telling)
{
    static const char *const leads[] = {
        [CHECK_FAILED] = "Failed in the newest run",
        [CHECK_MISSING] = "Not in the newest run, although in most before it",
        [CHECK_RETIRED] = "In none of the newest runs, and not judged",
    };

    for (int absence = 0; absence < CHECK_ABSENCES; absence++) {
        size_t count = check_absent(telling->check, (enum check_absence)absence, telling->column);
        char names[NAMES_MOST * 90] = "";
        for (size_t i = 0; i < count && i < NAMES_MOST; i++) {
            size_t at = strlen(names);
            char *name = watch_short_name(telling->check->past.series.cells[telling->column[i]],
                                          telling->common);
            snprintf(names + at, sizeof names - at, "%s%.80s", i > 0 ? ", " : "",
                     name != NULL ? name : "");
            free(name);
        }
        if (count > NAMES_MOST)
            document_paragraph(telling->document, "", "%s: %s and %zu more.", leads[absence], names,
                               count - NAMES_MOST);
        else if (count > 0)
            document_paragraph(telling->document, "", "%s: %s.", leads[absence], names);
    }
}

static void put_accepted(const struct telling *telling)
{
    const struct run_window *past = &telling->check->past;
    size_t begin = past->accepted_count > ACCEPTED_MOST ? past->accepted_count - ACCEPTED_MOST : 0;

    for (size_t i = begin; i < past->accepted_count; i++) {
        const struct accepted_change *accepted = &past->accepted[i];
        char run[RUN_TEXT];
        run_put(run_at(telling, accepted->run), run);
        document_paragraph(telling->document, "", "Accepted: %s since %s: %s.",
                           accepted->cell != NULL ? accepted->cell : "all cells", run,
                           accepted->reason);
    }
    if (begin > 0)
        document_note(telling->document, "", "%zu older changes were accepted, too.", begin);
}

static void put_clock(const struct telling *telling)
{
    const struct run_window *past = &telling->check->past;
    struct run_window_clock clock = run_window_clock(past);
    char run[RUN_TEXT];

    run_put(run_at(telling, clock.last_added), run);
    if (clock.last_added + 1 < past->series.runs.count)
        document_paragraph(
            telling->document, "",
            "The run added last is not the newest: it stands where its date says, at "
            "%s. If a clock went back, that is the wrong place.",
            run);
    else if (clock.late > 0)
        document_paragraph(
            telling->document, "",
            "%zu run%s added after one of a later date; runs stand where their dates "
            "say.",
            clock.late, clock.late > 1 ? "s were" : " was");
    if (clock.future > 0)
        document_paragraph(
            telling->document, "",
            "%zu run%s dated a day or more after being added: the clock was wrong, or "
            "is.",
            clock.future, clock.future > 1 ? "s are" : " is");
}

static void put_page(const struct telling *telling, int all)
{
    const struct check *check = telling->check;
    char *verdict = check_verdict(check, telling->order);

    if (verdict == NULL) {
        telling->document->error = -ENOMEM;
        return;
    }
    document_heading(telling->document, "%s", verdict);
    free(verdict);
    if (check->watched.count > 0 && check_is_found(row_at(telling, 0)) &&
        !row_at(telling, 0)->drift.is_drift)
        put_coincidence(telling, row_at(telling, 0), "Since then");
    put_drifts(telling);
    if (check->watched.slower > 0 || check->watched.controls > 0)
        document_note(
            telling->document, "",
            "If it is meant to be so: bench_results bless CELL|all --at=%.*s --reason=TEXT.",
            RUN_SHOWN, run_at(telling, row_at(telling, 0)->since)->id);
    put_basis(telling);
    put_needs(telling);
    put_rows(telling, all);
    put_powers(telling);
    put_events(telling);
    put_absent(telling);
    put_accepted(telling);
    put_clock(telling);
}

int report_check(FILE *out, const struct check *check, const struct view *view, int all)
{
    struct document document = document_begin(out, view);
    struct telling telling = {.document = &document, .check = check};

    telling.wide = view->width >= WIDE_FROM || view->format == &format_markdown;

    if (view->format == &format_csv)
        return check_write_csv(out, check);
    if (view->format == &format_json)
        return check_write_json(out, check);
    telling.common = check_common(check);
    telling.order = calloc(check->watched.count + 1, sizeof *telling.order);
    telling.column = calloc(check->past.series.cell_count + 1, sizeof *telling.column);
    if (telling.common == NULL || telling.order == NULL || telling.column == NULL ||
        check_order(check, telling.order) != 0)
        document.error = -ENOMEM;
    else
        put_page(&telling, all);
    free(telling.common);
    free(telling.order);
    free(telling.column);
    return document_finish(&document);
}
