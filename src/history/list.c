/* SPDX-License-Identifier: Apache-2.0 */
#include "list.h"

#include "run_contexts.h"
#include "src/base/array.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_LEAST = 4, COLUMNS = 12 };

struct environment {
    int64_t id;
    const char *text;
    size_t length;
    int read;
    struct context_list context;
};

struct reading {
    struct arena arena;
    struct history_runs runs;
    struct environment *environments; /* by id */
    size_t environment_count;
    struct context_list *own; /* [run] */
    int64_t *environment_of;  /* [run] */
};

static int grow(void **items, size_t count, size_t size)
{
    void *larger = array_grow(*items, count, size);

    *items = larger != NULL ? larger : *items;
    return larger != NULL ? 0 : -ENOMEM;
}

static int take_environment(void *data, const struct value *columns)
{
    struct reading *reading = data;

    if (columns[0].kind != VALUE_INTEGER || columns[1].kind != VALUE_TEXT)
        return -EUCLEAN;
    if (grow((void **)&reading->environments, reading->environment_count,
             sizeof *reading->environments) != 0)
        return -ENOMEM;
    struct environment *environment = &reading->environments[reading->environment_count];
    *environment = (struct environment){
        .id = columns[0].integer,
        .text = arena_copy(&reading->arena, columns[1].bytes, columns[1].length),
        .length = columns[1].length};
    reading->environment_count++;
    return environment->text != NULL ? 0 : -ENOMEM;
}

