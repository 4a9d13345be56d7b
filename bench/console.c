/* SPDX-License-Identifier: Apache-2.0 */

#include "progress.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct console_row {
    bool done;
    size_t samples;
    double median_s, fastest_s;
    double bytes_per_second; /* the median's; 0: it moves none */
    double spread;           /* interquartile range over the median; negative when unknown */
    char *error;
};

/* The length of a name, and what is shown behind it: all have "/manual_time" there, which is not.
 */
static int short_length(const struct sweep_cell *cell, const char **rest)
{
    static const char part[] = "/manual_time";
    const char *at = strstr(cell->name, part);

    *rest = at != NULL ? at + sizeof part - 1 : "";
    return at != NULL ? (int)(at - cell->name) : (int)strlen(cell->name);
}

static void summarise(struct console_row *row, double *samples, double *rates, size_t count)
{
    stats_sort(rates, count);
    row->bytes_per_second = stats_quantile(rates, count, 0.5);
    stats_sort(samples, count);
    row->samples = count;
    row->fastest_s = samples[0];
    row->median_s = stats_quantile(samples, count, 0.5);
    row->spread = (stats_quantile(samples, count, 0.75) - stats_quantile(samples, count, 0.25)) /
                  row->median_s;
}

static int name_width(const struct sweep *sweep)
{
    const char *rest;
    int width = 20;

    for (size_t i = 0; i < sweep->cell_count; i++) {
        int length = short_length(&sweep->cells[i], &rest) + (int)strlen(rest);
        if (sweep->cells[i].selected && length > width)
            width = length;
    }
    return width;
}

static void print_row(const struct console *console, const struct sweep_cell *cell,
                      const struct console_row *row)
{
    char median[UNITS_TEXT_BYTES], fastest[UNITS_TEXT_BYTES], rate[UNITS_TEXT_BYTES];
    const char *rest;
    int length = short_length(cell, &rest);

    printf("%.*s%-*s", length, cell->name, name_width(console->sweep) - length, rest);
    if (row->samples == 0) {
        printf("  error: %s\n", row->error != NULL ? row->error : "not measured");
        return;
    }
    printf("  %9s", units_short_time(median, row->median_s));
    if (row->spread < 0)
        printf("  %9s  %6s", "-", "-");
    else
        printf("  %9s  %4.0f %%", units_short_time(fastest, row->fastest_s), 100 * row->spread);
    if (row->bytes_per_second > 0)
        printf("  %10s/s", units_short_bytes(rate, row->bytes_per_second));
    else
        printf("  %12s", "-");
    if (row->error != NULL)
        printf("  error in some samples: %s", row->error);
    putchar('\n');
}

static void print_ready(struct console *console, bool all)
{
    const struct sweep *sweep = console->sweep;

    progress_clear();
    for (; console->next < sweep->cell_count; console->next++) {
        const struct sweep_cell *cell = &sweep->cells[console->next];
        const struct console_row *row = &console->rows[console->next];
        if (!cell->selected || (all && !row->done))
            continue;
        if (!row->done)
            break;
        print_row(console, cell, row);
    }
    fflush(stdout);
}

static struct console_row *row_of(const struct console *console, const struct benchmark_run *run)
{
    for (size_t i = 0; i < console->sweep->cell_count; i++) {
        if (strcmp(console->sweep->cells[i].name, run->run_name) == 0)
            return &console->rows[i];
    }
    return NULL;
}

static void begin(void *user)
{
    const struct console *console = user;

    printf("%-*s  %9s  %9s  %6s  %12s\n", name_width(console->sweep), "", "median", "fastest",
           "spread", "throughput");
    fflush(stdout);
}

static double throughput(const struct benchmark_run *run)
{
    for (size_t i = 0; i < run->counter_count; i++) {
        if (strcmp(run->counters[i].name, "bytes_per_second") == 0)
            return run->counters[i].value;
    }
    return 0;
}

/* Takes the repetitions; without any (--benchmark_report_aggregates_only) the framework's median.
 */
static void collect(void *user, const struct benchmark_run *runs, size_t count)
{
    struct console *console = user;
    struct console_row *row = count > 0 ? row_of(console, &runs[0]) : NULL;
    double *samples = calloc(2 * count + 1, sizeof *samples), *rates = samples + count;
    size_t used = 0;

    for (size_t i = 0; row != NULL && samples != NULL && i < count; i++) {
        const struct benchmark_run *run = &runs[i];
        if (run->error != NULL && row->error == NULL)
            row->error = strdup(run->error);
        if (run->error != NULL)
            continue;
        if (run->aggregate_name == NULL)
            samples[used] = run->real_time_s, rates[used++] = throughput(run);
        else if (row->samples == 0 && used == 0 && strcmp(run->aggregate_name, "median") == 0) {
            row->samples = 1;
            row->median_s = run->real_time_s;
            row->bytes_per_second = throughput(run);
            row->spread = -1;
        }
    }
    if (used > 0)
        summarise(row, samples, rates, used);
    if (row != NULL)
        row->done = true;
    free(samples);
    print_ready(console, false);
}

static void end(void *user) { print_ready(user, true); }

int console_create(struct console *console, const struct sweep *sweep)
{
    *console = (struct console){.sweep = sweep};
    console->rows = calloc(sweep->cell_count, sizeof *console->rows);
    return console->rows == NULL ? -ENOMEM : 0;
}

struct benchmark_reporter console_reporter(struct console *console)
{
    return (struct benchmark_reporter){
        .user = console, .begin = begin, .runs = collect, .end = end};
}

void console_destroy(struct console *console)
{
    for (size_t i = 0; console->rows != NULL && i < console->sweep->cell_count; i++)
        free(console->rows[i].error);
    free(console->rows);
}
