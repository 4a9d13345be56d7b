/* SPDX-License-Identifier: Apache-2.0 */
/* Runs and machines out of the store, without the texts. */
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct history_runs *runs;
    const char **damaged;   /* NULL: a context that cannot be read ends it. Else it is left out, and
                               this becomes the machine */
    int64_t environment_id; /* of the last row: the next one most likely has the same */
    struct context_list environment; /* its items are NULL until one has been read */
};

/* Both parts in one list, by key ascending. */
static int join_context(struct arena *arena, const struct context_list *a,
                        const struct context_list *b, struct history_run *run)
{
    size_t count = a->count + b->count, i = 0, j = 0;
    struct context_entry *joined = arena_take(arena, (count + 1) * sizeof *joined);

    if (joined == NULL)
        return -ENOMEM;
    for (size_t at = 0; at < count; at++) {
        int first = j == b->count || (i < a->count && strcmp(a->items[i].key, b->items[j].key) < 0);
        joined[at] = first ? a->items[i++] : b->items[j++];
    }
    run->context = joined;
    run->context_count = count;
    return 0;
}

static int take_run(void *data, const struct value *columns)
{
    struct reading *reading = data;
    struct history_runs *runs = reading->runs;
    struct context_list own;
    int error;

    if (!row_is(columns, "itiit??iiiitt") || columns[1].length != HISTORY_ID)
        return -EUCLEAN;
    struct history_run *run = arena_append(&runs->arena, &runs->runs, &runs->count, sizeof *run);
    if (run == NULL)
        return -ENOMEM;
    *run = (struct history_run){.sequence = columns[0].integer,
                                .date_s = columns[2].integer,
                                .added_s = columns[3].integer,
                                .machine = row_text(&columns[4], &runs->arena),
                                .revision = row_text(&columns[5], &runs->arena),
                                .source = row_text(&columns[6], &runs->arena),
                                .cells = (size_t)columns[7].integer,
                                .samples = (size_t)columns[8].integer,
                                .errors = (size_t)columns[9].integer};
    memcpy(run->id, columns[1].bytes, HISTORY_ID);
    error = runs->arena.error;
    if (error == 0 &&
        (reading->environment.items == NULL || reading->environment_id != columns[10].integer))
        error = context_read(&columns[11], &runs->arena, &reading->environment);
    reading->environment_id = columns[10].integer;
    if (error == 0)
        error = context_read(&columns[12], &runs->arena, &own);
    if (error == -EUCLEAN && reading->damaged != NULL) {
        *reading->damaged = run->machine;
        reading->environment.items = NULL;
        return 0;
    }
    return error == 0 ? join_context(&runs->arena, &reading->environment, &own, run) : error;
}

static int query_runs(struct history *history, const char *sql, const struct value *parameters,
                      size_t count, struct reading *reading)
{
    *reading->runs = (struct history_runs){0};
    int error = store_query(history, sql, parameters, count, take_run, reading);
    if (error != 0)
        history_runs_free(reading->runs);
    return error;
}

int runs_query(struct history *history, const char *sql, const struct value *parameters,
               size_t count, struct history_runs *runs)
{
    return query_runs(history, sql, parameters, count, &(struct reading){.runs = runs});
}

void history_runs_free(struct history_runs *runs)
{
    arena_free(&runs->arena);
    *runs = (struct history_runs){0};
}

const char *history_context(const struct history_run *run, const char *key)
{
    struct context_entry wanted = {.key = key};
    const struct context_entry *found =
        run->context_count == 0
            ? NULL
            : bsearch(&wanted, run->context, run->context_count, sizeof wanted, text_order);
    return found != NULL ? found->value : NULL;
}

int history_list(struct history *history, const char *machine, size_t newest,
                 struct history_runs *runs)
{
    struct value limit =
        value_integer(newest == 0 || newest > INT64_MAX ? INT64_MAX : (int64_t)newest);
    struct value both[] = {value_text(machine), limit};
    int error =
        machine != NULL
            ? runs_query(history,
                         SELECT_RUNS "WHERE m.key = $1 ORDER BY r.date_s DESC, r.seq DESC LIMIT $2",
                         both, 2, runs)
            : runs_query(history, SELECT_RUNS "ORDER BY r.date_s DESC, r.seq DESC LIMIT $1", &limit,
                         1, runs);

