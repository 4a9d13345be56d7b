/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on the newest runs of a machine, for readers. */
#include "check_text.h"

#include "compare_show.h"
#include "page.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FOLD_FROM = 12, EVENTS_MOST = 6, NAMES_MOST = 6, ACCEPTED_MOST = 8 };
enum { ID_SHOWN = 8, WIDE_FROM = 130 };

struct telling {
    struct page *page;
    const struct history_check *check;
    char *common;
    size_t *order;
    size_t *column; /* room for a list of cells */
    int wide;       /* times fit beside the ratios */
};

static const char *const change_words[] = {
    [RESULTS_SLOWER] = "slower",
    [RESULTS_FASTER] = "faster",
    [RESULTS_SAME] = "same",
    [RESULTS_UNTOLD] = "no step",
    [RESULTS_APART] = "it or the others moved",
};

static const struct results_watch_row *row_at(const struct telling *telling, size_t i)
{
    return &telling->check->watched.rows[telling->order[i]];
}

static const struct history_run *run_at(const struct telling *telling, size_t i)
{
    return &telling->check->past.series.runs.runs[i];
}

/* ---- below the verdict ------------------------------------------------------------------- */

static void put_coincidence(const struct telling *telling, const struct results_watch_row *row,
                            const char *lead)
{
    struct history_coincidence found[HISTORY_COINCIDENCES];
    size_t count = check_coincidences(telling->check, row, found);
    char *text = coincidences_text(found, count);

    if (text == NULL)
        telling->page->error = -ENOMEM;
    else if (count > 0)
        page_paragraph(telling->page, "", "%s: %s.", lead, text);
    else
        page_paragraph(telling->page, "",
                       "%s: nothing that the runs tell of the machine and the build changed there.",
                       lead);
    free(text);
}

static void put_drifts(const struct telling *telling)
{
    size_t told = 0;

    for (size_t i = 0; i < telling->check->watched.count && told < EVENTS_MOST; i++) {
        const struct results_watch_row *row = row_at(telling, i);
        char by[FORMAT_MAX], in_all[FORMAT_MAX];
        if (!row->drift.is_drift || !check_is_new(telling->check, row))
            continue;
        char *name = check_short_name(telling->check, row, telling->common);
        watch_put_change(exp(row->drift.per_run.estimate), by);
        watch_put_change(exp(row->drift.in_all), in_all);
        page_paragraph(telling->page, "",
                       "%s drifts rather than steps: %s a run, %s over the runs compared.",
                       name != NULL ? name : "", by, in_all);
        free(name);
        told++;
    }
}

static size_t count_controls(const struct history_check *check)
{
    size_t count = 0;

    for (size_t r = 0; r < check->watched.count; r++)
        count += check->watched.rows[r].kind == RESULTS_WATCH_CONTROL;
    return count;
}

/* The median over the rows of that kind; NaN where none was tested. */
static double visible_of(const struct telling *telling, enum results_watch_kind kind)
{
    const struct results_watched *watched = &telling->check->watched;
    double *visible = calloc(watched->count + 1, sizeof *visible), median = (double)NAN;
    size_t count = 0;

    for (size_t r = 0; visible != NULL && r < watched->count; r++)
        if (watched->rows[r].kind == kind && !isnan(watched->rows[r].visible))
            visible[count++] = watched->rows[r].visible;
    if (count > 0) {
        results_sort(visible, count);
        median = results_median(visible, count);
    }
    free(visible);
    return median;
}

/* What silence is worth. */
static void put_powers(const struct telling *telling)
{
    const struct history_check *check = telling->check;
    double cell = visible_of(telling, RESULTS_WATCH_CELL);
    double writer = visible_of(telling, RESULTS_WATCH_WRITER);
    char of_cell[FORMAT_MAX], of_writer[FORMAT_MAX];

    if (check->judged == 0)
        return;
    snprintf(of_cell, sizeof of_cell, "%.2g %% of a cell", 100 * cell);
    snprintf(of_writer, sizeof of_writer, " or of %.2g %% of a writer", 100 * writer);
    if (!isnan(cell))
        page_paragraph(
            telling->page, "",
            "After %d runs a slow-down of %s%s would probably be seen here; a smaller one "
            "takes more runs.",
            RESULTS_STEP_SEEN, of_cell, isnan(writer) ? "" : of_writer);
    page_paragraph(telling->page, "",
                   "Where nothing changes, %g %% of looks find something slower, or a control that "
                   "moved; changes below %g %% (of a control %g %%) are none; %d runs are the "
                   "least that can show a new "
                   "level.",
                   100 * check->options.alpha, 100 * check->options.margin,
                   100 * check->options.control_margin, RESULTS_STEP_LEAST);
}

