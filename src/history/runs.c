/* SPDX-License-Identifier: Apache-2.0 */
/* Runs and machines out of the store, without the texts. */
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct history *history;
    struct history_runs *runs;
    int *damaged;           /* NULL: what is damaged ends it. Else it is told, has no context, and
                               this becomes 1 */
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

static int take_context(struct reading *reading, const struct value *columns,
                        struct history_run *run)
{
    struct arena *arena = &reading->runs->arena;
    const struct value *text = &columns[RUN_ENVIRONMENT_TEXT];
    struct context_list own;
    char digest[HISTORY_ID + 1];
    int error = 0;

    if (reading->environment.items == NULL ||
        reading->environment_id != columns[RUN_ENVIRONMENT].integer) {
        run_id_of_text(text->bytes, text->length, digest);
        error = strcmp(digest, columns[RUN_DIGEST].bytes) != 0
                    ? -EUCLEAN
                    : context_read(text, arena, &reading->environment);
        reading->environment_id = columns[RUN_ENVIRONMENT].integer;
    }
    if (error == 0)
        error = context_read(&columns[RUN_CONTEXT], arena, &own);
    if (error == 0)
        error = join_context(arena, &reading->environment, &own, run);
    else
        reading->environment.items = NULL;
    return error;
}

/* Of a damaged one, too, what can be. */
static void take_columns(const struct value *columns, struct arena *arena, struct history_run *run)
{
    *run = (struct history_run){.sequence = columns[RUN_SEQUENCE].integer,
                                .date_s = columns[RUN_DATE].integer,
                                .added_s = columns[RUN_ADDED].integer,
                                .machine = row_text(&columns[RUN_MACHINE], arena),
                                .revision = row_text(&columns[RUN_REVISION], arena),
                                .source = row_text(&columns[RUN_SOURCE], arena),
                                .cells = (size_t)columns[RUN_CELLS].integer,
                                .samples = (size_t)columns[RUN_SAMPLES].integer,
                                .errors = (size_t)columns[RUN_ERRORS].integer,
                                .cell_list = columns[RUN_LIST].integer};
    if (columns[RUN_ID].kind == VALUE_TEXT && columns[RUN_ID].length == HISTORY_ID)
        memcpy(run->id, columns[RUN_ID].bytes, HISTORY_ID);
}

