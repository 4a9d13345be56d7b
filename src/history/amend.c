/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that are taken out of the store, or filed elsewhere in it. */
#include "src/base/number.h"
#include "store.h"

#include <errno.h>
#include <string.h>

struct amending {
    const char *id;
    const char *machine; /* NULL: it stays, as does the date */
    const char *date;
    struct history_amended *amended;
    int64_t sequence; /* of the run that was found */
    size_t found;
};

static int take_place(void *data, const struct value *columns)
{
    struct amending *amending = data;

    if (columns[0].kind != VALUE_INTEGER || columns[1].kind != VALUE_TEXT ||
        columns[1].length != HISTORY_ID)
        return -EUCLEAN;
    amending->sequence = columns[0].integer;
    memcpy(amending->amended->id, columns[1].bytes, HISTORY_ID + 1);
    return amending->found++ > 0 ? -ENOTUNIQ : 0;
}

/* One that is damaged is found, too. */
static int find_place(struct history *history, struct amending *amending)
{
    struct id_range range;
    int error = id_range(amending->id, &range);

    amending->found = 0;
    if (error == 0)
        error = store_query(history, "SELECT seq, id FROM bench_run WHERE id >= $1 AND id < $2",
                            range.parameters, 2, take_place, amending);
    return error == 0 && amending->found == 0 ? -ENOENT : error;
}

/* The changes that were accepted at it. */
static int drop_blessings(struct history *history, struct amending *amending)
{
    const struct value run = value_integer(amending->sequence);
    int64_t count = 0;
    int error = store_integer(history, "SELECT count(*) FROM bench_blessing WHERE run = $1", &run,
                              1, &count);

    amending->amended->blessings = (size_t)count;
    return error == 0 && count > 0
               ? store_query(history, "DELETE FROM bench_blessing WHERE run = $1", &run, 1, NULL,
                             NULL)
               : error;
}

static int forget(struct history *history, void *data)
{
    static const char *const parts[] = {"DELETE FROM bench_value WHERE run = $1",
                                        "DELETE FROM bench_text WHERE run = $1",
                                        "DELETE FROM bench_run WHERE seq = $1"};
    struct amending *amending = data;
    struct history_runs runs = {0};
    int error = find_place(history, amending);

    if (error != 0)
        return error;
    int sound = history_find(history, amending->amended->id, &runs);
    if (sound != -EUCLEAN)
        error = sound;
    if (error == 0)
        error = drop_blessings(history, amending);
    const struct value run = value_integer(amending->sequence);
    for (size_t i = 0; error == 0 && i < sizeof parts / sizeof parts[0]; i++)
        error = store_query(history, parts[i], &run, 1, NULL, NULL);
    /* Which machine counted a run that is damaged, and with which date, is not known. */
    if (error == 0)
        error = sound == 0 ? machine_change(history,
                                            &(struct machine_change){
                                                runs.runs[0].machine, -1, -runs.runs[0].date_s,
                                                -(int64_t)amending->amended->blessings})
                           : store_query(history, COUNT_ALL_MACHINES, NULL, 0, NULL, NULL);
    history_runs_free(&runs);
    return error;
}

int history_forget(struct history *history, const char *id, struct history_amended *amended)
{
    struct amending amending = {.id = id, .amended = amended};

    *amended = (struct history_amended){0};
    return store_write(history, forget, &amending);
}

struct marking {
    const struct history_run *to;
    int64_t mark;
};

/* The mark that it has once it is there. */
static int take_mark(void *data, const struct value *columns)
{
    struct marking *marking = data;
    struct value marked[RUN_MARK - RUN_MARKED];

    memcpy(marked, columns + RUN_MARKED, sizeof marked);
    marked[RUN_DATE - RUN_MARKED] = value_integer(marking->to->date_s);
    marked[RUN_MACHINE - RUN_MARKED] = value_text(marking->to->machine);
    marking->mark = mark_of(0, marked, RUN_MARK - RUN_MARKED);
    return 0;
}

static int refile(struct history *history, const struct history_run *from,
                  const struct history_run *to, struct amending *amending)
{
    const struct value sequence = value_integer(from->sequence);
    struct marking marking = {.to = to};
    int is_other = strcmp(from->machine, to->machine) != 0;
    int error = is_other ? machine_insert(history, to->machine) : 0;

    if (error == 0)
        error =
            store_query(history, SELECT_RUNS "WHERE r.seq = $1", &sequence, 1, take_mark, &marking);
    if (error == 0)
        error = store_query(history,
                            "UPDATE bench_run SET machine ="
                            " (SELECT id FROM bench_machine WHERE key = $1), date_s = $2,"
                            " mark = $3 WHERE seq = $4",
                            (struct value[]){value_text(to->machine), value_integer(to->date_s),
                                             value_integer(marking.mark), sequence},
                            4, NULL, NULL);
    if (error == 0 && is_other)
        error = drop_blessings(history, amending);
    if (error == 0)
        error = machine_change(history,
                               &(struct machine_change){from->machine, -1, -from->date_s,
                                                        -(int64_t)amending->amended->blessings});
    return error == 0
               ? machine_change(history, &(struct machine_change){to->machine, 1, to->date_s, 0})
               : error;
}

static int move(struct history *history, void *data)
{
    struct amending *amending = data;
    struct history_runs runs;
    int error = history_find(history, amending->id, &runs);

    if (error != 0)
        return error;
    struct history_run to = runs.runs[0];
    memcpy(amending->amended->id, to.id, sizeof to.id);
    amending->sequence = to.sequence;
    if (amending->machine != NULL)
        to.machine = amending->machine;
    if (amending->date != NULL)
        error = date_parse(amending->date, &to.date_s);
    if (error == 0)
        error = refile(history, &runs.runs[0], &to, amending);
    history_runs_free(&runs);
    return error;
}

int history_move(struct history *history, const char *id, const struct history_origin *to,
                 struct history_amended *amended)
{
    struct amending amending = {
        .id = id, .machine = to->machine, .date = to->date, .amended = amended};

    *amended = (struct history_amended){0};
    if (to->machine != NULL && !machine_is_name(to->machine))
        return -ENOKEY;
    return store_write(history, move, &amending);
}
