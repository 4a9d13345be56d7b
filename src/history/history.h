/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The history of runs: a store that keeps every run byte by byte, and what is asked of it again and
 * again (the time of each cell, the context) ready to read.
 *
 * A store is an SQLite file, for one machine or a few, or a PostgreSQL database, for many that
 * write at once. Both hold the same tables (STORE.md) and do the same.
 *
 * Conventions. Every function returns 0 or -errno, prints nothing and never exits. A store is used
 * by one thread at a time; any number of processes may have it open, also to write. What fails
 * leaves the store as it was. -ENOMEM may come from every function and is not listed each time.
 * Dates are seconds since 1970 in UTC, times nanoseconds.
 *
 * A run is identified by the SHA-256 of its bytes, as 64 hexadecimal digits: a file that was
 * changed by one blank is another run. Runs of a machine are ordered by their date, those of the
 * same second in the order in which they were added. A machine is what runs are grouped by: the
 * machine_key of the run's context, or a name that was given when the run was added.
 *
 * What every function that talks to the store may return, besides what it lists itself:
 *
 * -EROFS         the store can only be read: file, directory or user may not write
 * -EACCES        this user has no right to the file, or to the tables
 * -EBUSY         others kept the store locked for HISTORY_PATIENCE_S
 * -ENOSPC        no space is left where the store is
 * -EUCLEAN       the store is damaged, or what it gives back is not what was put in
 * -ECONNREFUSED  the server cannot be reached, or does not let this user connect
 * -ECONNRESET    the server went away in the middle
 * -EIO           anything else that the back end complains about
 */
#ifndef BENCH_MMAP_HISTORY_HISTORY_H
#define BENCH_MMAP_HISTORY_HISTORY_H

#include "src/base/arena.h"
#include "src/run/load.h"

#include <stddef.h>
#include <stdint.h>

struct history;

enum { HISTORY_ID = 64, HISTORY_PATIENCE_S = 30 };

/* Where a store is when nobody says. */
#define HISTORY_DEFAULT "results/history.db"

enum history_mode {
    HISTORY_READ,   /* nothing is written; the store must be there */
    HISTORY_WRITE,  /* the store must be there; an older one is brought up to date */
    HISTORY_CREATE, /* the same; it is made where it is not there, with its directory */
};

/*
 * Opens a store: the path of a file, sqlite:PATH, or a URL of libpq (postgresql://USER@HOST/NAME).
 * *history is set on failure, too (NULL only with -ENOMEM), so that history_problem() can say more.
 * history_close() in any case.
 *
 * A store of an older schema is brought up to date in one transaction when it is opened to write;
 * opened to read, it is -ESTALE.
 *
 * -ENOENT           there is no store
 * -ENOTDIR          it was to be made, and the directory above its own is not there either
 * -EPROTO           something else is there: not a database, or the database of another program
 * -ENOTSUP          the store's schema is newer than this program knows
 * -ESTALE           its schema is older, and it was opened to read
 * -EPROTONOSUPPORT  a postgresql URL, and this was built without PostgreSQL
 * -EINVAL           not a URL that the store or libpq understands
 */
int history_open(const char *url, enum history_mode mode, struct history **history);
void history_close(struct history *history); /* NULL is fine */

/* What the back end said about the last failure: a phrase, "" when there is nothing to add. One
 * line; valid until the next call with this store. */
const char *history_problem(const struct history *history);

/* The store's URL without its password, for messages. Valid as long as the store. */
const char *history_name(const struct history *history);

/* 1 when this was built with PostgreSQL. */
int history_has_postgresql(void);

/*
 * What is read between these two is of one moment: nothing that others do meanwhile shows. Others
 * cannot write to a file while it lasts. history_end() returns `error`, or what went wrong itself.
 */
int history_begin(struct history *history);
int history_end(struct history *history, int error);

