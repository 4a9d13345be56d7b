/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store as the files of this folder see it: SQL that all back ends take, asked through two
 * functions. What differs between the back ends is three functions and a handful of words.
 */
#ifndef BENCH_MMAP_HISTORY_STORE_H
#define BENCH_MMAP_HISTORY_STORE_H

#include "history.h"

#include <stddef.h>
#include <stdint.h>

enum value_kind { VALUE_NULL, VALUE_INTEGER, VALUE_REAL, VALUE_TEXT, VALUE_BYTES };

struct value {
    enum value_kind kind;
    int64_t integer;
    double real;
    const char *bytes; /* of TEXT and BYTES; a NUL follows the text that a query gives */
    size_t length;
};

struct value value_integer(int64_t integer);
struct value value_real(double real);      /* NULL when it is not finite */
struct value value_text(const char *text); /* NULL when text is NULL */

/* Called for each row; what is not 0 ends the query, which then returns it. The columns are valid
 * during the call. */
typedef int row_function(void *data, const struct value *columns);

/* Whether the columns are of these kinds, a letter each: i an integer, t a text, ? anything. */
int row_is(const struct value *columns, const char *kinds);
/* A copy of a text; NULL for a column of another kind, and when memory is short (arena->error). */
char *row_text(const struct value *column, struct arena *arena);

enum { COLUMNS_MOST = 20 };

/* The statements that take a store from one version to the next, and NULL. */
typedef const char *const migration[10];
extern const migration migrations_sqlite[], migrations_postgresql[];

struct backend {
    const migration *migrations;
    const char *begin_read;
    const char *begin_write;
    const char *lock_schema; /* so that only one process makes or changes it; may be NULL */
    const char *has_store;   /* gives a count: 0 without the table bench_store */
    const char *has_others;  /* gives a count: 0 where nothing of others is in the way */
    /* history->connection may be set on failure: close is called in any case. */
    int (*open)(struct history *history, const char *where);
    void (*close)(struct history *history);
    /*
     * One statement with its parameters $1, $2 ..., whose first mentions stand in this order.
     * Integers are 64 bits wide. row may be NULL. Sets history->problem. -EAGAIN: others were in
     * the way, the transaction may be tried anew.
     */
    int (*query)(struct history *history, const char *sql, const struct value *parameters,
                 size_t count, row_function *row, void *data);
};

extern const struct backend backend_sqlite;
extern const struct backend backend_postgresql;

struct history {
    const struct backend *backend;
    void *connection;
    enum history_mode mode;
    double patience_s;
    int depth; /* of the transactions that read */
    char *name;
    char problem[400];
};

