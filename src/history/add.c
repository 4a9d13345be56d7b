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

enum { MACHINE_MOST = 200, BATCH = 100, VALUE_COLUMNS = 6 };

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
        cells[c] =
            (struct cell_row){cell->name, cell->samples > 0 ? summary.location : cell->aggregate_ns,
                              summary.pace, cell->samples, cell->errors};
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

static int choose_identity(const struct run *run, const struct history_origin *origin,
                           struct history_run *chosen)
{
    const char *date = origin->date != NULL ? origin->date : run_context(run, "date");

    chosen->machine = origin->machine != NULL ? origin->machine : run_context(run, "machine_key");
    if (chosen->machine == NULL || *chosen->machine == '\0' ||
        strlen(chosen->machine) > MACHINE_MOST || !utf8_is_clean(chosen->machine))
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

/* "START ($1, $2), ($3, $4) END": what a question mark stands for in `row` is numbered. */
struct insertion {
    const char *start, *row, *end;
};

static int insert_rows(struct history *history, const struct insertion *insertion, size_t rows,
                       const struct value *values, size_t count)
{
    char *sql = NULL;
    size_t size, number = 0;
    FILE *out = open_memstream(&sql, &size);

    if (out == NULL)
        return -ENOMEM;
    fputs(insertion->start, out);
    for (size_t i = 0; i < rows; i++) {
        fputs(i > 0 ? ", " : " ", out);
        for (const char *at = insertion->row; *at != '\0'; at++)
            *at == '?' ? fprintf(out, "$%zu", ++number) : fputc(*at, out);
    }
    fputs(insertion->end, out);
    int error = fclose(out) != 0 ? -ENOMEM : store_query(history, sql, values, count, NULL, NULL);
    free(sql);
    return error;
}

/* A name that is there already is not inserted and refused: that would use up a number. */
static int insert_cells(struct history *history, const struct cell_row *cells, size_t count,
                        int64_t run)
{
    static const struct insertion names = {
        "WITH given (name) AS (VALUES", "(?)",
        ") INSERT INTO bench_cell (name) SELECT g.name FROM given g WHERE NOT EXISTS"
        " (SELECT 1 FROM bench_cell c WHERE c.name = g.name) ORDER BY g.name"
        " ON CONFLICT DO NOTHING"};
    static const struct insertion values = {
        "INSERT INTO bench_value (run, cell, location_ns, pace_ns, samples, errors) VALUES",
        "(?, (SELECT id FROM bench_cell WHERE name = ?), ?, ?, ?, ?)", ""};
    struct value of_names[BATCH], of_values[BATCH * VALUE_COLUMNS];

    for (size_t i = 0; i < count; i++) {
        const struct value row[VALUE_COLUMNS] = {
            value_integer(run),
            of_names[i] = value_text(cells[i].name),
            value_real(cells[i].location_ns),
            value_real(cells[i].pace_ns),
            value_integer((int64_t)cells[i].samples),
            value_integer((int64_t)cells[i].errors),
        };
        memcpy(of_values + i * VALUE_COLUMNS, row, sizeof row);
    }
    int error = insert_rows(history, &names, count, of_names, count);
    return error == 0 ? insert_rows(history, &values, count, of_values, count * VALUE_COLUMNS)
                      : error;
}

static int insert_run(struct history *history, const struct adding *adding, int64_t *sequence)
{
    const struct history_run *run = &adding->run;
    const struct value environment[] = {value_text(adding->digest),
                                        value_text(adding->environment)};
    const struct value values[] = {
        value_text(run->id),
        value_text(run->machine),
        value_integer(run->date_s),
        value_integer((int64_t)time(NULL)),
        value_text(run->revision),
        value_text(run->source),
        value_integer((int64_t)run->cells),
        value_integer((int64_t)run->samples),
        value_integer((int64_t)run->errors),
        value_text(adding->digest),
        value_text(adding->own),
        value_integer((int64_t)adding->length),
    };
    int error = store_query(history,
                            "INSERT INTO bench_machine (key) SELECT $1 WHERE NOT EXISTS"
                            " (SELECT 1 FROM bench_machine WHERE key = $1) ON CONFLICT DO NOTHING",
                            &values[1], 1, NULL, NULL);
    if (error == 0)
        error = store_query(
            history,
            "INSERT INTO bench_environment (digest, context) SELECT $1, $2 WHERE NOT EXISTS"
            " (SELECT 1 FROM bench_environment WHERE digest = $1) ON CONFLICT DO NOTHING",
            environment, 2, NULL, NULL);
    if (error == 0)
        error = store_integer(
            history,
            "INSERT INTO bench_run (id, machine, date_s, added_s, revision, source, cells, samples,"
            " errors, environment, context, bytes) VALUES ($1,"
            " (SELECT id FROM bench_machine WHERE key = $2), $3, $4, $5, $6, $7, $8, $9,"
            " (SELECT id FROM bench_environment WHERE digest = $10), $11, $12)"
            " ON CONFLICT DO NOTHING RETURNING seq",
            values, sizeof values / sizeof values[0], sequence);
    return error == -ENODATA ? -EEXIST : error;
}

static int insert_all(struct history *history, void *data)
{
    struct adding *adding = data;
    struct history_run *run = &adding->run;
    int error = insert_run(history, adding, &run->sequence);

    if (error != 0)
        return error;
    const struct value text[] = {
        value_integer(run->sequence),
        {.kind = VALUE_BYTES, .bytes = adding->packed, .length = adding->packed_length}};
    error = store_query(history, "INSERT INTO bench_text (run, zstd) VALUES ($1, $2)", text, 2,
                        NULL, NULL);
    for (size_t at = 0; error == 0 && at < run->cells; at += BATCH) {
        size_t left = run->cells - at;
        error =
            insert_cells(history, adding->cells + at, left < BATCH ? left : BATCH, run->sequence);
    }
    return error == 0 ? history_count_newer(history, run, &adding->newer) : error;
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
    error = run_load_text(text, length, &run, problem);
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
