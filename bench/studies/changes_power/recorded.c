/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of a real machine on which nothing changed, in the order of time. */
#include "changes_power.h"

#include "src/base/number.h"
#include "src/run/load.h"
#include "src/statistics/quantiles.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS_MOST = 1000, SAMPLES_MOST = 1000, PATH_SIZE = 4096 };

struct dated {
    int64_t date_s;
    struct run *run;
};

static int by_date(const void *a, const void *b)
{
    const struct dated *x = a, *y = b;
    return (x->date_s > y->date_s) - (x->date_s < y->date_s);
}

static int is_json(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return end != NULL && strcmp(end, ".json") == 0;
}

static int load_all(const char *folder, struct dated *runs, size_t *count)
{
    struct dirent **entries = NULL;
    int found = scandir(folder, &entries, is_json, alphasort), error = found < 0 ? -errno : 0;

    for (int i = 0; i < found; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
        if (error == 0)
            error = *count < RUNS_MOST ? run_load(path, &runs[*count].run, NULL) : -E2BIG;
        if (error == 0)
            error = date_parse(run_context(runs[*count].run, "date"), &runs[*count].date_s);
        *count += error == 0;
    }
    free(entries);
    qsort(runs, *count, sizeof *runs, by_date);
    return error != 0 ? error : *count == 0 ? -ENODATA : 0;
}

/* The pace of so many repetitions from `first` on; a run becomes as many as it has blocks. */
static int take(const struct dated *runs, size_t block, size_t blocks, struct history *history)
{
    const struct run *names = runs[0].run;
    double sorted[SAMPLES_MOST];

    for (size_t c = 0; c < history->cells; c++)
        for (size_t i = 0; i < history->runs; i++) {
            const struct cell *cell = run_cell(runs[i / blocks].run, names->cells[c].name);
            if (cell == NULL || cell->samples < blocks * block)
                return -EBADMSG;
            memcpy(sorted, &cell->values[METRIC_TIME][i % blocks * block], block * sizeof *sorted);
            stats_sort(sorted, block);
            history->time_ns[c * history->runs + i] = stats_pace(sorted, block);
        }
    return 0;
}

static int make(const struct dated *runs, size_t count, size_t block, struct history *history)
{
    const struct run *first = runs[0].run;
    size_t samples = first->cells[0].samples;
    struct arena arena = {0};
    char *groups[CELLS_MOST];

    block = block > 0 ? block : samples;
    if (samples < block || samples > SAMPLES_MOST || first->cell_count > CELLS_MOST)
        return -E2BIG;
    const struct shape shape = {first->cell_count, 0, 0};
    int error = history_make(history, count * (samples / block), &shape);
    for (size_t c = 0; c < history->cells; c++)
        history->group[c] =
            name_segments_group(&arena, groups, &history->writers, first->cells[c].name);
    error = error != 0 ? error : arena.error;
    arena_free(&arena);
    if (error == 0)
        error = take(runs, block, samples / block, history);
    if (error != 0)
        history_drop(history);
    return error;
}

int recorded_read(const char *folder, size_t block, struct history *history)
{
    struct dated *runs = calloc(RUNS_MOST, sizeof *runs);
    size_t count = 0;
    int error = runs == NULL ? -ENOMEM : load_all(folder, runs, &count);

    if (error == 0)
        error = make(runs, count, block, history);
    for (size_t i = 0; i < count; i++)
        run_free(runs[i].run);
    free(runs);
    return error;
}