    for (size_t i = 0; i < runs->count / 2; i++) {
        struct history_run run = runs->runs[i];
        runs->runs[i] = runs->runs[runs->count - 1 - i];
        runs->runs[runs->count - 1 - i] = run;
    }
    return error;
}

int history_find(struct history *history, const char *id, struct history_runs *run)
{
    struct id_range range;
    int error = id_range(id, &range);

    *run = (struct history_runs){0};
    if (error == 0)
        error = runs_query(history, SELECT_RUNS "WHERE r.id >= $1 AND r.id < $2 LIMIT 2",
                           range.parameters, 2, run);
    if (error != 0 || run->count == 1)
        return error;
    error = run->count == 0 ? -ENOENT : -ENOTUNIQ;
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
                              " AND (date_s, seq) > ($2, $3)",
                              values, 3, &count);
    *newer = (size_t)count;
    return error;
}

static int take_machine(void *data, const struct value *columns)
{
    struct history_machines *machines = data;
    struct history_machine *machine =
        arena_append(&machines->arena, &machines->machines, &machines->count, sizeof *machine);

    if (machine == NULL || !row_is(columns, "tiii"))
        return machine == NULL ? -ENOMEM : -EUCLEAN;
    *machine = (struct history_machine){.key = row_text(&columns[0], &machines->arena),
                                        .runs = (size_t)columns[1].integer,
                                        .first_date_s = columns[2].integer,
                                        .last_date_s = columns[3].integer};
    return machines->arena.error;
}

static int by_machine(const void *a, const void *b)
{
    return strcmp(((const struct history_run *)a)->machine,
                  ((const struct history_run *)b)->machine);
}

static int read_machines(struct history *history, struct history_machines *machines)
{
    int error = store_query(history,
                            "SELECT m.key, count(*), min(r.date_s), max(r.date_s) FROM bench_run r"
                            " JOIN bench_machine m ON m.id = r.machine GROUP BY m.key",
                            NULL, 0, take_machine, machines);
    if (error == 0)
        error = query_runs(
            history,
            SELECT_RUNS
            "WHERE r.seq IN (SELECT (SELECT n.seq FROM bench_run n WHERE n.machine ="
            " k.id ORDER BY n.date_s DESC, n.seq DESC LIMIT 1) FROM bench_machine k)",
            NULL, 0, &(struct reading){.runs = &machines->newest, .damaged = &machines->damaged});
    if (error == 0 && machines->newest.count != machines->count)
        error = -EUCLEAN;
    /* The order of letters is each back end's own matter. */
    if (error == 0 && machines->count > 0) {
        qsort(machines->machines, machines->count, sizeof *machines->machines, text_order);
        qsort(machines->newest.runs, machines->count, sizeof *machines->newest.runs, by_machine);
    }
    return error;
}

int history_machines(struct history *history, struct history_machines *machines)
{
    *machines = (struct history_machines){0};
    int error = history_begin(history);
    if (error == 0)
        error = history_end(history, read_machines(history, machines));
    if (error != 0)
        history_machines_free(machines);
    return error;
}

const char *history_machine_find(const struct history_machines *machines, const char *wanted,
                                 size_t *matches)
{
    const char *found = NULL;

    *matches = 0;
    for (size_t i = 0; i < machines->count; i++) {
        const char *key = machines->machines[i].key;
        if (strcmp(key, wanted) == 0) {
            *matches = 1;
            return key;
        }
        if (strncmp(key, wanted, strlen(wanted)) == 0) {
            found = key;
            ++*matches;
        }
    }
    return *matches == 1 ? found : NULL;
}

void history_machines_free(struct history_machines *machines)
{
    arena_free(&machines->arena);
    history_runs_free(&machines->newest);
    *machines = (struct history_machines){0};
}
