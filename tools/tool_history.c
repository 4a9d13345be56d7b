/* SPDX-License-Identifier: Apache-2.0 */
#include "tool_history.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* What happened, and what to do; between them stands what the back end says. */
static const struct {
    int error;
    const char *what;
    const char *advice;
} sentences[] = {
    {-ENOENT, "there is no store", "bench_results add makes one, --db names another"},
    {-ENOTDIR, "there is no directory to make the store in", "make one, or give --db another path"},
    {-EPROTO, "this is no store of runs", "nothing was changed; --db names another"},
    {-ENOTSUP, "the store was made by a newer version of this program",
     "nothing was changed; use that version"},
    {-ESTALE, "the store was made by an older version of this program",
     "bench_results add brings it up to date"},
    {-EPROTONOSUPPORT, "this program was built without PostgreSQL",
     "build it with libpq-dev, or give --db a file"},
    {-EINVAL, "this names no store", "give --db a file, or postgresql://USER@HOST/NAME"},
    {-EROFS, "the store may not be written", "nothing was changed; look at its permissions"},
    {-EACCES, "access is refused", "look at the permissions"},
    {-EBUSY, "others keep the store locked", "nothing was changed; try again"},
    {-ENOSPC, "there is no space left", "nothing was changed; make room and try again"},
    {-EUCLEAN, "the store is damaged",
     "make a copy first; bench_results verify lists what is damaged, and forget takes such a run "
     "out; a backup, or .recover of sqlite3, may help"},
    {-ECONNREFUSED, "the server cannot be used", "see that it runs and knows this user"},
    {-ECONNRESET, "the server went away",
     "what was under way is stored wholly or not at all: do it again, twice does no harm"},
    {-EFBIG, "that is more than a store takes", "nothing was changed"},
    {-ENOMEM, "memory is short", "nothing was changed"},
    {-EIO, "the store cannot be used", "nothing was changed"},
};

int tool_complain_history(const struct tool_command *command, const struct history *history,
                          int error)
{
    const char *name = history != NULL ? history_name(history) : "the store";
    const char *problem = history != NULL ? history_problem(history) : "";
    size_t i = 0, last = sizeof sentences / sizeof sentences[0] - 1;

    while (i < last && sentences[i].error != error)
        i++;
    if (sentences[i].error != error && *problem == '\0')
        problem = strerror(-error);
    int is_server = strncmp(name, "postgres", 8) == 0 && strstr(name, "://") != NULL;
    return tool_complain(command, "%s: %s%s%s%s; %s.", name, sentences[i].what,
                         *problem != '\0' ? " (" : "", problem, *problem != '\0' ? ")" : "",
                         is_server && error == -EUCLEAN
                             ? "bench_results verify lists what is damaged, and forget takes such "
                               "a run out; a backup of the database may help"
                             : sentences[i].advice);
}

struct history *tool_open_history(const struct tool_command *command, const char *url,
                                  enum history_mode mode)
{
    struct history *history;
    int error = history_open(url != NULL ? url : HISTORY_DEFAULT, mode, &history);

    if (error == 0)
        return history;
    tool_complain_history(command, history, error);
    history_close(history);
    return NULL;
}

int tool_complain_machine(const struct tool_command *command, struct history *history,
                          const char *wanted)
{
    enum { SHOWN = 8, KEY_MAX = 200 };
    const char *store = history_name(history);
    struct history_machines machines;
    char keys[(SHOWN + 1) * (KEY_MAX + 2)] = "", *end = keys;
    size_t matches;
    int error = history_machines(history, &machines);

    if (error != 0)
        return tool_complain_history(command, history, error);
    (void)history_machine_find(&machines, wanted, &matches);
    for (size_t i = 0; i < machines.count && i < SHOWN; i++)
        end += sprintf(end, "%s%.*s", i > 0 ? ", " : "", KEY_MAX, machines.machines[i].key);
    if (machines.count > SHOWN)
        sprintf(end, " and %zu more", machines.count - SHOWN);
    if (machines.count == 0)
        tool_complain(command, "%s: there is no run in the store; bench_results add adds them.",
                      store);
    else if (matches == 0)
        tool_complain(command, "%s: there is no machine %s; there are: %s.", store, wanted, keys);
    else
        tool_complain(command, "%s: %zu machines begin with %s; give more of the key.", store,
                      matches, wanted);
    history_machines_free(&machines);
    return TOOL_ERROR;
}

