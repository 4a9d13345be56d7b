/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept ready to read of each run, against its text, whose SHA-256 is its id. */
#include "store.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Another machine may round the last digits otherwise. */
#define ROUNDING 1e-9

struct stored_run {
    int64_t sequence;
    char id[HISTORY_ID + 1];
    size_t cells, samples, errors;
};

struct verifying {
    struct history *history;
    const struct stored_run *run; /* of which cells are read */
    int is_changed;               /* a cell has not its mark */
    struct history_checking *checking;
    struct arena runs_arena, arena; /* the latter is of one run */
    struct stored_run *runs;
    size_t run_count;
    struct cell_row *cells;
    size_t cell_count;
};

static void tell(const struct verifying *verifying, const struct history_damage *damage)
{
    verifying->checking->damages++;
    verifying->checking->tell(verifying->checking->data, damage);
}

static int take_run(void *data, const struct value *columns)
{
    struct verifying *verifying = data;
    struct stored_run *run =
        arena_append(&verifying->runs_arena, &verifying->runs, &verifying->run_count, sizeof *run);

    if (run == NULL || !row_is(columns, "itiii") || columns[1].length != HISTORY_ID)
        return run == NULL ? -ENOMEM : -EUCLEAN;
    *run = (struct stored_run){.sequence = columns[0].integer,
                               .cells = (size_t)columns[2].integer,
                               .samples = (size_t)columns[3].integer,
                               .errors = (size_t)columns[4].integer};
    memcpy(run->id, columns[1].bytes, HISTORY_ID);
    return 0;
}

static double real_of(const struct value *column)
{
    return column->kind == VALUE_REAL ? column->real : (double)NAN;
}

static int take_cell(void *data, const struct value *columns)
{
    struct verifying *verifying = data;
    struct cell_row *cell =
        arena_append(&verifying->arena, &verifying->cells, &verifying->cell_count, sizeof *cell);

    if (cell == NULL || !row_is(columns, "t??ii"))
        return cell == NULL ? -ENOMEM : -EUCLEAN;
    *cell = (struct cell_row){.name = row_text(&columns[0], &verifying->arena),
                              .location_ns = real_of(&columns[1]),
                              .pace_ns = real_of(&columns[2]),
                              .samples = (size_t)columns[3].integer,
                              .errors = (size_t)columns[4].integer};
    verifying->is_changed |=
        !mark_fits(&columns[5],
                   mark_join(mark_hash_text(verifying->run->id), mark_hash_text(columns[0].bytes)),
                   columns + 1, VALUE_MARKED);
    return verifying->arena.error;
}

static int is_same(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(a) && isnan(b) : fabs(a - b) <= ROUNDING * fabs(a);
}

/* The first cell that is not what the text says; NULL: none. */
static const char *find_difference(const struct cell_row *text, size_t count,
                                   const struct cell_row *stored, size_t stored_count)
{
    for (size_t i = 0; i < count && i < stored_count; i++)
        if (strcmp(text[i].name, stored[i].name) != 0 || text[i].samples != stored[i].samples ||
            text[i].errors != stored[i].errors ||
            !is_same(text[i].location_ns, stored[i].location_ns) ||
            !is_same(text[i].pace_ns, stored[i].pace_ns))
            return text[i].name;
    return count > stored_count   ? text[stored_count].name
           : count < stored_count ? stored[count].name
                                  : NULL;
}

static int compare_run(struct verifying *verifying, const struct stored_run *stored,
                       const struct run *run)
{
    struct cell_row *cells = arena_array(&verifying->arena, run->cell_count + 1, sizeof *cells);
    struct history_damage damage = {.kind = DAMAGE_VALUES, .run = stored->id};
    size_t samples = 0, errors = 0;
    int error = cells == NULL ? -ENOMEM : cells_measure(run, cells);

    if (error == 0)
        error =
            store_query(verifying->history,
                        "SELECT c.name, v.location_ns, v.pace_ns, v.samples, v.errors, v.mark FROM"
                        " bench_value v JOIN bench_cell c ON c.id = v.cell WHERE v.run = $1",
                        (struct value[]){value_integer(stored->sequence)}, 1, take_cell, verifying);
    if (error == -EUCLEAN)
        tell(verifying, &damage);
    if (error != 0)
        return error == -EUCLEAN ? 0 : error;
    if (verifying->cell_count > 0)
        qsort(verifying->cells, verifying->cell_count, sizeof(struct cell_row), text_order);
    damage.cell = find_difference(cells, run->cell_count, verifying->cells, verifying->cell_count);
    for (size_t i = 0; i < run->cell_count; i++) {
        samples += cells[i].samples;
        errors += cells[i].errors;
    }
    if (damage.cell != NULL || verifying->is_changed || stored->cells != run->cell_count ||
        stored->samples != samples || stored->errors != errors)
        tell(verifying, &damage);
    return 0;
}

