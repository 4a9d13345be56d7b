/* SPDX-License-Identifier: Apache-2.0 */
/* Runs out of the store, without their texts. */
#include "store.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ID_LEAST = 4 };

struct reading {
    struct history_runs *runs;
    int64_t environment_id;          /* of the last row: the next one most likely has the same */
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
    return error == 0 ? join_context(&runs->arena, &reading->environment, &own, run) : error;
}

int runs_query(struct history *history, const char *sql, const struct value *parameters,
               size_t count, struct history_runs *runs)
{
    struct reading reading = {.runs = runs};

    *runs = (struct history_runs){0};
    int error = store_query(history, sql, parameters, count, take_run, &reading);
    if (error != 0)
        history_runs_free(runs);
    return error;
}

void history_runs_free(struct history_runs *runs)
{
    arena_free(&runs->arena);
    *runs = (struct history_runs){0};
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct context_entry *)a)->key, ((const struct context_entry *)b)->key);
}

const char *history_context(const struct history_run *run, const char *key)
{
    struct context_entry wanted = {.key = key};
    const struct context_entry *found =
        bsearch(&wanted, run->context, run->context_count, sizeof wanted, compare_keys);
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

int id_range(const char *id, struct id_range *range)
{
    size_t length = strlen(id);

    if (length < ID_LEAST || length > HISTORY_ID || strspn(id, "0123456789abcdefABCDEF") != length)
        return -EINVAL;
    *range = (struct id_range){0};
    for (size_t i = 0; i < length; i++)
        range->high[i] = range->low[i] = (char)tolower(id[i]);
    /* No digit comes behind f, under every order of letters. */
    range->high[length] = 'g';
    range->parameters[0] = value_text(range->low);
    range->parameters[1] = value_text(range->high);
    return 0;
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
