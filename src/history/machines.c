/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct history_machine *)a)->key,
                  ((const struct history_machine *)b)->key);
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
        error =
            runs_query(history,
                       SELECT_RUNS
                       "WHERE r.seq IN (SELECT (SELECT n.seq FROM bench_run n WHERE n.machine ="
                       " k.id ORDER BY n.date_s DESC, n.seq DESC LIMIT 1) FROM bench_machine k)",
                       NULL, 0, &machines->newest);
    if (error == 0 && machines->newest.count != machines->count)
        error = -EUCLEAN;
    /* The order of letters is each back end's own matter. */
    if (error == 0 && machines->count > 0) {
        qsort(machines->machines, machines->count, sizeof *machines->machines, by_key);
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
