/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a machine's cells over its runs. */
#include "list.h"
#include "src/base/arena.h"
#include "src/base/array.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to so many cells are asked for one by one; otherwise all are read, and sorted out here. */
enum { SINGLE_MOST = 6 };
/* The numbers of cells are small: a larger one is damage, not a table to make room for. */
enum { CELL_ID_MOST = 100000000 };

struct run_place {
    int64_t run;
    size_t index;
};

struct cell_number {
    int64_t id;
    char *text;
    int column; /* -1: without a value as yet */
};

struct series_reading {
    const struct history_query *query;
    struct history_series *series;
    struct arena arena;
    struct run_place *places;  /* by run */
    size_t last;               /* rows of a run come together */
    struct cell_number *names; /* by id; the wanted ones */
    size_t name_count;
    size_t next; /* a run's cells come by id: most likely the next name */
    size_t room; /* columns */
};

static int by_run(const void *a, const void *b)
{
    const struct run_place *x = a, *y = b;
    return (x->run > y->run) - (x->run < y->run);
}

static int index_runs(struct series_reading *reading)
{
    const struct history_runs *runs = &reading->series->runs;

    reading->places = calloc(runs->count + 1, sizeof *reading->places);
    if (reading->places == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < runs->count; i++)
        reading->places[i] = (struct run_place){runs->runs[i].sequence, i};
    qsort(reading->places, runs->count, sizeof *reading->places, by_run);
    return 0;
}

static int take_name(void *data, const struct value *columns)
{
    struct series_reading *reading = data;

    if (columns[0].kind != VALUE_INTEGER || columns[1].kind != VALUE_TEXT ||
        columns[0].integer < 0 || columns[0].integer > CELL_ID_MOST)
        return -EUCLEAN;
    if (reading->query->wants != NULL &&
        !reading->query->wants(columns[1].bytes, reading->query->data))
        return 0;
    struct cell_number *larger =
        array_grow(reading->names, reading->name_count, sizeof *reading->names);
    if (larger == NULL)
        return -ENOMEM;
    reading->names = larger;
    struct cell_number *name = &reading->names[reading->name_count];
    *name = (struct cell_number){
        columns[0].integer, arena_copy(&reading->arena, columns[1].bytes, columns[1].length), -1};
    reading->name_count += name->text != NULL;
    return name->text != NULL ? 0 : -ENOMEM;
}

