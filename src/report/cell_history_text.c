/* SPDX-License-Identifier: Apache-2.0 */
/* How each cell went, for readers: a line each. */
#include "cell_history_text.h"

#include "cell_history_data.h"
#include "comparison_text.h"
#include "sparkline.h"
#include "table.h"
#include "watch_words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MOST = 30, STEPS_SHOWN = 1, WIDTH_DEFAULT = 100, LINE_LEAST = 10 };
/* What a line takes besides the cell's name, its curve and its changes. */
enum { REST = 37 };

struct telling {
    struct document *document;
    const struct cell_histories *traces;
    char *common;
    size_t line; /* width of the curves */
    double *room;
    int all;
};

static void put_step(FILE *out, const struct telling *telling, const struct cell_history *trace,
                     const struct step *step)
{
    const struct run_window *past = &telling->traces->past;
    const struct history_run *run = &past->series.runs.runs[step->at];
    const struct interval ratio = compare_exp(step->shift);
    char by[FORMAT_MAX], date[DATE_TEXT];

    watch_put_change(ratio.estimate, by);
    run_put_date(run, date);
    fprintf(out, "%s %.10s %.8s%s", by, date, run->revision != NULL ? run->revision : run->id,
            step_accepted(past, trace->cell, step->at) != NULL ? " accepted" : "");
}

/* The newest first. */
static char *steps_text(const struct telling *telling, const struct cell_history *trace)
{
    size_t count = trace->steps.count, shown = telling->all ? count : STEPS_SHOWN;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < count && i < shown; i++) {
        fputs(i > 0 ? "; " : "", out);
        put_step(out, telling, trace, &trace->steps.steps[count - 1 - i]);
    }
    if (count > shown)
        fprintf(out, "; %zu more", count - shown);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static void add_line(const struct telling *telling, struct table *grid,
                     const struct cell_history *trace)
{
    const struct run_window *past = &telling->traces->past;
    size_t runs = past->series.runs.count, r = table_row(grid);
    char curve[SPARKLINE_TEXT], time[FORMAT_MAX];
    char *name = watch_short_name(trace->cell, telling->common);
    char *steps = steps_text(telling, trace);

    if (name == NULL || steps == NULL) {
        telling->document->error = -ENOMEM;
    } else {
        sparkline(&past->time_ns[trace->column * runs], runs, telling->line,
                  telling->document->view->unicode, telling->room, curve);
        table_set(grid, r, 0, "%s", name);
        table_set(grid, r, 1, "%s", curve);
        format_time(trace->first_ns, time);
        table_set(grid, r, 2, "%s", time);
        format_time(trace->last_ns, time);
        table_set(grid, r, 3, "%s", time);
        format_time(trace->median_ns, time);
        table_set(grid, r, 4, "%s", time);
        table_set(grid, r, 5, "%zu", trace->values);
        table_set(grid, r, 6, "%s", steps);
    }
    free(name);
    free(steps);
}

static size_t width_of(char *text)
{
    size_t width = text != NULL ? (size_t)document_text_width(text) : 0;
    free(text);
    return width;
}

/* The curves take what is left. Changes that do not fit either go below. */
static size_t line_width(const struct telling *telling)
{
    const struct cell_histories *traces = telling->traces;
    int width = telling->document->view->width > 0 ? telling->document->view->width : WIDTH_DEFAULT;
    size_t left = (size_t)width, names = 0, steps = 0;

    for (size_t t = 0; t < traces->count; t++) {
        const struct cell_history *trace = &traces->traces[t];
        size_t name = width_of(watch_short_name(trace->cell, telling->common));
        size_t step = width_of(steps_text(telling, trace));
        names = name > names ? name : names;
        steps = step > steps ? step : steps;
    }
    left = left > names + REST + LINE_LEAST ? left - names - REST : LINE_LEAST;
    left = left > steps + LINE_LEAST ? left - steps : left;
    return left < SPARKLINE_MOST ? left : SPARKLINE_MOST;
}