struct history_run {
    char id[HISTORY_ID + 1];
    int64_t sequence; /* in the order of adding; grows, not without gaps */
    int64_t date_s;   /* when it was measured */
    int64_t added_s;  /* when it was added, by the clock of who added it */
    const char *machine;
    const char *revision; /* git_revision of its context; NULL: none */
    char *source;         /* where it came from, as it was told; NULL: unknown */
    size_t cells;
    size_t samples;
    size_t errors; /* rows that failed */
    size_t context_count;
    const struct context_entry *context; /* as context_entry gives it, by key ascending */
    int64_t cell_list;                   /* internal */
};

struct history_runs {
    size_t count;
    struct history_run *runs; /* oldest first */
    struct arena arena;       /* internal: what all pointers point into */
};

void history_runs_free(struct history_runs *runs);

/* The context's value of that key, or NULL. Valid as long as the runs. */
const char *history_context(const struct history_run *run, const char *key);

/* What is known of a run besides its text. All may be NULL. */
struct history_origin {
    const char *machine; /* instead of machine_key */
    const char *date;    /* "2026-11-23T02:39:49+00:00", instead of the context's */
    const char *source;
};

struct history_added {
    char id[HISTORY_ID + 1];
    char *machine; /* the caller's, for free() */
    int64_t date_s;
    int already; /* it was there before; machine and date are those of then */
    int late;    /* there was a newer run of its machine */
    size_t samples;
    double planned; /* run_planned(); NaN where it was there before, too */
};

/*
 * Adds a run: text as run_load_text() takes it. When it is there already nothing changes,
 * whatever the origin says. Durable when it returns. problem may be NULL.
 *
 * -ENOKEY   neither context nor origin names a machine; or the name is empty, longer than 200
 *           bytes, or holds control characters
 * -EDOM     neither context nor origin has a date, or it is none
 * -EFBIG    the run is more than RUN_BYTES_MOST, or than the store takes
 * others    those of run_load_text(), with *problem set; problem->what is NULL after all others
 */
int history_add(struct history *history, const char *text, size_t length,
                const struct history_origin *origin, struct history_added *added,
                struct load_problem *problem);

/* Whether that could be added, without a store: the errors of history_add() that are the run's own.
 */
int history_check_run(const char *text, size_t length, const struct history_origin *origin,
                      struct load_problem *problem);

/*
 * The run of that id or beginning of an id (4 digits at least, in lower or upper case).
 *
 * -ENOENT    there is none
 * -ENOTUNIQ  there are several
 * -EINVAL    not hexadecimal digits, or too few or too many
 */
int history_find(struct history *history, const char *id, struct history_runs *run);

struct history_amended {
    char id[HISTORY_ID + 1];
    size_t blessings; /* accepted changes at that run, which are forgotten */
};

/* Takes a run out of the store, also a damaged one. The errors of history_find(). */
int history_forget(struct history *history, const char *id, struct history_amended *amended);

/* Files a run under to->machine, or at to->date, or both. Those of history_find(), and -ENOKEY and
 * -EDOM as history_add(). */
int history_move(struct history *history, const char *id, const struct history_origin *to,
                 struct history_amended *amended);

/* The text of that run, byte by byte as it was added; the caller's, with a NUL behind it. The
 * errors of history_find(), -EUCLEAN when its SHA-256 is not its id. */
int history_export(struct history *history, const char *id, char **text, size_t *length);

/* The runs of a machine (NULL: of all), the newest `newest` of them (0: all). No error when there
 * is none. */
int history_list(struct history *history, const char *machine, size_t newest,
                 struct history_runs *runs);

/* How many runs of its machine are newer. */
int history_count_newer(struct history *history, const struct history_run *run, size_t *newer);