static void put_basis(const struct telling *telling)
{
    const struct history_past *past = &telling->check->past;
    size_t controls = count_controls(telling->check);

    past_show(telling->page, past, telling->check->cells - controls, controls, telling->common);
    if (past->newer > 0)
        page_note(telling->page, "", "%zu newer run%s not looked at.", past->newer,
                  past->newer > 1 ? "s are" : " is");
}

static void put_needs(const struct telling *telling)
{
    const struct history_check *check = telling->check;
    size_t needed = check->watched.needed[RESULTS_WATCH_CELL];

    if (check->cells == 0)
        return;
    if (check->judged == 0)
        page_paragraph(
            telling->page, "", "A verdict needs %zu runs%s; there are %zu.", check->needed,
            check->past.accepted_count > 0 ? " since a change was accepted" : "", check->there);
    else if (check->there < needed)
        page_paragraph(telling->page, "",
                       "There are %zu runs: a change of a single cell can be told from %zu on.",
                       check->there, needed);
}

/* ---- rows -------------------------------------------------------------------------------- */

static void put_verdict(struct grid *grid, size_t r, size_t column,
                        const struct results_watch_row *row)
{
    int found = check_is_found(row);
    int against = row->by_relative && found && row->change != RESULTS_APART;

    grid_set(grid, r, column, "%s%s%s%s", row->kind == RESULTS_WATCH_CONTROL ? "control, " : "",
             !found && isnan(row->p) ? "too few runs" : change_words[row->change],
             against ? " than the others" : "", found && row->drift.is_drift ? ", drifting" : "");
}

static void put_times(const struct telling *telling, struct grid *grid, size_t r,
                      const struct results_watch_row *row)
{
    char time[FORMAT_MAX];
    double before_ns, now_ns;

    if (check_row_times(telling->check, row, &before_ns, &now_ns) != 0) {
        telling->page->error = -ENOMEM;
        return;
    }
    format_time(before_ns, time);
    grid_set(grid, r, 1, "%s", isnan(before_ns) ? "" : time);
    format_time(now_ns, time);
    grid_set(grid, r, 2, "%s", isnan(now_ns) ? "" : time);
}

static void add_row(const struct telling *telling, struct grid *grid,
                    const struct results_watch_row *row)
{
    char *name = check_short_name(telling->check, row, telling->common);
    char ratio[COMPARE_CHANGE_MAX], p[FORMAT_MAX], date[HISTORY_DATE];
    size_t r = grid_row(grid), column = telling->wide ? 3 : 1;

    grid_set(grid, r, 0, "%s", name != NULL ? name : "");
    free(name);
    if (telling->wide)
        put_times(telling, grid, r, row);
    if (check_is_found(row)) {
        const struct history_run *since = run_at(telling, row->since);
        compare_put_change(row->ratio, ratio);
        run_put_date(since, date);
        grid_set(grid, r, column, "%s", ratio);
        grid_set(grid, r, column + 1, "%s  %.*s", date, ID_SHOWN, since->id);
        grid_set(grid, r, column + 2, "%zu + %zu", row->before, row->after);
    }
    compare_put_p(row->p, p);
    grid_set(grid, r, column + 3, "%s", p);
    put_verdict(grid, r, column + 4, row);
}

static void begin_rows(const struct telling *telling, struct grid *grid)
{
    grid_begin(grid, telling->page);
    grid_column(grid, PAGE_LEFT, 0, "row");
    if (telling->wide) {
        grid_column(grid, PAGE_RIGHT, 1, "before");
        grid_column(grid, PAGE_RIGHT, 1, "now");
    }
    grid_column(grid, PAGE_LEFT, 2, "change, %% [%g %%]", 100 * telling->check->options.confidence);
    grid_column(grid, PAGE_LEFT, 3, "since run");
    grid_column(grid, PAGE_RIGHT, 3, "runs");
    grid_column(grid, PAGE_RIGHT, 4, "p");
    grid_column(grid, PAGE_LEFT, 4, "verdict");
}