/* Keeps a phrase of the back end: one line, without the full stop. */
void store_problem(struct history *history, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* history->backend->query. */
int store_query(struct history *history, const char *sql, const struct value *parameters,
                size_t count, row_function *row, void *data);

/* "START ($1, $2), ($3, $4) END", a pair for each of the rows: what a question mark stands for in
 * `row` is numbered. */
struct row_statement {
    const char *start, *row, *end;
    row_function *take; /* the answer; may be NULL */
};
int store_rows(struct history *history, const struct row_statement *statement, size_t rows,
               const struct value *values, void *data);

/* The first column of the first row, an integer; -ENODATA without a row. */
int store_integer(struct history *history, const char *sql, const struct value *parameters,
                  size_t count, int64_t *integer);

/* history_begin(), also to write. One to read may stand inside another, and is then a part of it.
 * -EPERM: one to write may not. */
int store_begin(struct history *history, int to_write);

/* Runs `work` in a transaction to write, again where others were in the way. */
int store_write(struct history *history, int (*work)(struct history *history, void *data),
                void *data);

/* Looks at what is there, and makes it or brings it up to date where the mode says so. */
int schema_check(struct history *history);
int64_t schema_newest(void);
/* Brings it from one version to another, inside a transaction: for schema_check() and its test. */
int schema_migrate(struct history *history, int64_t from, int64_t to);

/*
 * A run's context as it lies in the store: what stays the same from run to run (the environment) is
 * kept once, what belongs to the one run (its date, the load) with the run. Both are JSON objects
 * of strings, by key ascending, so that a database can look into them.
 */
struct context_list {
    size_t count;
    struct context_entry *items; /* by key ascending */
};

/* The part that belongs to the run, or else its environment; the caller's, NULL without memory. */
char *context_write(const struct run *run, int own);
/* -EUCLEAN: not what context_write() wrote. */
int context_read(const struct value *json, struct arena *arena, struct context_list *list);

/* The beginning of a query of runs; r is bench_run, m its bench_machine. */
#define SELECT_RUNS                                                                                \
    "SELECT r.seq, r.id, r.date_s, r.added_s, m.key, r.revision, r.source, r.cells, r.samples,"    \
    " r.errors, r.context, e.digest, r.cell_list, r.bytes, r.mark, r.environment, e.context"       \
    " FROM bench_run r"                                                                            \
    " LEFT JOIN bench_machine m ON m.id = r.machine"                                               \
    " LEFT JOIN bench_environment e ON e.id = r.environment "

/* Its columns: a run's mark is over those from RUN_MARKED on, up to the mark itself. */
enum run_column {
    RUN_SEQUENCE,
    RUN_ID,
    RUN_MARKED = RUN_ID,
    RUN_DATE,
    RUN_ADDED,
    RUN_MACHINE,
    RUN_REVISION,
    RUN_SOURCE,
    RUN_CELLS,
    RUN_SAMPLES,
    RUN_ERRORS,
    RUN_CONTEXT,
    RUN_DIGEST, /* of its environment */
    RUN_LIST,
    RUN_BYTES,
    RUN_MARK,
    RUN_ENVIRONMENT,
    RUN_ENVIRONMENT_TEXT
};

/*
 * A mark is kept beside what it is over, by which a row is found to be changed: 32 bits over the
 * kinds and values of columns, the same on every machine. `before` is 0, or the hash of what the
 * row belongs to.
 */
int64_t mark_of(uint64_t before, const struct value *columns, size_t count);
int mark_fits(const struct value *mark, uint64_t before, const struct value *columns, size_t count);

/* Before the mark of a value come the run's id and the cell's name, mark_hash_text() of each; it is
 * over VALUE_MARKED columns from location_ns on. */
enum { VALUE_MARKED = 4 };
uint64_t mark_hash_text(const char *text);
static inline uint64_t mark_join(uint64_t run, uint64_t cell) { return run + 3 * cell; }

/* Marks all rows that have none: what a migration finds. */
int marks_make(struct history *history);

/* Says of a run that what is kept of it is not what was added; -EUCLEAN. */
int store_damaged(struct history *history, const char *run, const char *what);

/* The numbers of a run's cells, ascending, are kept once for all runs that have the same: *id. */
int cell_list_keep(struct history *history, const int64_t *cells, size_t count, int64_t *id);

/* The accepted changes; their mark is over the first BLESSING_MARKED columns. */
#define SELECT_BLESSINGS                                                                           \
    "SELECT r.id, m.key, c.name, b.reason, b.time_s,"                                              \
    " CASE WHEN b.cell IS NOT NULL AND v.run IS NULL THEN 1 ELSE 0 END, r.date_s, b.seq, b.mark"   \
    " FROM bench_blessing b JOIN bench_run r ON r.seq = b.run"                                     \
    " JOIN bench_machine m ON m.id = b.machine LEFT JOIN bench_cell c ON c.id = b.cell"            \
    " LEFT JOIN bench_value v ON v.run = b.run AND v.cell = b.cell "
enum { BLESSING_MARKED = 6, BLESSING_DATE = 6, BLESSING_SEQUENCE, BLESSING_MARK };

/* The counts of all machines anew, from what is there. */
#define COUNT_ALL_MACHINES                                                                         \
    "UPDATE bench_machine SET runs = (SELECT count(*) FROM bench_run r"                            \
    " WHERE r.machine = bench_machine.id), dates = (SELECT CAST(coalesce(sum(r.date_s), 0)"        \
    " AS BIGINT) FROM bench_run r WHERE r.machine = bench_machine.id), blessings ="                \
    " (SELECT count(*) FROM bench_blessing b WHERE b.machine = bench_machine.id)"

/* What of a machine is counted in its row: as many runs and blessings more, and their dates. */
struct machine_change {
    const char *key;
    int64_t runs, dates, blessings;
};
int machine_change(struct history *history, const struct machine_change *change);
int machine_insert(struct history *history, const char *key);

/* The runs that such a query gives, in its order; none on failure. */
int runs_query(struct history *history, const char *sql, const struct value *parameters,
               size_t count, struct history_runs *runs);

/* The ids that begin so lie between two parameters: "id >= $1 AND id < $2". -EINVAL as in
 * history_find(). */
struct id_range {
    char low[HISTORY_ID + 1], high[HISTORY_ID + 2];
    struct value parameters[2];
};
int id_range(const char *id, struct id_range *range);

/* Whether it can name a machine, as history_add() says. */
int machine_is_name(const char *key);

/* What is kept of a run's cells: by name, room for all of them. */
struct cell_row {
    const char *name;            /* of the run */
    double location_ns, pace_ns; /* NaN: none */
    size_t samples, errors;
    int64_t id; /* its number in the store, once that is known */
};
int cells_measure(const struct run *run, struct cell_row *cells);

/* A run's text, compressed; *packed is the caller's. -EFBIG: more than a store takes (1 GB). */
int pack_text(const char *text, size_t length, char **packed, size_t *packed_length);

#endif
