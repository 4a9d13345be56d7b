/* SPDX-License-Identifier: Apache-2.0 */
/* A run into the store. All that takes time is done before the transaction begins. */
#include "src/analysis/cell_table.h"
#include "src/base/number.h"
#include "src/base/utf8.h"
#include "store.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MACHINE_MOST = 200, BATCH = 80, VALUE_COLUMNS = 7 };

struct adding {
    struct history_run run; /* without its sequence and its context */
    size_t length;
    char *packed;
    size_t packed_length;
    char *environment, *own; /* the context's parts */
    char digest[HISTORY_ID + 1];
    struct cell_row *cells; /* by name */
    size_t newer;
};

int cells_measure(const struct run *run, struct cell_row *cells)
{
    for (size_t c = 0; c < run->cell_count; c++) {
        const struct cell *cell = &run->cells[c];
        struct summary summary;
        int error = cell_summarise(cell, METRIC_TIME, &summary);
        if (error != 0 && error != -ENODATA)
            return error;
        cells[c] = (struct cell_row){.name = cell->name,
                                     .location_ns =
                                         cell->samples > 0 ? summary.location : cell->aggregate_ns,
                                     .pace_ns = summary.pace,
                                     .samples = cell->samples,
                                     .errors = cell->errors};
    }
    qsort(cells, run->cell_count, sizeof *cells, text_order);
    return 0;
}

/* All processes add names in the same order, or two could wait for each other. */
static int measure_cells(const struct run *run, struct adding *adding)
{
    adding->cells = calloc(run->cell_count + 1, sizeof *adding->cells);
    adding->run.cells = run->cell_count;
    int error = adding->cells == NULL ? -ENOMEM : cells_measure(run, adding->cells);
    for (size_t c = 0; error == 0 && c < run->cell_count; c++) {
        adding->run.samples += adding->cells[c].samples;
        adding->run.errors += adding->cells[c].errors;
    }
    return error;
}

int machine_is_name(const char *key)
{
    return key != NULL && *key != '\0' && strlen(key) <= MACHINE_MOST && utf8_is_clean(key);
}

static int choose_identity(const struct run *run, const struct history_origin *origin,
                           struct history_run *chosen)
{
    const char *date = origin->date != NULL ? origin->date : run_context(run, "date");

    chosen->machine = origin->machine != NULL ? origin->machine : run_context(run, "machine_key");
    if (!machine_is_name(chosen->machine))
        return -ENOKEY;
    chosen->revision = run_context(run, "git_revision");
    if (origin->source != NULL) {
        chosen->source = strdup(origin->source);
        if (chosen->source == NULL)
            return -ENOMEM;
        utf8_clean(chosen->source);
    }
    return date_parse(date, &chosen->date_s);
}

static int prepare(const struct run *run, const char *text, const struct history_origin *origin,
                   struct adding *adding)
{
    int error = choose_identity(run, origin, &adding->run);

    if (error == 0)
        error = measure_cells(run, adding);
    if (error != 0)
        return error;
    adding->environment = context_write(run, 0);
    adding->own = context_write(run, 1);
    if (adding->environment == NULL || adding->own == NULL)
        return -ENOMEM;
    run_id_of_text(adding->environment, strlen(adding->environment), adding->digest);
    return pack_text(text, adding->length, &adding->packed, &adding->packed_length);
}

static void adding_free(struct adding *adding)
{
    free(adding->packed);
    free(adding->run.source);
    free(adding->cells);
    free(adding->environment);
    free(adding->own);
}

struct numbering {
    struct cell_row *cells; /* by name */
    size_t count;
};

static int take_number(void *data, const struct value *columns)
{
    const struct numbering *to = data;
    const struct cell_row wanted = {.name = columns[1].bytes};

    if (!row_is(columns, "it"))
        return -EUCLEAN;
    struct cell_row *cell = bsearch(&wanted, to->cells, to->count, sizeof wanted, text_order);
    if (cell != NULL)
        cell->id = columns[0].integer;
    return 0;
}

/* Their numbers. A name that is there already is not inserted and refused: that would use up one.
 */
