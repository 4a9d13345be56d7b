/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a machine's cells over its runs. */
#include "store.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to so many cells are asked for one by one; otherwise all are read, and sorted out here. */
enum { SINGLE_MOST = 6 };

struct run_place {
    int64_t run;
    size_t index;
    size_t rows;   /* that were read of it */
    uint64_t hash; /* of its id, with which its marks begin */
};

struct cell_list {
    int64_t id;
    size_t wanted; /* so many of its cells are */
    int is_there;
};

struct series_reading {
    struct history *history;
    const struct history_query *query;
    struct history_series *series; /* its cells by id, with those that have no value as yet */
    struct run_place *places;      /* by run */
    int64_t *known;                /* the numbers of all cells of the store */
    size_t known_count;
    struct cell_list *lists; /* those that the runs have, by id */
    size_t list_count;
    size_t last; /* rows of a run come together */
    size_t next; /* a run's cells come by id: most likely the next one */
};

static int by_id(const void *a, const void *b)
{
    const int64_t *x = a, *y = b; /* the first member of what is ordered */
    return (*x > *y) - (*x < *y);
}

static int index_runs(struct series_reading *reading)
{
    struct history_runs *runs = &reading->series->runs;

    reading->places = arena_array(&runs->arena, runs->count, sizeof *reading->places);
    reading->lists = arena_array(&runs->arena, runs->count, sizeof *reading->lists);
    if (runs->arena.error != 0)
        return runs->arena.error;
    for (size_t i = 0; i < runs->count; i++) {
        reading->places[i] =
            (struct run_place){runs->runs[i].sequence, i, 0, mark_hash_text(runs->runs[i].id)};
        reading->lists[i].id = runs->runs[i].cell_list;
    }
    qsort(reading->places, runs->count, sizeof *reading->places, by_id);
    qsort(reading->lists, runs->count, sizeof *reading->lists, by_id);
    for (size_t i = 0; i < runs->count; i++) {
        reading->lists[reading->list_count] = reading->lists[i];
        reading->list_count +=
            i + 1 == runs->count || reading->lists[i + 1].id != reading->lists[i].id;
    }
    return 0;
}

static int take_cell(void *data, const struct value *columns)
{
    struct series_reading *reading = data;
    struct history_series *series = reading->series;

    if (!row_is(columns, "it"))
        return -EUCLEAN;
    int64_t *known =
        arena_append(&series->runs.arena, &reading->known, &reading->known_count, sizeof *known);
    if (known == NULL)
        return -ENOMEM;
    *known = columns[0].integer;
    if (reading->query->wants != NULL &&
        !reading->query->wants(columns[1].bytes, reading->query->data))
        return 0;
    struct history_cell *cell =
        arena_append(&series->runs.arena, &series->cells, &series->cell_count, sizeof *cell);
    if (cell == NULL)
        return -ENOMEM;
    cell->id = columns[0].integer;
    cell->name = row_text(&columns[1], &series->runs.arena);
    cell->hash = mark_hash_text(columns[1].bytes);
    return series->runs.arena.error;
}

static struct history_cell *search_cell(const struct series_reading *reading, int64_t id)
{
    struct history_cell *cells = reading->series->cells;

