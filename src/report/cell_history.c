/* SPDX-License-Identifier: Apache-2.0 */
#include "history_reports.h"

#include "src/statistics/quantiles.h"
#include "table.h"
#include "words.h"

enum { LINES_MOST = 30, STEPS_SHOWN = 1, WIDTH_DEFAULT = 100, LINE_LEAST = 10 };
/* Columns of a line that neither the cell's name, nor its curve, nor its changes take. */
enum { REST = 37 };

enum { LEVELS = 8 };
#define LEAST_RANGE 0.0953 /* log 1.1 */

static const char *const signs[2][LEVELS] = {
    {"_", ".", ":", "-", "=", "+", "#", "@"},
    {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
};
static const char *const gaps[2] = {" ", "·"};

static double share_of(const double *time, size_t begin, size_t end, double *room)
{
    size_t count = 0;

    for (size_t i = begin; i < end; i++)
        if (time[i] > 0 && isfinite(time[i]))
            room[count++] = log(time[i]);
    return stats_median_of(room, count);
}

void sparkline(const double *time, size_t count, size_t width, int unicode, double *room,
               char text[SPARKLINE_TEXT])
{
    double level[SPARKLINE_MOST], least = INFINITY, greatest = -INFINITY;

    width = width < SPARKLINE_MOST ? width : SPARKLINE_MOST;
    width = width < count ? width : count;
    for (size_t i = 0; i < width; i++) {
        level[i] = share_of(time, i * count / width, (i + 1) * count / width, room);
        least = fmin(least, level[i]);
        greatest = fmax(greatest, level[i]);
    }
    double missing = fmax(0, LEAST_RANGE - (greatest - least));
    least -= missing / 2;
    greatest += missing / 2;
    text[0] = '\0';
    for (size_t i = 0; i < width; i++) {
        int step =
            isnan(level[i]) ? 0 : (int)((double)LEVELS * (level[i] - least) / (greatest - least));
        step = step < 0 ? 0 : step >= LEVELS ? LEVELS - 1 : step;
        strcat(text, isnan(level[i]) ? gaps[unicode != 0] : signs[unicode != 0][step]);
    }
}

struct telling {
    struct document *document;
    const struct cell_histories *histories;
    const char *common; /* what the names of all cells have in common */
    size_t line;        /* width of the curves */
    double *room;       /* [run] */
    int all;
};

/* What the members of a row are written from. */
struct subject {
    const struct run_window *window;
    const struct cell_history *cell;
};

static const double *times_of(const struct run_window *window, const struct cell_history *cell)
{
    return &window->time_ns[cell->column * window->series.runs.count];
}

static const char *say_step(const struct telling *telling, const struct cell_history *cell,
                            const struct step *step)
{
    const struct run_window *window = &telling->histories->window;
    const struct history_run *run = &window->series.runs.runs[step->at];

    return document_say(telling->document, "%s %.10s %.8s%s",
                        figure_change_of(interval_exp(step->shift).estimate).text,
                        run_say_date(telling->document, run),
                        run->revision != NULL ? run->revision : run->id,
                        step_accepted(window, cell->name, step->at) != NULL ? " accepted" : "");
}

/* The newest first. */
static const char *say_steps(const struct telling *telling, const struct cell_history *cell)
{
    int drifts = cell->drift.is_drift;
    size_t count = cell->step_count;
    size_t shown = telling->all ? count : drifts ? 0 : STEPS_SHOWN;
    const char *text = drifts
                           ? document_say(telling->document, "drifts, %s a run, %s in all",
                                          figure_change_of(exp(cell->drift.per_run.estimate)).text,
                                          figure_change_of(exp(cell->drift.in_all)).text)
                           : "";

    for (size_t i = 0; i < count && i < shown; i++)
        text = document_say(telling->document, "%s%s%s", text, *text != '\0' ? "; " : "",
                            say_step(telling, cell, &cell->steps.steps[count - 1 - i]));
    return count > shown
               ? document_say(telling->document, drifts ? "%s; %zu steps before" : "%s; %zu more",
                              text, count - shown)
               : text;
}

static void step_members(struct document *document, const void *row)
{
    const struct subject *subject = row;

    for (size_t i = 0; i < subject->cell->steps.count; i++) {
        const struct step *step = &subject->cell->steps.steps[i];
        const struct accepted_change *accepted =
            step_accepted(subject->window, subject->cell->name, step->at);
        document_object(document, NULL, "run", subject->window->series.runs.runs[step->at].id, "at",
                        step->at, "ratio", interval_exp(step->shift), "runs_before", step->before,
                        "runs_after", step->after, "p", step->p, "accepted",
                        accepted != NULL ? accepted->reason : NULL);
    }
}

static void time_members(struct document *document, const void *row)
{
    const struct subject *subject = row;
    const double *time_ns = times_of(subject->window, subject->cell);

    for (size_t i = 0; i < subject->window->series.runs.count; i++)
        document_put(document, NULL, time_ns[i]);
}

static size_t wider(size_t width, const char *text)
{
    size_t own = (size_t)document_text_width(text);
    return own > width ? own : width;
}

/* The curves take what is left. Changes that do not fit either go below. */
static size_t line_width(const struct telling *telling)
{
    const struct cell_histories *histories = telling->histories;
    int width = telling->document->view->width > 0 ? telling->document->view->width : WIDTH_DEFAULT;
    size_t left = (size_t)width, names = 0, steps = strlen("changes");

    for (size_t c = 0; c < histories->count; c++) {
        const struct cell_history *cell = &histories->cells[c];
        names = wider(names, watch_short_name(telling->document, cell->name, telling->common));
        steps = wider(steps, say_steps(telling, cell));
    }
    left = left > names + REST + LINE_LEAST ? left - names - REST : LINE_LEAST;
    left = left > steps + LINE_LEAST ? left - steps : left;
    return left < SPARKLINE_MOST ? left : SPARKLINE_MOST;
}

enum { CHANGES = 7 }; /* the column, which is for readers where a cell has one */

static const struct column cell_columns[] = {
    {.heading = "cell", .key = "cell"},
    {.key = "runs"},
    {.heading = "history", .family = 1},
    {.heading = "first", .key = "first_ns", .align = ALIGN_RIGHT, .family = 2, .as = figure_time},
    {.heading = "last", .key = "last_ns", .align = ALIGN_RIGHT, .family = 2, .as = figure_time},
    {.heading = "median", .key = "median_ns", .align = ALIGN_RIGHT, .family = 2, .as = figure_time},
    {.heading = "runs", .align = ALIGN_RIGHT, .family = 2},
    {.heading = "", .key = "steps[]", .family = 3},
    {.key = "is_drift"},
    {.key = "drift_per_run"},
    {.key = "drift_from"},
    {.key = "time_ns[]"},
};

static void put_cell(struct table *table, const struct telling *telling,
                     const struct subject *subject)
{
    const struct cell_history *cell = subject->cell;
    char curve[SPARKLINE_TEXT];

    sparkline(times_of(subject->window, cell), subject->window->series.runs.count, telling->line,
              !telling->document->view->ascii, telling->room, curve);
    table_row(table);
    table_put(table,
              SHOWN(cell->name, watch_short_name(table->document, cell->name, telling->common)),
              cell->values, WORDS(curve), cell->first_ns, cell->last_ns, cell->median_ns,
              WORDS(document_say(table->document, "%zu", cell->values)),
              SHOWN(MEMBERS(step_members, subject), say_steps(telling, cell)), cell->drift.is_drift,
              PERHAPS(cell->drift.is_drift, interval_exp(cell->drift.per_run)),
              PERHAPS(cell->drift.is_drift, cell->drift.from), MEMBERS(time_members, subject));
}

static int has_changed(const struct cell_history *cell)
{
    return cell->steps.count > 0 || cell->drift.is_drift;
}

static size_t count_changed(const struct cell_histories *histories)
{
    size_t changed = 0;
    for (size_t c = 0; c < histories->count; c++)
        changed += (size_t)has_changed(&histories->cells[c]);
    return changed;
}

/* Where a reader would get too many lines, cells that changed come before the others, and keep
 * their place among them. */
static void put_cells(const struct telling *telling, struct subject *subjects)
{
    const struct cell_histories *histories = telling->histories;
    int all = telling->all || !document_has_readers(telling->document);
    size_t most = all ? histories->count : LINES_MOST, changed = count_changed(histories);
    size_t room[2] = {most > changed ? most - changed : 0, most}, folded[2] = {0, 0};
    struct table table;

    if (changed == 0)
        document_note(telling->document, "", "No change was found.");
    table_of(&table, telling->document, "cells", cell_columns);
    if (changed > 0)
        table_set_heading(&table, CHANGES, "changes");
    for (size_t c = 0; c < histories->count; c++) {
        int is_told = has_changed(&histories->cells[c]);
        subjects[c] = (struct subject){&histories->window, &histories->cells[c]};
        if (room[is_told] > 0) {
            room[is_told]--;
            put_cell(&table, telling, &subjects[c]);
        } else {
            folded[is_told]++;
        }
    }
    table_end(&table);
    document_folded(telling->document, folded[0], "cells without a change are folded");
    document_folded(telling->document, folded[1], "more cells changed");
}

static const struct column level_columns[] = {
    {.csv = "cell"},
    {.csv = "since_date"},
    {.csv = "since_revision"},
    {.csv = "since_run"},
    {.csv = "runs"},
    {.csv = "median_ns"},
    {.csv = "ratio,ratio_low,ratio_high"},
    {.csv = "p"},
    {.csv = "reason"},
    {.csv = "is_accepted"},
    {.csv = "is_drift"},
};

/* The level that begins with that step, or (NULL) with the first run. */
static void put_level(struct table *table, const struct telling *telling,
                      const struct cell_history *cell, const struct step *step, size_t begin,
                      size_t end)
{
    const struct run_window *window = &telling->histories->window;
    const struct history_run *run = &window->series.runs.runs[begin];
    const struct accepted_change *accepted =
        step != NULL ? step_accepted(window, cell->name, begin) : NULL;
    const double *time_ns = times_of(window, cell);
    size_t values = 0;

    for (size_t i = begin; i < end; i++)
        if (time_ns[i] > 0)
            telling->room[values++] = time_ns[i];
    table_row(table);
    table_put(table, cell->name, WORDS(date_say(telling->document, run->date_s)), run->revision,
              run->id, values, stats_median_of(telling->room, values),
              PERHAPS(step != NULL, interval_exp(step->shift)), PERHAPS(step != NULL, step->p),
              accepted != NULL ? accepted->reason : NULL, accepted != NULL,
              cell->drift.is_drift && end > cell->drift.from);
}

static void put_levels(const struct telling *telling)
{
    const struct cell_histories *histories = telling->histories;
    struct table table;

    table_of(&table, telling->document, NULL, level_columns);
    for (size_t c = 0; c < histories->count; c++) {
        const struct cell_history *cell = &histories->cells[c];
        const double *time_ns = times_of(&histories->window, cell);
        size_t begin = 0;
        while (!(time_ns[begin] > 0))
            begin++;
        for (size_t level = 0; level <= cell->steps.count; level++) {
            const struct step *step = level > 0 ? &cell->steps.steps[level - 1] : NULL;
            size_t end = level < cell->steps.count ? cell->steps.steps[level].at
                                                   : histories->window.series.runs.count;
            put_level(&table, telling, cell, step, step != NULL ? step->at : begin, end);
        }
    }
    table_end(&table);
}

static void put_basis(const struct telling *telling)
{
    const struct cell_histories *histories = telling->histories;
    const struct history_runs *runs = &histories->window.series.runs;
    size_t controls = 0;

    for (size_t c = 0; c < histories->count; c++)
        controls += (size_t)histories->cells[c].is_control;
    window_show(telling->document, &histories->window, histories->count - controls, controls,
                telling->common);
    document_open(telling->document, "runs", '[');
    for (size_t i = 0; i < runs->count; i++)
        document_put(telling->document, "{}", MEMBERS(run_members, &runs->runs[i]));
    document_close(telling->document, ']');
}

int report_cell_histories(FILE *out, const struct cell_histories *histories,
                          const struct view *view, int all)
{
    struct document document = document_begin(out, view);
    struct telling telling = {.document = &document, .histories = histories, .all = all};
    struct subject *subjects = document_take(&document, histories->count + 1, sizeof *subjects);
    unsigned kinds = 0;

    telling.common = watch_common(&document, &histories->window,
                                  histories->count > 0 ? &histories->cells->column : NULL,
                                  sizeof *histories->cells, histories->count);
    telling.room =
        document_take(&document, histories->window.series.runs.count + 1, sizeof *telling.room);
    for (size_t c = 0; c < histories->count; c++)
        kinds = kinds_add(kinds, histories->cells[c].name);
    if (document.error == 0) {
        telling.line = line_width(&telling);
        put_basis(&telling);
        put_cells(&telling, subjects);
        put_levels(&telling);
        pace_put(&document);
        kinds_put_times(&document, kinds);
        window_show_accepted(&document, &histories->window, histories->window.accepted_count);
    }
    return document_finish(&document);
}
