/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of runs, for the parts that need them. */
#ifndef BENCH_MMAP_HISTORY_LIST_H
#define BENCH_MMAP_HISTORY_LIST_H

#include "store.h"

#include <stddef.h>
#include <stdint.h>

/* Which runs: what stands behind the tables bench_run r and bench_machine m. */
struct list_query {
    const char *where; /* "" or "WHERE ..." */
    const char *order; /* "ORDER BY ... LIMIT ..." */
    const struct value *parameters;
    size_t where_count; /* parameters of `where`: the first ones */
    size_t count;       /* of all */
};

/* Inside a transaction, in the query's order. Sets *runs on success only. */
int list_read(struct history *history, const struct list_query *query, struct history_runs *runs);

/* The runs of a machine, oldest first; NULL: of all. Inside a transaction. */
int list_machine(struct history *history, const char *machine, size_t newest,
                 struct history_runs *runs);

/* Checks an id or its beginning, and finds its run: the number in the store and the whole id.
 * The errors of history_find(). */
struct list_match {
    int64_t run;
    int64_t bytes;
    int64_t machine;
    char id[HISTORY_ID + 1];
    int found;
};
int list_match(struct history *history, const char *id, struct list_match *match);

#endif