static void put_rows(const struct telling *telling, int all)
{
    const struct history_check *check = telling->check;
    size_t followers = 0, quiet = 0;
    struct grid grid;

    begin_rows(telling, &grid);
    for (size_t i = 0; i < check->watched.count; i++) {
        const struct results_watch_row *row = row_at(telling, i);
        if (!all && !check_is_found(row))
            quiet++;
        else if (!all && check->watched.count > FOLD_FROM && !check_is_new(check, row))
            followers++;
        else
            add_row(telling, &grid, row);
    }
    grid_end(&grid);
    if (followers > 0)
        page_note(telling->page, "",
                  "%zu rows are folded that only follow these: cells their writer, or a mean a "
                  "part of it; --all shows them.",
                  followers);
    if (quiet > 0 && quiet < check->watched.count)
        page_note(telling->page, "", "%zu rows without a finding are folded; --all shows them.",
                  quiet);
}

/* ---- what else there is to say ----------------------------------------------------------- */

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
        const struct results_watch_row *row = row_at(telling, i);
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
            page_paragraph(telling->page, "", "%s: %s and %zu more.", leads[absence], names,
                           count - NAMES_MOST);
        else if (count > 0)
            page_paragraph(telling->page, "", "%s: %s.", leads[absence], names);
    }
}

static void put_accepted(const struct telling *telling)
{
    const struct history_past *past = &telling->check->past;
    size_t begin = past->accepted_count > ACCEPTED_MOST ? past->accepted_count - ACCEPTED_MOST : 0;

    for (size_t i = begin; i < past->accepted_count; i++) {
        const struct history_accepted *accepted = &past->accepted[i];
        char run[RUN_TEXT];
        run_put(run_at(telling, accepted->run), run);
        page_paragraph(telling->page, "", "Accepted: %s since %s: %s.",
                       accepted->cell != NULL ? accepted->cell : "all cells", run,
                       accepted->reason);
    }
    if (begin > 0)
        page_note(telling->page, "", "%zu older changes were accepted, too.", begin);
}

static void put_clock(const struct telling *telling)
{
    const struct history_past *past = &telling->check->past;
    struct past_clock clock = past_clock(past);
    char run[RUN_TEXT];

    run_put(run_at(telling, clock.last_added), run);
    if (clock.last_added + 1 < past->series.runs.count)
        page_paragraph(telling->page, "",
                       "The run added last is not the newest: it stands where its date says, at "
                       "%s. If a clock went back, that is the wrong place.",
                       run);
    else if (clock.late > 0)
        page_paragraph(telling->page, "",
                       "%zu run%s added after one of a later date; runs stand where their dates "
                       "say.",
                       clock.late, clock.late > 1 ? "s were" : " was");
    if (clock.future > 0)
        page_paragraph(telling->page, "",
                       "%zu run%s dated a day or more after being added: the clock was wrong, or "
                       "is.",
                       clock.future, clock.future > 1 ? "s are" : " is");
}

/* ---- the page ---------------------------------------------------------------------------- */

static void put_page(const struct telling *telling, int all)
{
    const struct history_check *check = telling->check;
    char *verdict = check_verdict(check, telling->order);

    if (verdict == NULL) {
        telling->page->error = -ENOMEM;
        return;
    }
    page_heading(telling->page, "%s", verdict);
    free(verdict);
    if (check->watched.count > 0 && check_is_found(row_at(telling, 0)) &&
        !row_at(telling, 0)->drift.is_drift)
        put_coincidence(telling, row_at(telling, 0), "Since then");
    put_drifts(telling);
    if (check->watched.slower > 0 || check->watched.controls > 0)
        page_note(telling->page, "",
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

int history_show_check(FILE *out, const struct history_check *check,
                       const struct results_view *view, int all)
{
    struct page page = page_begin(out, view);
    struct telling telling = {.page = &page, .check = check};

    telling.wide = view->width >= WIDE_FROM || view->format == RESULTS_FORMAT_MARKDOWN;

    if (view->format == RESULTS_FORMAT_CSV)
        return check_write_csv(out, check);
    if (view->format == RESULTS_FORMAT_JSON)
        return check_write_json(out, check);
    telling.common = check_common(check);
    telling.order = calloc(check->watched.count + 1, sizeof *telling.order);
    telling.column = calloc(check->past.series.cell_count + 1, sizeof *telling.column);
    if (telling.common == NULL || telling.order == NULL || telling.column == NULL ||
        check_order(check, telling.order) != 0)
        page.error = -ENOMEM;
    else
        put_page(&telling, all);
    free(telling.common);
    free(telling.order);
    free(telling.column);
    return page_finish(&page);
}