static int by_id(const void *a, const void *b)
{
    const struct environment *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int read_environments(struct history *history, const struct list_query *query,
                             struct reading *reading)
{
    char *sql = NULL;

    if (asprintf(&sql,
                 "SELECT id, context FROM bench_environment WHERE id IN (SELECT r.environment FROM"
                 " bench_run r JOIN bench_machine m ON m.id = r.machine %s) ORDER BY id",
                 query->where) < 0)
        return -ENOMEM;
    int error =
        store_query(history, sql, query->parameters, query->where_count, take_environment, reading);
    free(sql);
    return error;
}

static int join_context(struct reading *reading, size_t at)
{
    struct environment key = {.id = reading->environment_of[at]};
    struct history_run *run = &reading->runs.runs[at];
    struct context_list merged;
    struct environment *environment =
        reading->environment_count == 0
            ? NULL
            : bsearch(&key, reading->environments, reading->environment_count, sizeof key, by_id);

    if (environment == NULL)
        return -EUCLEAN;
    if (!environment->read) {
        int error = run_contexts_read(&reading->arena, environment->text, environment->length,
                                      &environment->context);
        if (error != 0)
            return error;
        environment->read = 1;
    }
    int error =
        run_contexts_merge(&reading->arena, &environment->context, &reading->own[at], &merged);
    run->context = merged.items;
    run->context_count = merged.count;
    return error;
}

static char *copy(struct reading *reading, const struct value *column, int *error)
{
    if (column->kind != VALUE_TEXT)
        return NULL;
    char *text = arena_copy(&reading->arena, column->bytes, column->length);
    *error = text == NULL ? -ENOMEM : *error;
    return text;
}

static int make_room(struct reading *reading)
{
    size_t count = reading->runs.count;

    return grow((void **)&reading->runs.runs, count, sizeof *reading->runs.runs) != 0 ||
                   grow((void **)&reading->own, count, sizeof *reading->own) != 0 ||
                   grow((void **)&reading->environment_of, count,
                        sizeof *reading->environment_of) != 0
               ? -ENOMEM
               : 0;
}

static int has_kinds(const struct value *columns)
{
    static const int kinds[COLUMNS] = {
        VALUE_INTEGER, VALUE_TEXT,    VALUE_INTEGER, VALUE_INTEGER, VALUE_TEXT, -1, -1,
        VALUE_INTEGER, VALUE_INTEGER, VALUE_INTEGER, VALUE_INTEGER, VALUE_TEXT};

    for (size_t i = 0; i < COLUMNS; i++)
        if (kinds[i] >= 0 && (int)columns[i].kind != kinds[i])
            return 0;
    return columns[1].length == HISTORY_ID;
}

static int take_run(void *data, const struct value *columns)
{
    struct reading *reading = data;
    size_t at = reading->runs.count;
    int error = has_kinds(columns) ? make_room(reading) : -EUCLEAN;

    if (error != 0)
        return error;
    struct history_run *run = &reading->runs.runs[at];
    *run = (struct history_run){.sequence = columns[0].integer,
                                .date_s = columns[2].integer,
                                .added_s = columns[3].integer,
                                .revision = copy(reading, &columns[5], &error),
                                .source = copy(reading, &columns[6], &error),
                                .cells = (size_t)columns[7].integer,
                                .samples = (size_t)columns[8].integer,
                                .errors = (size_t)columns[9].integer};
    memcpy(run->id, columns[1].bytes, HISTORY_ID);
    if (at == 0 || strcmp(reading->runs.runs[at - 1].machine, columns[4].bytes) != 0)
        run->machine = copy(reading, &columns[4], &error);
    else
        run->machine = reading->runs.runs[at - 1].machine;
    reading->environment_of[at] = columns[10].integer;
    if (error == 0)
        error = run_contexts_read(&reading->arena, columns[11].bytes, columns[11].length,
                                  &reading->own[at]);
    reading->runs.count += error == 0;
    return error;
}

static int read_runs(struct history *history, const struct list_query *query,
                     struct reading *reading)
{
    char *sql = NULL;

    if (asprintf(&sql,
                 "SELECT r.seq, r.id, r.date_s, r.added_s, m.key, r.revision, r.source, r.cells,"
                 " r.samples, r.errors, r.environment, r.context FROM bench_run r"
                 " JOIN bench_machine m ON m.id = r.machine %s %s",
                 query->where, query->order) < 0)
        return -ENOMEM;
    int error = store_query(history, sql, query->parameters, query->count, take_run, reading);
    free(sql);
    return error;
}

int list_read(struct history *history, const struct list_query *query, struct history_runs *runs)
{
    struct reading reading = {0};
    int error = read_runs(history, query, &reading);

    if (error == 0 && reading.runs.count > 0)
        error = read_environments(history, query, &reading);
    for (size_t i = 0; error == 0 && i < reading.runs.count; i++)
        error = join_context(&reading, i);
    free(reading.environments);
    free(reading.own);
    free(reading.environment_of);
    reading.runs.texts = reading.arena.newest;
    if (error == 0)
        *runs = reading.runs;
    else
        history_runs_free(&reading.runs);
    return error;
}

void history_runs_free(struct history_runs *runs)
{
    struct arena arena = {runs->texts};

    arena_free(&arena);
    free(runs->runs);
    *runs = (struct history_runs){0};
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct context_entry *)a)->key, ((const struct context_entry *)b)->key);
}

const char *history_context(const struct history_run *run, const char *key)
{
    struct context_entry wanted = {.key = (char *)(uintptr_t)key};
    const struct context_entry *found =
        run->context_count == 0
            ? NULL
            : bsearch(&wanted, run->context, run->context_count, sizeof wanted, compare_keys);
    return found != NULL ? found->value : NULL;
}

int list_machine(struct history *history, const char *machine, size_t newest,
                 struct history_runs *runs)
{
    struct value limit =
        value_integer(newest == 0 || newest > INT64_MAX ? INT64_MAX : (int64_t)newest);
    struct value of_machine[] = {value_text(machine), limit}, of_all[] = {limit};
    struct list_query query = {.where = machine != NULL ? "WHERE m.key = $1" : "",
                               .order = machine != NULL
                                            ? "ORDER BY r.date_s DESC, r.seq DESC LIMIT $2"
                                            : "ORDER BY r.date_s DESC, r.seq DESC LIMIT $1",
                               .parameters = machine != NULL ? of_machine : of_all,
                               .where_count = machine != NULL,
                               .count = machine != NULL ? 2 : 1};
    int error = list_read(history, &query, runs);

