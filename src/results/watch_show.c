/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on the newest runs of a machine, for readers. */
#include "watch_text.h"

#include "page.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXTS_MOST = 8, NAMES_MOST = 6 };

struct told {
    struct page *page;
    const struct results_past *past;
    const struct results_story *story;
    const struct results_watched *watched;
    const struct results_watch_options *options;
    size_t *order;
};

static const char *const change_words[] = {
    [RESULTS_SLOWER] = "slower",      [RESULTS_FASTER] = "faster",    [RESULTS_SAME] = "same",
    [RESULTS_UNTOLD] = "no step", [RESULTS_APART] = "it or the others moved",
};

int results_watch_status(const struct results_watched *watched)
{
    if (watched->controls > 0)
        return 4;
    if (watched->slower > 0)
        return 3;
    return watched->apart > 0 || watched->tested == 0 ? 4 : 0;
}

static size_t least_needed(const struct results_watched *watched)
{
    size_t needed = 0;
    for (size_t kind = 0; kind < RESULTS_WATCH_CONTROL; kind++)
        if (watched->needed[kind] > 0 && (needed == 0 || watched->needed[kind] < needed))
            needed = watched->needed[kind];
    return needed;
}

/* ---- the verdict ------------------------------------------------------------------------- */

static void put_finding(const struct told *told, const char *lead, int count)
{
    const struct results_watch_row *row = &told->watched->rows[told->order[0]];
    char by[FORMAT_MAX], run[WATCH_RUN_TEXT], more[40] = "";

    watch_change_text(row->ratio.estimate, by);
    watch_run_text(&told->story->run[row->since], run);
    if (count > 1)
        snprintf(more, sizeof more, " and %d more", count - 1);
    page_heading(told->page, "%s: %s (%s%s since %s)%s", lead, watch_row_name(told->story, row), by,
                 strchr(by, 'x') == NULL ? " %" : "", run, more);
}

static void put_verdict(const struct told *told)
{
    const struct results_watched *watched = told->watched;

    if (watched->tested == 0)
        page_heading(told->page, "It cannot be told yet whether anything became slower");
    else if (watched->controls > 0)
        page_heading(told->page,
                     "The newest runs cannot be trusted: a control moved, which measures the "
                     "machine and no writer");
    else if (watched->slower > 0)
        put_finding(told, "Slower", watched->slower);
    else if (watched->apart > 0)
        page_heading(told->page, "Something moved, and it is uncertain whether it became slower or "
                                 "the rest faster");
    else if (watched->faster > 0)
        put_finding(told, "Nothing became slower; faster", watched->faster);
    else
        page_heading(told->page, "Nothing became slower");
}

static void put_basis(const struct told *told)
{
    const struct results_past *past = told->past;
    char first[FORMAT_MAX], last[WATCH_RUN_TEXT];

    watch_date_text(told->story->run[0].date_s, first);
    watch_run_text(&told->story->run[past->runs - 1], last);
    page_paragraph(told->page, "", "Machine %s: %zu runs from %s to %s, %zu cells.",
                   told->story->machine, past->runs, first, last, past->cells);
    if (told->watched->tested == 0)
        page_note(told->page, "",
                  "A verdict needs %zu runs%s.", least_needed(told->watched),
                  told->story->accepted_count > 0 ? " since the change that was accepted" : "");
    else if (past->runs < told->watched->needed[RESULTS_WATCH_CELL])
        page_note(told->page, "", "A step of a single cell can be told from %zu runs on.",
                  told->watched->needed[RESULTS_WATCH_CELL]);
}

/* ---- rows -------------------------------------------------------------------------------- */

static void put_ratio(const struct results_watch_row *row, char *text, size_t size)
{
    char estimate[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX];

    watch_change_text(row->ratio.estimate, estimate);
    watch_change_text(row->ratio.low, low);
    watch_change_text(row->ratio.high, high);
    if (isnan(row->ratio.low))
        snprintf(text, size, "%s", estimate);
    else
        snprintf(text, size, "%s [%s, %s]", estimate, low, high);
}

static void add_row(const struct told *told, struct grid *grid, const struct results_watch_row *row)
{
    char ratio[4 * FORMAT_MAX], run[WATCH_RUN_TEXT] = "-";
    size_t r = grid_row(grid);
    int found = row->change != RESULTS_UNTOLD;

    put_ratio(row, ratio, sizeof ratio);
    grid_set(grid, r, 0, "%s", watch_row_name(told->story, row));
    grid_set(grid, r, 1, "%s", ratio);
    if (found)
        watch_run_text(&told->story->run[row->since], run);
    grid_set(grid, r, 2, "%s", run);
    if (found)
        grid_set(grid, r, 3, "%zu to %zu", row->before, row->after);
    if (isnan(row->p))
        grid_set(grid, r, 4, "-");
    else
        grid_set(grid, r, 4, row->p < 0.001 ? "<0.001" : "%.3f", row->p);
    grid_set(grid, r, 5, "%s%s%s%s", row->kind == RESULTS_WATCH_CONTROL ? "control, " : "",
             isnan(row->p) ? "too few runs" : change_words[row->change],
             found && row->by_relative && row->change != RESULTS_APART ? " than the others" : "",
             found && row->drift.is_drift ? ", drifting" : "");
}