static int take_run(void *data, const struct value *columns)
{
    struct reading *reading = data;
    struct history_runs *runs = reading->runs;
    struct history_run *run = arena_append(&runs->arena, &runs->runs, &runs->count, sizeof *run);
    int error;

    if (run == NULL)
        return -ENOMEM;
    take_columns(columns, &runs->arena, run);
    if (!row_is(columns, "itiit??iiittiiiit") || run->id[0] == '\0' ||
        !mark_fits(&columns[RUN_MARK], 0, columns + RUN_MARKED, RUN_MARK - RUN_MARKED))
        error = -EUCLEAN;
    else
        error = take_context(reading, columns, run);
    if (error == -EUCLEAN) {
        error = store_damaged(reading->history, run->id, "its date, machine, context or counts");
        if (reading->damaged != NULL && run->machine != NULL) {
            *reading->damaged = 1;
            error = 0;
        }
    }
    return error == 0 ? runs->arena.error : error;
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
    return query_runs(history, sql, parameters, count,
                      &(struct reading){.history = history, .runs = runs});
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

/* What is counted of a machine in its row, and what is there. */
#define SELECT_COUNTS                                                                              \
    "SELECT m.key, count(r.seq), min(r.date_s), max(r.date_s), m.runs,"                            \
    " CASE WHEN CAST(coalesce(sum(r.date_s), 0) AS BIGINT) = m.dates THEN 1 ELSE 0 END"            \
    " FROM bench_machine m LEFT JOIN bench_run r ON r.machine = m.id "

static int counts_fit(struct history *history, const struct value *columns)
{
    int fit = columns[1].integer == columns[4].integer && columns[5].integer == 1;

    if (!fit)
        store_problem(history, "machine %.*s: %lld runs are there of %lld, or a date was changed",
                      (int)columns[0].length, columns[0].bytes, (long long)columns[1].integer,
                      (long long)columns[4].integer);
    return fit;
}

static int take_counts(void *data, const struct value *columns)
{
    return row_is(columns, "ti??ii") && counts_fit(data, columns) ? 0 : -EUCLEAN;
}

static int list_machine(struct history *history, const char *machine, const struct value *limit,
                        struct history_runs *runs)
{
    const struct value both[] = {value_text(machine), *limit};
    int error = store_query(history, SELECT_COUNTS "WHERE m.key = $1 GROUP BY m.id", both, 1,
                            take_counts, history);

    return error != 0 ? error
                      : runs_query(history,
                                   SELECT_RUNS
                                   "WHERE m.key = $1 ORDER BY r.date_s DESC, r.seq DESC LIMIT $2",
                                   both, 2, runs);
}

int history_list(struct history *history, const char *machine, size_t newest,
                 struct history_runs *runs)
{
    /* More than there is room for is all, as is 0. */
    const int64_t most = (int64_t)newest;
    const struct value limit = value_integer(most > 0 ? most : INT64_MAX);

    *runs = (struct history_runs){0};
    int error = history_begin(history);
    if (error == 0)
        error = history_end(history, machine != NULL
                                         ? list_machine(history, machine, &limit, runs)
                                         : runs_query(history,
                                                      SELECT_RUNS
                                                      "ORDER BY r.date_s DESC, r.seq DESC LIMIT $1",
                                                      &limit, 1, runs));
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

struct machine_reading {
    struct history *history;
    struct history_machines *machines;
    int64_t runs;
    char problem[sizeof((struct history *)NULL)->problem]; /* the first one; "" */
};

static void keep_problem(struct machine_reading *reading)
{
    reading->machines->damaged = 1;
    if (reading->problem[0] == '\0')
        memcpy(reading->problem, reading->history->problem, sizeof reading->problem);
}

static int take_machine(void *data, const struct value *columns)
{
    struct machine_reading *reading = data;
    struct history_machines *machines = reading->machines;

    if (!row_is(columns, "ti??ii"))
        return -EUCLEAN;
    if (!counts_fit(reading->history, columns))
        keep_problem(reading);
    reading->runs += columns[1].integer;
    if (columns[1].integer == 0)
        return 0; /* its runs were taken away */
    struct history_machine *machine =
        arena_append(&machines->arena, &machines->machines, &machines->count, sizeof *machine);
    if (machine == NULL)
        return -ENOMEM;
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

/* Runs whose machine is not there are of none that is listed. */
static int count_runs(struct machine_reading *reading)
{
    int64_t runs = 0;
    int error = store_integer(reading->history, "SELECT count(*) FROM bench_run", NULL, 0, &runs);

    if (error == 0 && runs != reading->runs) {
        store_problem(reading->history, "the machine of %lld run%s is not there",
                      (long long)(runs - reading->runs), runs - reading->runs == 1 ? "" : "s");
        keep_problem(reading);
    }
    return error;
}

static int read_machines(struct machine_reading *reading)
{
    struct history *history = reading->history;
    struct history_machines *machines = reading->machines;
    int newest_damaged = 0;
    int error = store_query(history, SELECT_COUNTS "GROUP BY m.id", NULL, 0, take_machine, reading);

    if (error == 0)
        error = count_runs(reading);
    if (error == 0)
        error = query_runs(
            history,
            SELECT_RUNS
            "WHERE r.seq IN (SELECT (SELECT n.seq FROM bench_run n WHERE n.machine ="
            " k.id ORDER BY n.date_s DESC, n.seq DESC LIMIT 1) FROM bench_machine k)",
            NULL, 0,
            &(struct reading){
                .history = history, .runs = &machines->newest, .damaged = &newest_damaged});
    if (error == 0 && newest_damaged)
        keep_problem(reading);
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
    struct machine_reading reading = {.history = history, .machines = machines};

    *machines = (struct history_machines){0};
    int error = history_begin(history);
    if (error == 0)
        error = history_end(history, read_machines(&reading));
    if (error != 0)
        history_machines_free(machines);
    else if (machines->damaged)
        store_problem(history, "%s", reading.problem);
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
