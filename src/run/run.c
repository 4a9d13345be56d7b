/* SPDX-License-Identifier: Apache-2.0 */

#include "run.h"

#include "run_build.h"
#include "src/base/arena.h"
#include "src/base/number.h"

#include <errno.h>
#include <math.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run_row run_row_empty(void)
{
    struct run_row row = {.repetition = RUN_NO_REPETITION};

    for (int m = 0; m < METRICS; m++)
        row.values[m] = (double)NAN;
    return row;
}

/* The entries lie in the arena. */
static void keep_entry(void *entry) { (void)entry; }

void run_free(struct run *run)
{
    if (run == NULL)
        return;
    for (size_t i = 0; i < run->cell_count; i++)
        for (int m = 0; m < METRICS; m++)
            free(run->cells[i].values[m]);
    free(run->cells);
    tdestroy(run->by_name, keep_entry);
    arena_free(&run->arena);
    free(run);
}

int run_add_context(struct run *run, const char *key, const char *value)
{
    struct context_entry *entry =
        arena_append(&run->arena, &run->context, &run->context_count, sizeof *entry);

    if (entry != NULL)
        *entry =
            (struct context_entry){arena_text(&run->arena, key), arena_text(&run->arena, value)};
    return run->arena.error;
}

const char *run_context(const struct run *run, const char *key)
{
    for (size_t i = run->context_count; i-- > 0;) /* of a key given twice the last counts */
        if (strcmp(run->context[i].key, key) == 0)
            return run->context[i].value;
    return NULL;
}

double run_context_number(const struct run *run, const char *key, double fallback)
{
    const char *text = run_context(run, key);
    double value;
    return text != NULL && number_scan(text, &value) != NULL && isfinite(value) ? value : fallback;
}

/* What finds a cell by its name: the cells themselves move when there are more. */
struct cell_entry {
    const char *name;
    size_t index;
};

double run_planned(const struct run *run, double *of_cell)
{
    int was_interrupted = run_context(run, "interrupted") != NULL;

    *of_cell = was_interrupted ? run_context_number(run, "repetitions", 0) : (double)NAN;
    return *of_cell * run_context_number(run, "cells_selected", 0);
}

const struct cell *run_cell(const struct run *run, const char *name)
{
    const struct cell_entry wanted = {.name = name}, *const *found =
                                                         tfind(&wanted, &run->by_name, text_order);
    return found == NULL ? NULL : &run->cells[(*found)->index];
}

static int cell_of(struct run *run, const char *name, struct cell **cell)
{
    /* Rows of a cell follow one another, as a rule. */
    if (run->cell_count > 0 && strcmp(run->cells[run->cell_count - 1].name, name) == 0) {
        *cell = &run->cells[run->cell_count - 1];
        return 0;
    }
    const struct cell *found = run_cell(run, name);
    if (found != NULL) {
        *cell = &run->cells[found - run->cells];
        return 0;
    }
    struct cell *larger = array_grow(run->cells, run->cell_count, sizeof *larger);
    struct cell_entry *entry = arena_take(&run->arena, sizeof *entry);
    char *own = arena_text(&run->arena, name);
    run->cells = larger != NULL ? larger : run->cells;
    if (larger == NULL || entry == NULL || own == NULL)
        return -ENOMEM;
    *entry = (struct cell_entry){own, run->cell_count};
    if (tsearch(entry, &run->by_name, text_order) == NULL)
        return -ENOMEM;
    *cell = &larger[run->cell_count++];
    **cell = (struct cell){.name = own, .aggregate_ns = (double)NAN};
    name_parse(own, &(*cell)->parts);
    return 0;
}

static int grow_column(double **column, size_t used, size_t capacity)
{
    double *larger = realloc(*column, capacity * sizeof *larger);
    if (larger == NULL)
        return -ENOMEM;
    *column = larger;
    for (size_t i = used; i < capacity; i++)
        larger[i] = (double)NAN;
    return 0;
}

/* A column is made when the first row brings a value; the rows before it read NaN. */
static int add_sample(struct cell *cell, const double *values)
{
    if (cell->samples == cell->capacity) {
        size_t capacity = cell->capacity == 0 ? 8 : cell->capacity * 2;
        for (int m = 0; m < METRICS; m++)
            if (cell->values[m] != NULL &&
                grow_column(&cell->values[m], cell->samples, capacity) != 0)
                return -ENOMEM;
        cell->capacity = capacity;
    }
    for (int m = 0; m < METRICS; m++) {
        if (!isfinite(values[m]))
            continue;
        if (cell->values[m] == NULL && grow_column(&cell->values[m], 0, cell->capacity) != 0)
            return -ENOMEM;
        cell->values[m][cell->samples] = values[m];
    }
    cell->samples++;
    return 0;
}

static void note_repetition(struct cell *cell, double repetition)
{
    if (!(repetition >= 0) || repetition > 1e15)
        return;
    uint64_t number = (uint64_t)repetition + 1;
    if (cell->samples > 0 && number <= cell->last_repetition)
        cell->pooled++;
    cell->last_repetition = number;
}