enum history_damage_kind {
    DAMAGE_TEXT,       /* its text is not what was added, or is gone */
    DAMAGE_VALUES,     /* what is kept of its cells is not what its text says */
    DAMAGE_KEPT,       /* what else is kept of runs is not what was kept: history_problem() */
    DAMAGE_LOST_RUN,   /* so many runs are gone, but a part of them is there */
    DAMAGE_LOST_PARTS, /* so many runs lack their machine or their context */
};

struct history_damage {
    enum history_damage_kind kind;
    const char *run;  /* its id; of the first two kinds */
    const char *cell; /* the first one; NULL: only the sums differ */
    size_t count;     /* of the others */
};

struct history_checking {
    void (*tell)(void *data, const struct history_damage *damage);
    void *data;
    size_t runs, damages; /* what was read, and what was told */
};

/* Reads the whole store, and tells what is not what was added. */
int history_verify(struct history *history, struct history_checking *checking);

struct history_machine {
    char *key;
    size_t runs;
    int64_t first_date_s;
    int64_t last_date_s;
};

struct history_machines {
    size_t count;
    struct history_machine *machines; /* by key */
    struct history_runs newest;       /* [machine]: its newest run, with its context */
    int damaged;                      /* something of a machine is not what was added: what,
                                         history_problem() says. A newest run that is damaged has no
                                         context here */
    struct arena arena;               /* internal */
};

int history_machines(struct history *history, struct history_machines *machines);

/* The key that is `wanted`, or the only one that begins so. NULL: *matches keys begin so. */
const char *history_machine_find(const struct history_machines *machines, const char *wanted,
                                 size_t *matches);

void history_machines_free(struct history_machines *machines);

struct history_query {
    const char *machine; /* must be given */
    size_t newest;       /* so many of its newest runs; 0: all */
    /* Is the cell wanted? NULL: all are. */
    int (*wants)(const char *cell, void *data);
    void *data;
};

/* What of a cell in a run is kept beside the text. */
struct history_value {
    double location_ns; /* stats_location() of its samples; NaN: not measured in that run. A cell of
                           which the file keeps aggregates only has its median (or mean) here */
    double pace_ns;     /* stats_pace(), by which runs are compared; NaN likewise */
    uint32_t samples;
    uint32_t errors; /* rows that failed */
};

struct history_cell {
    char *name;
    struct history_value *values; /* [run] */
    int64_t id;                   /* internal, as the hash of its name */
    uint64_t hash;
};

struct history_series {
    struct history_runs runs; /* its arena holds all of the series */
    size_t cell_count;
    struct history_cell *cells; /* those with a row in any of the runs, by name */
};

/* No error when there is no run or no cell. */
int history_read(struct history *history, const struct history_query *query,
                 struct history_series *series);
void history_series_free(struct history_series *series);

struct history_blessing {
    char run[HISTORY_ID + 1]; /* from this run on */
    const char *machine;      /* NULL to history_bless: the run's */
    const char *cell;         /* NULL: all cells */
    const char *reason;
    int64_t time_s; /* when it was said */
    int is_gone;    /* the cell, which this run does not have, was taken away on purpose */
    int64_t date_s; /* when the run was measured; not for history_bless() */
};

struct history_blessings {
    size_t count;
    struct history_blessing *blessings; /* in the order in which they were said */
    struct arena arena;                 /* internal */
};

/*
 * Keeps a blessing: run is an id or the beginning of one.
 *
 * -EINVAL  no reason, or as history_find()
 * -ENOENT, -ENOTUNIQ  as history_find()
 * -ENXIO   the run is not one of that machine
 * -ESRCH   the run has no such cell; of one that is gone: it has it, or nobody knows it
 */
int history_bless(struct history *history, const struct history_blessing *blessing);

/* Those of a machine (NULL: of all). */
int history_blessings(struct history *history, const char *machine,
                      struct history_blessings *blessings);
void history_blessings_free(struct history_blessings *blessings);

/* The id that a run with this text has, in the store or not. */
void run_id_of_text(const char *text, size_t length, char id[HISTORY_ID + 1]);

#endif
