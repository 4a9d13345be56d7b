/* SPDX-License-Identifier: Apache-2.0 */
/* A run into the store. All that takes time is done before the transaction begins. */
#include "pack.h"
#include "run_contexts.h"
#include "src/base/date.h"
#include "src/base/utf8.h"
#include "src/statistics/quantiles.h"
#include "store.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MACHINE_MOST = 200, BATCH = 100, VALUE_COLUMNS = 6 };

struct cell_row {
    const char *name;
    int64_t id;
    double location_ns, pace_ns; /* NaN: none */
    size_t samples, errors;
};

struct adding {
    char id[HISTORY_ID + 1];
    size_t length;
    char *packed;
    size_t packed_length;
    const char *machine;
    const char *revision;
    char *source;
    int64_t date_s;
    struct context_texts context;
    char digest[HISTORY_ID + 1];
    size_t cell_count;
    struct cell_row *cells; /* by name */
    size_t samples, errors;
    int late;
};

static int by_name(const void *a, const void *b)
{
    const struct cell_row *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int measure_cell(const struct cell *cell, struct cell_row *row)
{
    *row = (struct cell_row){.name = cell->name,
                             .location_ns = cell->aggregate_ns,
                             .pace_ns = (double)NAN,
                             .samples = cell->samples,
                             .errors = cell->errors};
    if (cell->samples == 0)
        return 0;
    double *sorted = malloc(cell->samples * sizeof *sorted);
    if (sorted == NULL)
        return -ENOMEM;
    memcpy(sorted, cell->values[METRIC_TIME], cell->samples * sizeof *sorted);
    stats_sort(sorted, cell->samples);
    row->location_ns = stats_location(sorted, cell->samples);
    row->pace_ns = stats_pace(sorted, cell->samples);
    free(sorted);
    return 0;
}

static int measure_cells(const struct run *run, struct adding *adding)
{
    adding->cells = calloc(run->cell_count + 1, sizeof *adding->cells);
    if (adding->cells == NULL)
        return -ENOMEM;
    adding->cell_count = run->cell_count;
    for (size_t c = 0; c < run->cell_count; c++) {
        int error = measure_cell(&run->cells[c], &adding->cells[c]);
        if (error != 0)
            return error;
        adding->samples += run->cells[c].samples;
        adding->errors += run->cells[c].errors;
    }
    /* All processes add names in this order, or two could wait for each other. */
    qsort(adding->cells, adding->cell_count, sizeof *adding->cells, by_name);
    return 0;
}

static int choose_identity(const struct run *run, const struct history_origin *origin,
                           struct adding *adding)
{
    const char *date = origin->date != NULL ? origin->date : run_context(run, "date");

    adding->machine = origin->machine != NULL ? origin->machine : run_context(run, "machine_key");
    if (adding->machine == NULL || *adding->machine == '\0' ||
        strlen(adding->machine) > MACHINE_MOST || !utf8_is_clean(adding->machine))
        return -ENOKEY;
    adding->revision = run_context(run, "git_revision");
    if (origin->source != NULL) {
        adding->source = strdup(origin->source);
        if (adding->source == NULL)
            return -ENOMEM;
        utf8_clean(adding->source);
    }
    return date_parse(date, &adding->date_s);
}

static int prepare(const struct run *run, const char *text, const struct history_origin *origin,
                   struct adding *adding)
{
    int error = choose_identity(run, origin, adding);

    if (error == 0)
        error = measure_cells(run, adding);
    if (error == 0)
        error = run_contexts_write(run, &adding->context);
    if (error == 0) {
        run_id_of_text(adding->context.environment, strlen(adding->context.environment),
                       adding->digest);
        error = pack_text(text, adding->length, &adding->packed, &adding->packed_length);
    }
    return error;
}

static void adding_free(struct adding *adding)
{
    free(adding->packed);
    free(adding->source);
    free(adding->cells);
    run_contexts_free(&adding->context);
}

/* The number of a row that is there or is made now; the first parameter is what is unique. */
static int intern(struct history *history, const char *select, const char *insert,
                  const struct value *parameters, size_t count, int64_t *id)
{
    int error = store_integer(history, select, parameters, 1, id);

    if (error == -ENODATA)
        error = store_integer(history, insert, parameters, count, id);
    /* Another process was faster. */
    if (error == -ENODATA)
        error = store_integer(history, select, parameters, 1, id);
    return error == -ENODATA ? -EAGAIN : error;
}

/* "START ($1, $2), ($3, $4) END"; the caller's. */
static char *make_sql(const char *start, size_t rows, size_t columns, const char *end)
{
    char *sql = NULL;
    size_t size;
    FILE *out = open_memstream(&sql, &size);

    if (out == NULL)
        return NULL;
    fputs(start, out);
    for (size_t i = 0; i < rows * columns; i++)
        fprintf(out, "%s$%zu%s",
                i % columns > 0 ? ", "
                : i > 0         ? ", ("
                                : " (",
                i + 1, i % columns == columns - 1 ? ")" : "");
    fprintf(out, " %s", end);
    if (fclose(out) != 0) {
        free(sql);
        return NULL;
    }
    return sql;
}

struct batch {
    struct cell_row *rows;
    size_t count;
    size_t found;
};

static int take_cell(void *data, const struct value *columns)
{
    struct batch *batch = data;
    struct cell_row key = {.name = columns[1].bytes};

    if (columns[0].kind != VALUE_INTEGER || columns[1].kind != VALUE_TEXT)
        return -EUCLEAN;
    struct cell_row *row = bsearch(&key, batch->rows, batch->count, sizeof key, by_name);
    if (row != NULL) {
        batch->found += row->id == 0;
        row->id = columns[0].integer;
    }
    return 0;
}

static int query_names(struct history *history, struct batch *batch, int insert)
{
    struct value names[BATCH];
    size_t count = 0;

    for (size_t i = 0; i < batch->count; i++)
        if (!insert || batch->rows[i].id == 0)
            names[count++] = value_text(batch->rows[i].name);
    char *sql = insert ? make_sql("INSERT INTO bench_cell (name) VALUES", count, 1,
                                  "ON CONFLICT DO NOTHING")
                       : make_sql("SELECT id, name FROM bench_cell WHERE name IN", 1, count, "");
    int error = sql == NULL
                    ? -ENOMEM
                    : store_query(history, sql, names, count, insert ? NULL : take_cell, batch);
    free(sql);
    return error;
}

static int find_cells(struct history *history, struct batch *batch)
{
    int error = query_names(history, batch, 0);

    if (error == 0 && batch->found < batch->count) {
        error = query_names(history, batch, 1);
        if (error == 0)
            error = query_names(history, batch, 0);
        if (error == 0 && batch->found < batch->count)
            error = -EAGAIN;
    }
    return error;
}

static int insert_values(struct history *history, const struct batch *batch, int64_t run)
{
    struct value values[BATCH * VALUE_COLUMNS];
    char *sql = make_sql(
        "INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors)"
        " VALUES",
        batch->count, VALUE_COLUMNS, "");

    for (size_t i = 0; i < batch->count; i++) {
        const struct cell_row *row = &batch->rows[i];
        struct value *at = values + i * VALUE_COLUMNS;
        at[0] = value_integer(run);
        at[1] = value_integer(row->id);
        at[2] = value_real(row->location_ns);
        at[3] = value_real(row->pace_ns);
        at[4] = value_integer((int64_t)row->samples);
        at[5] = value_integer((int64_t)row->errors);
    }
    int error = sql == NULL
                    ? -ENOMEM
                    : store_query(history, sql, values, batch->count * VALUE_COLUMNS, NULL, NULL);
    free(sql);
    return error;
}

static int insert_run(struct history *history, const struct adding *adding, int64_t machine,
                      int64_t environment, int64_t *run)
{
    const struct value values[] = {
        value_text(adding->id),
        value_integer(machine),
        value_integer(adding->date_s),
        value_integer((int64_t)time(NULL)),
        value_text(adding->revision),
        value_text(adding->source),
        value_integer((int64_t)adding->cell_count),
        value_integer((int64_t)adding->samples),
        value_integer((int64_t)adding->errors),
        value_integer(environment),
        value_text(adding->context.own),
        value_integer((int64_t)adding->length),
    };
    int error = store_integer(
        history,
        "INSERT INTO bench_run (id, machine, date_s, added_s, revision, source, cells, samples,"
        " errors, environment, context, bytes)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT DO NOTHING RETURNING seq",
        values, sizeof values / sizeof values[0], run);
    return error == -ENODATA ? -EEXIST : error;
}

static int insert_cells(struct history *history, const struct adding *adding, int64_t run)
{
    int error = 0;

    for (size_t at = 0; error == 0 && at < adding->cell_count; at += BATCH) {
        size_t left = adding->cell_count - at;
        struct batch batch = {adding->cells + at, left < BATCH ? left : BATCH, 0};
        for (size_t i = 0; i < batch.count; i++)
            batch.rows[i].id = 0;
        error = find_cells(history, &batch);
        if (error == 0)
            error = insert_values(history, &batch, run);
    }
    return error;
}

static int insert_all(struct history *history, void *data)
{
    struct adding *adding = data;
    int64_t machine, environment, run, newer;
    const struct value key[] = {value_text(adding->machine)};
    const struct value context[] = {value_text(adding->digest),
                                    value_text(adding->context.environment)};

    int error = intern(history, "SELECT id FROM bench_machine WHERE key = $1",
                       "INSERT INTO bench_machine (key) VALUES ($1)"
                       " ON CONFLICT DO NOTHING RETURNING id",
                       key, 1, &machine);
    if (error == 0)
        error = intern(history, "SELECT id FROM bench_environment WHERE digest = $1",
                       "INSERT INTO bench_environment (digest, context) VALUES ($1, $2)"
                       " ON CONFLICT DO NOTHING RETURNING id",
                       context, 2, &environment);
    if (error == 0)
        error = insert_run(history, adding, machine, environment, &run);
    if (error != 0)
        return error;
    const struct value text[] = {value_integer(run),
                                 value_bytes(adding->packed, adding->packed_length)};
    const struct value when[] = {value_integer(machine), value_integer(adding->date_s)};
    error = store_query(history, "INSERT INTO bench_text (run, zstd) VALUES ($1, $2)", text, 2,
                        NULL, NULL);
    if (error == 0)
        error = insert_cells(history, adding, run);
    if (error == 0) {
        error = store_integer(
            history, "SELECT seq FROM bench_run WHERE machine = $1 AND date_s > $2 LIMIT 1", when,
            2, &newer);
        adding->late = error == 0;
        error = error == -ENODATA ? 0 : error;
    }
    return error;
}

static int take_known(void *data, const struct value *columns)
{
    struct history_added *added = data;

    free(added->machine);
    added->machine = columns[0].kind == VALUE_TEXT ? strdup(columns[0].bytes) : NULL;
    added->date_s = columns[1].integer;
    added->already = 1;
    return added->machine != NULL ? 0 : -ENOMEM;
}

static int look_up(struct history *history, struct history_added *added)
{
    return store_query(history,
                       "SELECT m.key, r.date_s FROM bench_run r"
                       " JOIN bench_machine m ON m.id = r.machine WHERE r.id = $1",
                       (struct value[]){value_text(added->id)}, 1, take_known, added);
}

static int add_run(struct history *history, const struct run *run, const char *text,
                   const struct history_origin *origin, struct adding *adding,
                   struct history_added *added)
{
    int error = prepare(run, text, origin, adding);

    if (error == 0)
        error = store_write(history, insert_all, adding);
    if (error == -EEXIST)
        return look_up(history, added);
    if (error != 0)
        return error;
    added->machine = strdup(adding->machine);
    added->date_s = adding->date_s;
    added->late = adding->late;
    return added->machine != NULL ? 0 : -ENOMEM;
}

int history_add(struct history *history, const char *text, size_t length,
                const struct history_origin *origin, struct history_added *added,
                struct load_problem *problem)
{
    static const struct history_origin nothing = {0};
    struct adding adding = {.length = length};
    struct load_problem ignored;
    struct run *run = NULL;

    problem = problem != NULL ? problem : &ignored;
    *problem = (struct load_problem){0};
    *added = (struct history_added){0};
    run_id_of_text(text, length, adding.id);
    memcpy(added->id, adding.id, sizeof added->id);
    int error = look_up(history, added);
    if (error != 0 || added->already)
        return error;
    error = run_load_text(text, length, &run, problem);
    if (error == 0)
        error = add_run(history, run, text, origin != NULL ? origin : &nothing, &adding, added);
    run_free(run);
    adding_free(&adding);
    return error;
}