static void put_basis(const struct telling *telling)
{
    const struct cell_histories *traces = telling->traces;
    size_t controls = 0;

    for (size_t t = 0; t < traces->count; t++)
        controls += (size_t)traces->traces[t].is_control;
    past_show(telling->document, &traces->past, traces->count - controls, controls,
              telling->common);
}

/* Of a long list only what changed, and of that the first lines. */
static size_t count_changed(const struct cell_histories *traces)
{
    size_t changed = 0;
    for (size_t t = 0; t < traces->count; t++)
        changed += traces->traces[t].steps.count > 0;
    return changed;
}

/* Cells that changed come before the others when there are too many lines, and stay in their place
 * among them. */
static void put_lines(const struct telling *telling)
{
    const struct cell_histories *traces = telling->traces;
    size_t most = telling->all ? traces->count : LINES_MOST, changed = count_changed(traces);
    size_t room[2] = {most > changed ? most - changed : 0, most}, folded[2] = {0, 0};
    struct table grid;

    table_begin(&grid, telling->document, NULL, NULL, 0);
    table_column(&grid, ALIGN_LEFT, 0, "cell");
    table_column(&grid, ALIGN_LEFT, 1, "%s", "history");
    table_column(&grid, ALIGN_RIGHT, 2, "first");
    table_column(&grid, ALIGN_RIGHT, 2, "last");
    table_column(&grid, ALIGN_RIGHT, 2, "median");
    table_column(&grid, ALIGN_RIGHT, 2, "runs");
    table_column(&grid, ALIGN_LEFT, 3, "changes");
    for (size_t t = 0; t < traces->count; t++) {
        size_t has_changed = traces->traces[t].steps.count > 0;
        if (room[has_changed] > 0) {
            room[has_changed]--;
            add_line(telling, &grid, &traces->traces[t]);
        } else {
            folded[has_changed]++;
        }
    }
    table_end(&grid);
    if (folded[0] > 0)
        document_note(telling->document, "",
                      "%zu cells without a change are folded; --all shows them.", folded[0]);
    if (folded[1] > 0)
        document_note(telling->document, "", "%zu more cells changed; --all shows them.",
                      folded[1]);
}

static void put_accepted(const struct telling *telling)
{
    const struct run_window *past = &telling->traces->past;

    for (size_t i = 0; i < past->accepted_count; i++) {
        char run[RUN_TEXT];
        run_put(&past->series.runs.runs[past->accepted[i].run], run);
        document_paragraph(telling->document, "", "Accepted: %s since %s: %s.",
                           past->accepted[i].cell != NULL ? past->accepted[i].cell : "all cells",
                           run, past->accepted[i].reason);
    }
}

static char *common_of(const struct cell_histories *traces)
{
    char **names = calloc(traces->count + 1, sizeof *names), *common;

    if (names == NULL)
        return NULL;
    for (size_t t = 0; t < traces->count; t++)
        names[t] = traces->past.series.cells[traces->traces[t].column];
    common = watch_common(names, traces->count);
    free(names);
    return common;
}

int report_cell_histories(FILE *out, const struct cell_histories *traces, const struct view *view,
                          int all)
{
    struct document document = document_begin(out, view);
    struct telling telling = {.document = &document, .traces = traces, .all = all};

    if (view->format == &format_csv)
        return cell_histories_csv(out, traces);
    if (view->format == &format_json)
        return cell_histories_json(out, traces);
    telling.common = common_of(traces);
    telling.room = calloc(traces->past.series.runs.count + 1, sizeof *telling.room);
    if (telling.common == NULL || telling.room == NULL) {
        document.error = -ENOMEM;
    } else {
        telling.line = line_width(&telling);
        put_basis(&telling);
        put_lines(&telling);
        put_accepted(&telling);
    }
    free(telling.common);
    free(telling.room);
    return document_finish(&document);
}