static int verify_run(struct verifying *verifying, const struct stored_run *stored)
{
    const struct history_damage damage = {.kind = DAMAGE_TEXT, .run = stored->id};
    struct run *run = NULL;
    char *text;
    size_t length;
    int error = history_export(verifying->history, stored->id, &text, &length);

    verifying->cells = NULL;
    verifying->cell_count = 0;
    verifying->run = stored;
    verifying->is_changed = 0;
    if (error == 0)
        error = run_load_text(text, length, &run, NULL);
    free(text);
    if (error == 0)
        error = compare_run(verifying, stored, run);
    else if (error == -EUCLEAN || error == -EBADMSG || error == -ENOENT)
        error = (tell(verifying, &damage), 0);
    run_free(run);
    arena_free(&verifying->arena);
    return error;
}

/* What a run that is gone leaves, and what a run has that is not there. */
static int count_orphans(struct verifying *verifying)
{
    static const struct {
        enum history_damage_kind kind;
        const char *sql;
    } questions[] = {
        {DAMAGE_LOST_RUN,
         "SELECT count(*) FROM bench_text t LEFT JOIN bench_run r ON r.seq = t.run"
         " WHERE r.seq IS NULL"},
        {DAMAGE_LOST_RUN,
         "SELECT count(DISTINCT v.run) FROM bench_value v LEFT JOIN bench_run r"
         " ON r.seq = v.run WHERE r.seq IS NULL"},
        {DAMAGE_LOST_PARTS,
         "SELECT count(*) FROM bench_run r"
         " LEFT JOIN bench_machine m ON m.id = r.machine"
         " LEFT JOIN bench_environment e ON e.id = r.environment"
         " WHERE m.id IS NULL OR e.id IS NULL"},
    };
    int error = 0;

    for (size_t i = 0; error == 0 && i < sizeof questions / sizeof questions[0]; i++) {
        int64_t count = 0;
        error = store_integer(verifying->history, questions[i].sql, NULL, 0, &count);
        if (error == 0 && count > 0)
            tell(verifying,
                 &(struct history_damage){.kind = questions[i].kind, .count = (size_t)count});
    }
    return error;
}

/* -EUCLEAN is told, and no error. */
static int tell_kept(struct verifying *verifying, int error)
{
    if (error == -EUCLEAN)
        tell(verifying, &(struct history_damage){.kind = DAMAGE_KEPT});
    return error == -EUCLEAN ? 0 : error;
}

/* What else commands find when they read a machine: marks, lists and counts. */
static int read_as_commands_do(struct verifying *verifying)
{
    struct history *history = verifying->history;
    struct history_machines machines;
    struct history_blessings blessings;
    int error = history_machines(history, &machines);

    if (error == 0 && machines.damaged)
        error = -EUCLEAN;
    error = tell_kept(verifying, error);
    for (size_t i = 0; error == 0 && i < machines.count; i++) {
        struct history_series series;
        const struct history_query query = {.machine = machines.machines[i].key};
        error = tell_kept(verifying, history_read(history, &query, &series));
        history_series_free(&series);
        if (error == 0)
            error = tell_kept(verifying, history_blessings(history, query.machine, &blessings));
        history_blessings_free(&blessings);
    }
    history_machines_free(&machines);
    return error;
}

static int verify_all(struct verifying *verifying)
{
    int error = store_query(verifying->history,
                            "SELECT seq, id, cells, samples, errors FROM bench_run ORDER BY seq",
                            NULL, 0, take_run, verifying);

    for (size_t i = 0; error == 0 && i < verifying->run_count; i++)
        error = verify_run(verifying, &verifying->runs[i]);
    verifying->checking->runs = verifying->run_count;
    if (error == 0)
        error = count_orphans(verifying);
    return error == 0 && verifying->checking->damages == 0 ? read_as_commands_do(verifying) : error;
}

int history_verify(struct history *history, struct history_checking *checking)
{
    struct verifying verifying = {.history = history, .checking = checking};
    int error = history_begin(history);

    checking->runs = checking->damages = 0;
    if (error == 0)
        error = history_end(history, verify_all(&verifying));
    arena_free(&verifying.runs_arena);
    arena_free(&verifying.arena);
    return error;
}