int run_add_row(struct run *run, const struct run_row *row)
{
    struct cell *cell;
    int error = cell_of(run, row->name, &cell);
    double time = row->values[METRIC_TIME];

    if (error != 0)
        return error;
    switch (row->kind) {
    case RUN_ROW_ERROR:
        cell->errors++;
        if (cell->error == NULL && row->error != NULL) {
            cell->error = arena_text(&run->arena, row->error);
            return cell->error == NULL ? -ENOMEM : 0;
        }
        return 0;
    case RUN_ROW_SKIPPED:
        cell->skipped++;
        return 0;
    case RUN_ROW_AGGREGATE:
        if (row->aggregate_rank == 2 || (row->aggregate_rank == 1 && isnan(cell->aggregate_ns)))
            cell->aggregate_ns = isfinite(time) && time >= 0 ? time : (double)NAN;
        return 0;
    case RUN_ROW_SAMPLE:
        break;
    }
    if (!isfinite(time) || time < 0) {
        cell->unusable++;
        return 0;
    }
    note_repetition(cell, row->repetition);
    run->sample_count++;
    return add_sample(cell, row->values);
}

/* A name without a size may still say it: bytes per second x time, when all rows agree on it. */
static void infer_size(struct cell *cell)
{
    const double *rate = cell->values[METRIC_THROUGHPUT], *time = cell->values[METRIC_TIME];
    double size;

    if (cell->parts.plain || cell->parts.size_bytes != 0 || cell->samples == 0 || rate == NULL)
        return;
    size = round(rate[0] * time[0] / 1e9);
    if (!(size >= 1 && size < 0x1p53))
        return;
    for (size_t s = 0; s < cell->samples; s++)
        if (!(fabs(rate[s] * time[s] / 1e9 - size) <= 1e-6 * size))
            return;
    cell->parts.size_bytes = (uint64_t)size;
}

int run_finish(struct run *run)
{
    for (size_t i = 0; i < run->cell_count; i++) {
        struct cell *cell = &run->cells[i];
        if (cell->samples > 0)
            cell->aggregate_ns = (double)NAN;
        infer_size(cell);
        /* A control that tells none moves no bytes. */
        if (cell->samples == 0 || cell->values[METRIC_THROUGHPUT] != NULL ||
            cell->parts.size_bytes == 0 || name_is_control(&cell->parts) ||
            /* Trips move other bytes, and a time that holds clocks is no file's. */
            cell->parts.axis[NAME_AXIS_MODE].text != NULL ||
            cell->parts.axis[NAME_AXIS_LATENCY].text != NULL)
            continue;
        if (grow_column(&cell->values[METRIC_THROUGHPUT], 0, cell->capacity) != 0)
            return -ENOMEM;
        for (size_t s = 0; s < cell->samples; s++) {
            double time = cell->values[METRIC_TIME][s];
            if (time > 0)
                cell->values[METRIC_THROUGHPUT][s] = (double)cell->parts.size_bytes * 1e9 / time;
        }
    }
    return run->cell_count == 0 ? -ENODATA : 0;
}

static const struct metric_info metrics[METRICS] = {
#define METRIC(symbol, option, key, label, kind) {option, key, label, METRIC_KIND_##kind},
#include "metrics.def"
};

const struct metric_info *metric_info(enum metric metric) { return &metrics[metric]; }

int metric_find(const char *option, enum metric *metric)
{
    for (int i = 0; i < METRICS; i++) {
        if (strcmp(metrics[i].option, option) == 0) {
            *metric = (enum metric)i;
            return 0;
        }
    }
    return -ENOENT;
}

enum {
    CALL = 1 << ASPECT_CALL,
    COPY = 1 << ASPECT_COPY,
    FAULT = 1 << ASPECT_FAULT,
    FILES = 1 << ASPECT_FILE,
    PROCESSOR = CALL | COPY | FAULT,
    ALL = PROCESSOR | FILES,
};

#define CONTEXT_FIELD(key, name, in_machine_key, layer, explains)                                  \
    {#key, name, in_machine_key, LAYER_##layer, explains},
#define CONTEXT_OF_FRAMEWORK CONTEXT_FIELD
#define CONTEXT_RECORD(key)
#define CONTEXT_RECORD_AFTER(key)
const struct context_key context_keys[] = {
#include "context_fields.def"
};

const size_t context_key_count = sizeof context_keys / sizeof context_keys[0];

const char *context_value_or_unknown(const char *value)
{
    return value == NULL ? "unknown" : value;
}

void context_place(const struct run *run, char text[CONTEXT_MACHINE_MAX])
{
    static const struct {
        const char *key, *before, *after;
    } parts[] = {{"file_system", "", ""},
                 {"block_device", " on ", ""},
                 {"kernel", ", Linux ", ""},
                 {"cpu_model", ", ", ""},
                 {"cores", ", ", " cores"}}; /* one has no s */
    size_t at = 0;
    double cpus = run_context_number(run, "num_cpus", 0);

    text[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && at < CONTEXT_MACHINE_MAX; i++) {
        const char *value = run_context(run, parts[i].key);
        if (value != NULL && *value != '\0') /* of the kernel the release, not the build */
            at += (size_t)snprintf(
                text + at, CONTEXT_MACHINE_MAX - at, "%s%.*s%.*s", at > 0 ? parts[i].before : "",
                strcmp(parts[i].key, "kernel") == 0 ? (int)strcspn(value, " ") : 60, value,
                (int)strlen(parts[i].after) - (strcmp(value, "1") == 0), parts[i].after);
    }
    if (at == 0 && cpus > 0)
        snprintf(text, CONTEXT_MACHINE_MAX, "%.0f processors", cpus);
}

void context_machine(const struct run *run, char text[CONTEXT_MACHINE_MAX])
{
    const char *key = run_context(run, "machine_key");

    context_place(run, text);
    size_t at = strlen(text);
    if (key != NULL && *key != '\0')
        snprintf(text + at, CONTEXT_MACHINE_MAX - at, "%smachine %.60s", at > 0 ? ", " : "", key);
}