static void put_rows(const struct told *told, int all)
{
    struct grid grid;
    size_t folded = 0;

    grid_begin(&grid, told->page);
    grid_column(&grid, PAGE_LEFT, 0, "row");
    grid_column(&grid, PAGE_LEFT, 1, "change, %% [%g %%]", 100 * told->options->confidence);
    grid_column(&grid, PAGE_LEFT, 2, "since");
    grid_column(&grid, PAGE_RIGHT, 2, "runs");
    grid_column(&grid, PAGE_RIGHT, 3, "p");
    grid_column(&grid, PAGE_LEFT, 3, "verdict");
    for (size_t i = 0; i < told->watched->count; i++) {
        const struct results_watch_row *row = &told->watched->rows[told->order[i]];
        if (all || row->change != RESULTS_UNTOLD)
            add_row(told, &grid, row);
        else
            folded++;
    }
    grid_end(&grid);
    if (folded > 0 && folded < told->watched->count)
        page_note(told->page, "", "%zu rows without a finding are folded; --all shows them.",
                  folded);
}

/* ---- what else there is to say ----------------------------------------------------------- */

static int is_told(const struct told *told, size_t upto, size_t since)
{
    for (size_t i = 0; i < upto; i++) {
        const struct results_watch_row *row = &told->watched->rows[told->order[i]];
        if (row->change != RESULTS_UNTOLD && row->since == since)
            return 1;
    }
    return 0;
}

static void put_contexts(const struct told *told)
{
    size_t shown = 0;

    for (size_t i = 0; i < told->watched->count && shown < CONTEXTS_MOST; i++) {
        const struct results_watch_row *row = &told->watched->rows[told->order[i]];
        char run[WATCH_RUN_TEXT], context[WATCH_CONTEXT_TEXT];
        if (row->change == RESULTS_UNTOLD || is_told(told, i, row->since))
            continue;
        watch_run_text(&told->story->run[row->since], run);
        watch_context_text(told->story, row->since, context);
        shown++;
        if (*context != '\0')
            page_paragraph(told->page, "", "At %s also changed: %s.", run, context);
        else
            page_paragraph(told->page, "", "At %s nothing else changed that the runs tell of.",
                           run);
    }
}

static void put_drifts(const struct told *told)
{
    for (size_t i = 0; i < told->watched->count; i++) {
        const struct results_watch_row *row = &told->watched->rows[told->order[i]];
        char by[FORMAT_MAX], in_all[FORMAT_MAX];
        if (row->change == RESULTS_UNTOLD || !row->drift.is_drift)
            continue;
        watch_change_text(exp(row->drift.per_run.estimate), by);
        watch_change_text(exp(row->drift.in_all), in_all);
        page_paragraph(told->page, "",
                       "%s drifts rather than steps: %s %% a run, %s %% over the runs compared.",
                       watch_row_name(told->story, row), by, in_all);
    }
}

static void put_accepted(const struct told *told)
{
    for (size_t i = 0; i < told->story->accepted_count; i++) {
        const struct results_accepted *accepted = &told->story->accepted[i];
        char run[WATCH_RUN_TEXT];
        watch_run_text(&told->story->run[accepted->run], run);
        page_paragraph(told->page, "", "Accepted: %s since %s: %s.",
                       accepted->cell != NULL ? accepted->cell : "all cells", run,
                       accepted->reason);
    }
}

/* Cells for which `newest` has no time: those that failed, or those that were not measured. */
static void put_absent(const struct told *told, int failed)
{
    const struct results_past *past = told->past;
    size_t last = past->runs - 1, count = 0;
    char names[600] = "";

    for (size_t c = 0; c < past->cells; c++) {
        size_t i = c * past->runs + last, at = strlen(names);
        uint32_t errors = told->story->errors != NULL ? told->story->errors[i] : 0;
        if (failed ? errors == 0 : errors > 0 || past->time_ns[i] > 0)
            continue;
        if (count++ < NAMES_MOST)
            snprintf(names + at, sizeof names - at, "%s%.80s", at > 0 ? ", " : "",
                     told->story->cell[c]);
    }
    if (count > 0)
        page_paragraph(told->page, "", "%s in the newest run: %s%s.",
                       failed ? "Failed" : "Not measured", names,
                       count > NAMES_MOST ? " and others" : "");
}

int results_show_watch(FILE *out, const struct results_past *past,
                       const struct results_story *story, const struct results_watched *watched,
                       const struct results_watch_options *options,
                       const struct results_view *view, int all)
{
    struct page page = page_begin(out, view);
    struct told told = {&page, past, story, watched, options, NULL};

    if (view->format == RESULTS_FORMAT_CSV)
        return watch_write_csv(out, story, watched);
    if (view->format == RESULTS_FORMAT_JSON)
        return watch_write_json(out, past, story, watched, options);
    told.order = calloc(watched->count + 1, sizeof *told.order);
    if (told.order == NULL)
        return -ENOMEM;
    watch_order(watched, told.order);
    put_verdict(&told);
    put_basis(&told);
    put_rows(&told, all);
    put_contexts(&told);
    put_drifts(&told);
    put_absent(&told, 1);
    put_absent(&told, 0);
    put_accepted(&told);
    free(told.order);
    return page_finish(&page);
}