    for (size_t i = 0; error == 0 && i < runs->count / 2; i++) {
        struct history_run run = runs->runs[i];
        runs->runs[i] = runs->runs[runs->count - 1 - i];
        runs->runs[runs->count - 1 - i] = run;
    }
    return error;
}

int history_list(struct history *history, const char *machine, size_t newest,
                 struct history_runs *runs)
{
    *runs = (struct history_runs){0};
    int error = store_begin(history, 0);
    if (error != 0)
        return error;
    error = store_end(history, list_machine(history, machine, newest, runs));
    if (error != 0)
        history_runs_free(runs);
    return error;
}

static int take_match(void *data, const struct value *columns)
{
    struct list_match *match = data;

    if (columns[0].kind != VALUE_INTEGER || columns[1].kind != VALUE_TEXT ||
        columns[1].length != HISTORY_ID)
        return -EUCLEAN;
    match->run = columns[0].integer;
    memcpy(match->id, columns[1].bytes, HISTORY_ID);
    match->bytes = columns[2].integer;
    match->machine = columns[3].integer;
    match->found++;
    return 0;
}

int list_match(struct history *history, const char *id, struct list_match *match)
{
    char low[HISTORY_ID + 1] = "", high[HISTORY_ID + 2] = "";
    size_t length = strlen(id);

    *match = (struct list_match){0};
    if (length < ID_LEAST || length > HISTORY_ID || strspn(id, "0123456789abcdefABCDEF") != length)
        return -EINVAL;
    for (size_t i = 0; i < length; i++)
        high[i] = low[i] = (char)(id[i] >= 'A' && id[i] <= 'F' ? id[i] - 'A' + 'a' : id[i]);
    /* No digit comes behind f, under every order of letters. */
    high[length] = 'g';
    int error =
        store_query(history,
                    "SELECT seq, id, bytes, machine FROM bench_run"
                    " WHERE id >= $1 AND id < $2 LIMIT 2",
                    (struct value[]){value_text(low), value_text(high)}, 2, take_match, match);
    if (error != 0 || match->found == 1)
        return error;
    return match->found == 0 ? -ENOENT : -ENOTUNIQ;
}

static int find(struct history *history, const char *id, struct history_runs *run)
{
    struct list_match match;
    int error = list_match(history, id, &match);
    struct value parameters[] = {value_integer(match.run)};
    struct list_query query = {.where = "WHERE r.seq = $1",
                               .order = "",
                               .parameters = parameters,
                               .where_count = 1,
                               .count = 1};

    if (error == 0)
        error = list_read(history, &query, run);
    /* The run is there, but not its machine. */
    return error == 0 && run->count == 0 ? -EUCLEAN : error;
}

int history_find(struct history *history, const char *id, struct history_runs *run)
{
    *run = (struct history_runs){0};
    int error = store_begin(history, 0);
    if (error != 0)
        return error;
    error = store_end(history, find(history, id, run));
    if (error != 0)
        history_runs_free(run);
    return error;
}

int history_count_newer(struct history *history, const struct history_run *run, size_t *newer)
{
    const struct value values[] = {value_text(run->machine), value_integer(run->date_s),
                                   value_integer(run->sequence)};
    int64_t count = 0;
    int error = store_integer(history,
                              "SELECT count(*) FROM bench_run WHERE"
                              " machine = (SELECT id FROM bench_machine WHERE key = $1)"
                              " AND (date_s > $2 OR (date_s = $2 AND seq > $3))",
                              values, 3, &count);
    *newer = error == 0 ? (size_t)count : 0;
    return error;
}