static int insert_names(struct history *history, struct cell_row *cells, size_t count)
{
    static const struct row_statement names = {
        "WITH given (name) AS (VALUES", "(?)",
        ") INSERT INTO bench_cell (name) SELECT g.name FROM given g WHERE NOT EXISTS"
        " (SELECT 1 FROM bench_cell c WHERE c.name = g.name) ORDER BY g.name"
        " ON CONFLICT DO NOTHING",
        NULL};
    static const struct row_statement numbers = {
        "SELECT id, name FROM bench_cell WHERE name IN (VALUES", "(?)", ")", take_number};
    struct value values[BATCH];

    for (size_t i = 0; i < count; i++)
        values[i] = value_text(cells[i].name);
    int error = store_rows(history, &names, count, values, NULL);
    if (error == 0)
        error = store_rows(history, &numbers, count, values, &(struct numbering){cells, count});
    for (size_t i = 0; error == 0 && i < count; i++)
        error = cells[i].id > 0 ? 0 : -EUCLEAN;
    return error;
}

static int insert_values(struct history *history, const struct adding *adding,
                         const struct cell_row *cells, size_t count)
{
    static const struct row_statement statement = {
        "INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors, mark) VALUES",
        "(?, ?, ?, ?, ?, ?, ?)", "", NULL};
    struct value values[BATCH * VALUE_COLUMNS];
    const uint64_t hash = mark_hash_text(adding->run.id);

    for (size_t i = 0; i < count; i++) {
        struct value *row = values + i * VALUE_COLUMNS;
        row[0] = value_integer(adding->run.sequence);
        row[1] = value_integer(cells[i].id);
        row[2] = value_real(cells[i].location_ns);
        row[3] = value_real(cells[i].pace_ns);
        row[4] = value_integer((int64_t)cells[i].samples);
        row[5] = value_integer((int64_t)cells[i].errors);
        row[6] = value_integer(
            mark_of(mark_join(hash, mark_hash_text(cells[i].name)), row + 2, VALUE_MARKED));
    }
    return store_rows(history, &statement, count, values, NULL);
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int insert_list(struct history *history, const struct adding *adding, int64_t *list)
{
    size_t count = adding->run.cells;
    int64_t *numbers = calloc(count + 1, sizeof *numbers);

    if (numbers == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        numbers[i] = adding->cells[i].id;
    qsort(numbers, count, sizeof *numbers, by_number);
    int error = cell_list_keep(history, numbers, count, list);
    free(numbers);
    return error;
}

static int insert_environment(struct history *history, const struct adding *adding)
{
    const struct value values[] = {value_text(adding->digest), value_text(adding->environment)};

    return store_query(
        history,
        "INSERT INTO bench_environment (digest, context) SELECT $1, $2 WHERE NOT EXISTS"
        " (SELECT 1 FROM bench_environment WHERE digest = $1) ON CONFLICT DO NOTHING",
        values, 2, NULL, NULL);
}

static int insert_run(struct history *history, const struct adding *adding, int64_t list,
                      int64_t *sequence)
{
    const struct history_run *run = &adding->run;
    /* In the order of enum run_column. */
    struct value values[] = {
        value_text(run->id),
        value_integer(run->date_s),
        value_integer((int64_t)time(NULL)),
        value_text(run->machine),
        value_text(run->revision),
        value_text(run->source),
        value_integer((int64_t)run->cells),
        value_integer((int64_t)run->samples),
        value_integer((int64_t)run->errors),
        value_text(adding->own),
        value_text(adding->digest),
        value_integer(list),
        value_integer((int64_t)adding->length),
        value_integer(0),
    };
    enum { COUNT = sizeof values / sizeof values[0] };
    _Static_assert(COUNT == RUN_MARK - RUN_MARKED + 1, "a value a column");

    values[COUNT - 1].integer = mark_of(0, values, COUNT - 1);
    int error = store_integer(
        history,
        "INSERT INTO bench_run (id, date_s, added_s, machine, revision, source, cells, samples,"
        " errors, context, environment, cell_list, bytes, mark) VALUES ($1, $2, $3,"
        " (SELECT id FROM bench_machine WHERE key = $4), $5, $6, $7, $8, $9, $10,"
        " (SELECT id FROM bench_environment WHERE digest = $11), $12, $13, $14)"
        " ON CONFLICT DO NOTHING RETURNING seq",
        values, COUNT, sequence);
    return error == -ENODATA ? -EEXIST : error;
}

/* All processes take what they share in the same order. */
static int insert_all(struct history *history, void *data)
{
    struct adding *adding = data;
    struct history_run *run = &adding->run;
    int64_t list = 0;
    int error = machine_insert(history, run->machine);

    if (error == 0)
        error = insert_environment(history, adding);
    for (size_t at = 0; error == 0 && at < run->cells; at += BATCH)
        error = insert_names(history, adding->cells + at,
                             run->cells - at < BATCH ? run->cells - at : BATCH);
    if (error == 0)
        error = insert_list(history, adding, &list);
    if (error == 0)
        error = insert_run(history, adding, list, &run->sequence);
    if (error != 0)
        return error;
    const struct value text[] = {
        value_integer(run->sequence),
        {.kind = VALUE_BYTES, .bytes = adding->packed, .length = adding->packed_length}};
    error = store_query(history, "INSERT INTO bench_text (run, zstd) VALUES ($1, $2)", text, 2,
                        NULL, NULL);
    for (size_t at = 0; error == 0 && at < run->cells; at += BATCH)
        error = insert_values(history, adding, adding->cells + at,
                              run->cells - at < BATCH ? run->cells - at : BATCH);
    if (error == 0)
        error = machine_change(history, &(struct machine_change){run->machine, 1, run->date_s, 0});
    return error == 0 ? history_count_newer(history, run, &adding->newer) : error;
}

static int look_up(struct history *history, struct history_added *added)
{
    struct history_runs known;
    int error = history_find(history, added->id, &known);

    if (error != 0)
        return error == -ENOENT ? 0 : error;
    added->machine = strdup(known.runs[0].machine);
    added->date_s = known.runs[0].date_s;
    added->already = 1;
    history_runs_free(&known);
    return added->machine != NULL ? 0 : -ENOMEM;
}

static int add_run(struct history *history, const struct run *run, const char *text,
                   const struct history_origin *origin, struct adding *adding,
                   struct history_added *added)
{
    int error = prepare(run, text, origin, adding);
    double of_cell;

    if (error == 0)
        error = store_write(history, insert_all, adding);
    if (error == -EEXIST)
        return look_up(history, added);
    if (error != 0)
        return error;
    added->machine = strdup(adding->run.machine);
    added->date_s = adding->run.date_s;
    added->late = adding->newer > 0;
    added->samples = run->sample_count;
    added->planned = run_planned(run, &of_cell);
    return added->machine != NULL ? 0 : -ENOMEM;
}

int history_add(struct history *history, const char *text, size_t length,
                const struct history_origin *origin, struct history_added *added,
                struct load_problem *problem)
{
    static const struct history_origin nothing = {0};
    struct adding adding = {.length = length};
    struct run *run = NULL;

    if (problem != NULL)
        *problem = (struct load_problem){0};
    *added = (struct history_added){.planned = (double)NAN};
    run_id_of_text(text, length, added->id);
    memcpy(adding.run.id, added->id, sizeof added->id);
    int error = look_up(history, added);
    if (error != 0 || added->already)
        return error;
    error = length > RUN_BYTES_MOST ? -EFBIG : run_load_text(text, length, &run, problem);
    if (error == 0)
        error = add_run(history, run, text, origin != NULL ? origin : &nothing, &adding, added);
    run_free(run);
    adding_free(&adding);
    return error;
}

int history_check_run(const char *text, size_t length, const struct history_origin *origin,
                      struct load_problem *problem)
{
    struct history_run chosen = {0};
    struct run *run;
    int error = run_load_text(text, length, &run, problem);

    if (error == 0)
        error = choose_identity(run, origin, &chosen);
    free(chosen.source);
    run_free(run);
    return error;
}