static int by_id(const void *a, const void *b)
{
    const struct cell_number *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int grow_columns(struct history_series *series, size_t columns)
{
    size_t count = columns * series->runs.count;
    double *location = realloc(series->location_ns, count * sizeof *location);
    if (location != NULL)
        series->location_ns = location;
    double *pace = realloc(series->pace_ns, count * sizeof *pace);
    if (pace != NULL)
        series->pace_ns = pace;
    uint32_t *samples = realloc(series->samples, count * sizeof *samples);
    if (samples != NULL)
        series->samples = samples;
    uint32_t *errors = realloc(series->errors, count * sizeof *errors);
    if (errors != NULL)
        series->errors = errors;
    return location == NULL || pace == NULL || samples == NULL || errors == NULL ? -ENOMEM : 0;
}

static int new_column(struct series_reading *reading, struct cell_number *name)
{
    struct history_series *series = reading->series;

    if (series->cell_count == reading->room) {
        size_t more = reading->room > 0 ? 2 * reading->room : 16;
        if (grow_columns(series, more) != 0)
            return -ENOMEM;
        reading->room = more;
    }
    for (size_t i = 0; i < series->runs.count; i++) {
        size_t at = series->cell_count * series->runs.count + i;
        series->location_ns[at] = series->pace_ns[at] = (double)NAN;
        series->samples[at] = series->errors[at] = 0;
    }
    name->column = (int)series->cell_count++;
    return 0;
}

static double real_of(const struct value *column)
{
    return column->kind == VALUE_REAL      ? column->real
           : column->kind == VALUE_INTEGER ? (double)column->integer
                                           : (double)NAN;
}

static uint32_t count_of(const struct value *column)
{
    return column->integer < 0            ? 0
           : column->integer > UINT32_MAX ? UINT32_MAX
                                          : (uint32_t)column->integer;
}

static struct cell_number *find_name(struct series_reading *reading, int64_t id)
{
    struct cell_number wanted = {.id = id};

    if (reading->next >= reading->name_count || reading->names[reading->next].id != id) {
        struct cell_number *name =
            bsearch(&wanted, reading->names, reading->name_count, sizeof wanted, by_id);
        if (name == NULL)
            return NULL;
        reading->next = (size_t)(name - reading->names);
    }
    return &reading->names[reading->next++];
}

static int take_value(void *data, const struct value *columns)
{
    struct series_reading *reading = data;
    struct history_series *series = reading->series;
    struct run_place run = {.run = columns[0].integer};

    if (reading->places[reading->last].run != run.run) {
        const struct run_place *place =
            bsearch(&run, reading->places, series->runs.count, sizeof run, by_run);
        if (place == NULL)
            return 0; /* older than the newest ones that are wanted */
        reading->last = (size_t)(place - reading->places);
    }
    struct cell_number *name = find_name(reading, columns[1].integer);
    if (name == NULL)
        return 0;
    if (name->column < 0 && new_column(reading, name) != 0)
        return -ENOMEM;
    size_t at = (size_t)name->column * series->runs.count + reading->places[reading->last].index;
    series->location_ns[at] = real_of(&columns[2]);
    series->pace_ns[at] = real_of(&columns[3]);
    series->samples[at] = count_of(&columns[4]);
    series->errors[at] = count_of(&columns[5]);
    return 0;
}

/* CROSS JOIN: SQLite then takes the runs first, as they stand in their index. */
#define VALUES_OF                                                                                  \
    "SELECT v.run, v.cell, v.location_ns, v.pace_ns, v.samples, v.errors FROM bench_run r"         \
    " CROSS JOIN bench_value v WHERE r.machine = (SELECT id FROM bench_machine WHERE key = $1)"    \
    " AND r.date_s >= $2 AND v.run = r.seq"

static int read_values(struct history *history, struct series_reading *reading)
{
    struct value parameters[3] = {value_text(reading->query->machine),
                                  value_integer(reading->series->runs.runs[0].date_s)};
    int error = 0;

    if (reading->name_count > SINGLE_MOST)
        return store_query(history, VALUES_OF, parameters, 2, take_value, reading);
    for (size_t i = 0; error == 0 && i < reading->name_count; i++) {
        parameters[2] = value_integer(reading->names[i].id);
        error =
            store_query(history, VALUES_OF " AND v.cell = $3", parameters, 3, take_value, reading);
    }
    return error;
}

static int by_text(const void *a, const void *b)
{
    const struct cell_number *x = a, *y = b;
    return strcmp(x->text, y->text);
}

/* Columns stand in the order in which they were met; they move to that of their names. */
static int sort_columns(struct series_reading *reading)
{
    struct history_series *series = reading->series, sorted = *series;
    size_t runs = series->runs.count, cells = 0;

    sorted.cells = calloc(series->cell_count + 1, sizeof *sorted.cells);
    sorted.location_ns = sorted.pace_ns = NULL;
    sorted.samples = sorted.errors = NULL;
    if (sorted.cells == NULL || grow_columns(&sorted, series->cell_count) != 0) {
        free(sorted.cells);
        free(sorted.location_ns);
        free(sorted.pace_ns);
        free(sorted.samples);
        free(sorted.errors);
        return -ENOMEM;
    }
    qsort(reading->names, reading->name_count, sizeof *reading->names, by_text);
    for (size_t i = 0; i < reading->name_count; i++) {
        const struct cell_number *name = &reading->names[i];
        if (name->column < 0)
            continue;
        size_t from = (size_t)name->column * runs, to = cells * runs;
        memcpy(sorted.location_ns + to, series->location_ns + from, runs * sizeof(double));
        memcpy(sorted.pace_ns + to, series->pace_ns + from, runs * sizeof(double));
        memcpy(sorted.samples + to, series->samples + from, runs * sizeof(uint32_t));
        memcpy(sorted.errors + to, series->errors + from, runs * sizeof(uint32_t));
        sorted.cells[cells++] = name->text;
    }
    free(series->location_ns);
    free(series->pace_ns);
    free(series->samples);
    free(series->errors);
    *series = sorted;
    return 0;
}

static int read_series(struct history *history, struct series_reading *reading)
{
    struct history_series *series = reading->series;
    int error =
        list_machine(history, reading->query->machine, reading->query->newest, &series->runs);

    if (error != 0 || series->runs.count == 0)
        return error;
    error = index_runs(reading);
    if (error == 0)
        error = store_query(history, "SELECT id, name FROM bench_cell ORDER BY id", NULL, 0,
                            take_name, reading);
    if (error == 0)
        error = read_values(history, reading);
    if (error == 0 && series->cell_count > 0)
        error = sort_columns(reading);
    return error;
}

int history_read(struct history *history, const struct history_query *query,
                 struct history_series *series)
{
    struct series_reading reading = {.query = query, .series = series};

    *series = (struct history_series){0};
    if (query->machine == NULL)
        return -EINVAL;
    int error = store_begin(history, 0);
    if (error != 0)
        return error;
    error = store_end(history, read_series(history, &reading));
    free(reading.places);
    free(reading.names);
    series->texts = reading.arena.newest;
    if (error != 0)
        history_series_free(series);
    return error;
}

void history_series_free(struct history_series *series)
{
    struct arena arena = {series->texts};

    arena_free(&arena);
    history_runs_free(&series->runs);
    free(series->cells);
    free(series->location_ns);
    free(series->pace_ns);
    free(series->samples);
    free(series->errors);
    *series = (struct history_series){0};
}