    for (size_t low = 0, high = reading->series->cell_count; low < high;) {
        size_t middle = (low + high) / 2;
        if (cells[middle].id == id)
            return &cells[middle];
        if (cells[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* How many of a list's cells are wanted. All must have a name. */
static int take_list(void *data, const struct value *columns)
{
    struct series_reading *reading = data;
    char digest[HISTORY_ID + 1], *after;

    if (!row_is(columns, "itt"))
        return -EUCLEAN;
    struct cell_list *list =
        bsearch(&columns[0].integer, reading->lists, reading->list_count, sizeof *list, by_id);
    if (list == NULL)
        return 0;
    run_id_of_text(columns[2].bytes, columns[2].length, digest);
    if (strcmp(digest, columns[1].bytes) != 0)
        return 0; /* so the runs that have it lack one */
    for (const char *at = columns[2].bytes; *at != '\0'; at = after) {
        int64_t id = strtoll(at, &after, 10);
        if (after == at ||
            bsearch(&id, reading->known, reading->known_count, sizeof id, by_id) == NULL)
            return 0;
        list->wanted += search_cell(reading, id) != NULL;
    }
    list->is_there = 1;
    return 0;
}

static int make_values(struct history_series *series, struct history_cell *cell)
{
    cell->values = arena_take(&series->runs.arena, series->runs.count * sizeof *cell->values);
    if (cell->values == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < series->runs.count; i++)
        cell->values[i] = (struct history_value){(double)NAN, (double)NAN, 0, 0};
    return 0;
}

static double real_of(const struct value *column)
{
    return column->kind == VALUE_REAL ? column->real : (double)NAN;
}

static struct history_cell *find_cell(struct series_reading *reading, int64_t id)
{
    struct history_cell *cells = reading->series->cells;

    if (reading->next >= reading->series->cell_count || cells[reading->next].id != id) {
        const struct history_cell *cell = search_cell(reading, id);
        if (cell == NULL)
            return NULL;
        reading->next = (size_t)(cell - cells);
    }
    return &cells[reading->next++];
}

static int take_value(void *data, const struct value *columns)
{
    struct series_reading *reading = data;
    struct history_series *series = reading->series;
    const int64_t run = columns[0].integer;

    if (reading->places[reading->last].run != run) {
        const struct run_place *place =
            bsearch(&run, reading->places, series->runs.count, sizeof *place, by_id);
        if (place == NULL)
            return 0; /* older than the newest ones that are wanted */
        reading->last = (size_t)(place - reading->places);
    }
    struct run_place *place = &reading->places[reading->last];
    struct history_cell *cell = find_cell(reading, columns[1].integer);
    if (cell == NULL)
        return 0;
    if (!mark_fits(&columns[6], mark_join(place->hash, cell->hash), columns + 2, VALUE_MARKED))
        return store_damaged(reading->history, series->runs.runs[place->index].id, cell->name);
    if (cell->values == NULL && make_values(series, cell) != 0)
        return -ENOMEM;
    place->rows++;
    cell->values[place->index] = (struct history_value){.location_ns = real_of(&columns[2]),
                                                        .pace_ns = real_of(&columns[3]),
                                                        .samples = (uint32_t)columns[4].integer,
                                                        .errors = (uint32_t)columns[5].integer};
    return 0;
}

/* Every run has a row of every wanted cell of its list. */
static int count_rows(const struct series_reading *reading)
{
    const struct history_run *runs = reading->series->runs.runs;

    for (size_t i = 0; i < reading->series->runs.count; i++) {
        const struct run_place *place = &reading->places[i];
        const struct history_run *run = &runs[place->index];
        const struct cell_list *list =
            bsearch(&run->cell_list, reading->lists, reading->list_count, sizeof *list, by_id);
        if (list == NULL || !list->is_there || list->wanted != place->rows)
            return store_damaged(reading->history, run->id, "its list of cells");
    }
    return 0;
}

/* CROSS JOIN: SQLite then takes the runs first, as they stand in their index. */
#define VALUES_OF                                                                                  \
    "SELECT v.run, v.cell, v.location_ns, v.pace_ns, v.samples, v.errors, v.mark FROM bench_run r" \
    " CROSS JOIN bench_value v WHERE r.machine = (SELECT id FROM bench_machine WHERE key = $1)"    \
    " AND r.date_s >= $2 AND v.run = r.seq"

static int read_values(struct history *history, struct series_reading *reading)
{
    struct value parameters[3] = {value_text(reading->query->machine),
                                  value_integer(reading->series->runs.runs[0].date_s)};
    int error = 0;

    if (reading->series->cell_count > SINGLE_MOST)
        return store_query(history, VALUES_OF, parameters, 2, take_value, reading);
    for (size_t i = 0; error == 0 && i < reading->series->cell_count; i++) {
        parameters[2] = value_integer(reading->series->cells[i].id);
        error =
            store_query(history, VALUES_OF " AND v.cell = $3", parameters, 3, take_value, reading);
    }
    return error;
}

static void drop_cells_without_values(struct history_series *series)
{
    size_t kept = 0;

    for (size_t i = 0; i < series->cell_count; i++)
        if (series->cells[i].values != NULL)
            series->cells[kept++] = series->cells[i];
    series->cell_count = kept;
}

static int read_series(struct history *history, struct series_reading *reading)
{
    struct history_series *series = reading->series;
    int error =
        history_list(history, reading->query->machine, reading->query->newest, &series->runs);

    if (error != 0 || series->runs.count == 0)
        return error;
    error = index_runs(reading);
    if (error == 0)
        error = store_query(history, "SELECT id, name FROM bench_cell ORDER BY id", NULL, 0,
                            take_cell, reading);
    if (error == 0)
        error = store_query(history, "SELECT id, digest, cells FROM bench_cell_list", NULL, 0,
                            take_list, reading);
    if (error == 0)
        error = read_values(history, reading);
    if (error == 0)
        error = count_rows(reading);
    drop_cells_without_values(series);
    if (series->cell_count > 0)
        qsort(series->cells, series->cell_count, sizeof *series->cells, text_order);
    return error;
}

int history_read(struct history *history, const struct history_query *query,
                 struct history_series *series)
{
    struct series_reading reading = {.history = history, .query = query, .series = series};

    *series = (struct history_series){0};
    if (query->machine == NULL)
        return -EINVAL;
    int error = history_begin(history);
    if (error == 0)
        error = history_end(history, read_series(history, &reading));
    if (error != 0)
        history_series_free(series);
    return error;
}

void history_series_free(struct history_series *series)
{
    history_runs_free(&series->runs);
    *series = (struct history_series){0};
}