int tool_complain_id(const struct tool_command *command, const struct history *history,
                     const char *id, int error)
{
    const char *store = history_name(history);

    if (error == -EINVAL)
        return tool_complain(command,
                             "'%s' is no run; give 4 to %d hexadecimal digits, as "
                             "bench_results add prints them.",
                             id, HISTORY_ID);
    if (error == -ENOENT)
        return tool_complain(command, "%s: there is no run %s.", store, id);
    if (error == -ENOTUNIQ)
        return tool_complain(command, "%s: several runs begin with %s; give more digits.", store,
                             id);
    return tool_complain_history(command, history, error);
}

const char *tool_identify(const struct tool_command *command, const char *word,
                          char id[HISTORY_ID + 1])
{
    char *text;
    size_t length;

    if (strcmp(word, "-") != 0 && access(word, F_OK) != 0)
        return word;
    int error = load_bytes(word, RUN_BYTES_MOST, &text, &length);
    if (error == 0)
        run_id_of_text(text, length, id);
    else
        tool_complain(command, "%s cannot be read: %s.", word, strerror(-error));
    free(text);
    return error == 0 ? id : NULL;
}

int tool_complain_origin(const struct tool_command *command, const char *machine, const char *date,
                         int error)
{
    return error == -ENOKEY
               ? tool_complain(command,
                               "'%s' cannot name a machine; give up to 200 bytes of UTF-8 without "
                               "control characters.",
                               machine)
               : tool_complain(
                     command, "'%s' is no date; give one such as 2026-11-23T02:39:49+00:00.", date);
}

int tool_amend(const struct tool_command *command, const struct tool_words *words,
               const struct tool_values *values,
               int (*amend)(const struct tool_command *command, struct history *history,
                            const char *word, const void *values))
{
    struct history *history = tool_open_history(command, values->db, HISTORY_WRITE);
    int status = history != NULL ? TOOL_OK : TOOL_ERROR;

    for (size_t i = 0; status == TOOL_OK && i < words->count; i++)
        status = amend(command, history, words->items[i], values);
    history_close(history);
    return status;
}

int tool_tell_blessings(const struct history_amended *amended)
{
    if (amended->blessings > 0)
        printf("  %zu accepted change%s at it %s forgotten, too\n", amended->blessings,
               amended->blessings == 1 ? "" : "s", amended->blessings == 1 ? "is" : "are");
    return TOOL_OK;
}

static int complain(const struct tool_command *command, struct history *history,
                    const struct run_window_query *query, const char *word, const char *machine,
                    int error)
{
    const char *store = history_name(history);
    int is_file = query->until != NULL && word != query->until;

    if (error == -ENODATA || error == -ESRCH || error == -EMLINK)
        return tool_complain_machine(command, history, query->machine);
    if (error == -EXDEV) {
        tool_complain(command, "%s is a run of machine %s, not of %s.", word, machine,
                      query->machine);
        return TOOL_UNSURE;
    }
    if (error == -ENOENT && is_file)
        return tool_complain(
            command, "%s: the run %s is not in the store; bench_results add adds it.", store, word);
    if (error == -EINVAL && query->until != NULL && strcspn(word, "./") != strlen(word))
        return tool_complain(command, "%s cannot be read: %s.", word, strerror(ENOENT));
    return tool_complain_id(command, history, word, error);
}

int tool_read_window(const struct tool_command *command, const char *url,
                     const struct run_window_query *query, const char *word,
                     struct run_window *window)
{
    struct history *history = tool_open_history(command, url, HISTORY_READ);
    int status = TOOL_OK;

    if (history == NULL)
        return TOOL_ERROR;
    int error = run_window_read(history, query, window);
    if (error != 0) {
        status = complain(command, history, query, word, window->machine, error);
        run_window_free(window);
    }
    history_close(history);
    return status;
}
