/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "message.h"
#include "src/base/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LESSON "1,8,16,64,128,256,1024,8192,131072,262144,524288,1048576,2097152,5242880,10485760"

static int complain(const char *flag, const char *value, const char *what)
{
    message("--%s=%s: %s", flag, value, what);
    return -EINVAL;
}

static int parse_bytes(const char *flag, const char *value, uint64_t *bytes)
{
    int error = number_parse_bytes(value, bytes);

    if (error == -ERANGE)
        return complain(flag, value, "too large; at most 8388607T");
    if (error != 0 || *bytes == 0)
        return complain(flag, value, "not a size; give bytes, or 4K, 10M, 1G, at least 1");
    return 0;
}

static int parse_dir(struct options *options, const char *flag, const char *value)
{
    if (*value == '\0')
        return complain(flag, value, "empty; name a directory");
    options->dir = value;
    return 0;
}

static int parse_file_size(struct options *options, const char *flag, const char *value)
{
    return parse_bytes(flag, value, &options->file_size_bytes);
}

static int add_chunk(struct options *options, const char *flag, uint64_t bytes)
{
    for (size_t i = 0; i < options->chunk_count; i++) {
        if (options->chunks[i] == bytes)
            return 0;
    }
    if (options->chunk_count == OPTIONS_MAX_CHUNKS) {
        message("--%s: more than %d chunk sizes; give fewer, or a range such as 1K..10M", flag,
                OPTIONS_MAX_CHUNKS);
        return -EINVAL;
    }
    options->chunks[options->chunk_count++] = bytes;
    return 0;
}

/* FIRST..LAST doubles from the first on and ends with the last. */
static int add_range(struct options *options, const char *flag, char *item, char *dots)
{
    uint64_t first, last;
    int error;

    *dots = '\0';
    error = parse_bytes(flag, item, &first);
    if (error == 0)
        error = parse_bytes(flag, dots + 2, &last);
    if (error != 0)
        return error;
    if (first > last) {
        message("--%s=%s..%s: the range runs backwards; give the smaller size first", flag, item,
                dots + 2);
        return -EINVAL;
    }
    for (uint64_t bytes = first; error == 0 && bytes < last; bytes *= 2)
        error = add_chunk(options, flag, bytes);
    return error != 0 ? error : add_chunk(options, flag, last);
}

static int add_chunk_item(struct options *options, const char *flag, char *item)
{
    char *dots = strstr(item, "..");
    uint64_t bytes;
    int error;

    if (dots != NULL)
        return add_range(options, flag, item, dots);
    error = parse_bytes(flag, item, &bytes);
    return error != 0 ? error : add_chunk(options, flag, bytes);
}

/* Calls `item` for each part of a list with commas. An empty part is an item that nobody knows. */
static int for_each_item(struct options *options, const char *flag, const char *value,
                         int (*item)(struct options *options, const char *flag, char *item))
{
    char *copy = strdup(value), *rest = copy, *part;
    int error = copy == NULL ? -ENOMEM : 0;

    while (error == 0 && (part = strsep(&rest, ",")) != NULL)
        error = item(options, flag, part);
    free(copy);
    return error;
}

static int parse_chunks(struct options *options, const char *flag, const char *value)
{
    options->chunk_count = 0;
    if (strcmp(value, "lesson") == 0)
        value = LESSON;
    return for_each_item(options, flag, value, add_chunk_item);
}

static int complain_of_name(const char *flag, const char *value, const char *const *names,
                            size_t count)
{
    char list[256] = "";
    size_t used = 0;

    for (size_t i = 0; i < count && used < sizeof list; i++) {
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    message("--%s=%s: not known; one of %s", flag, value, list);
    return -EINVAL;
}

static int add_state(struct options *options, const char *flag, char *item)
{
    const char *names[BM_FILE_STATES];
    size_t count = 0;
    enum bm_file_state state;
    bool all = strcmp(item, "all") == 0;

    if (!all && bm_file_state_find(item, &state) == 0) {
        options->states[state] = true;
        return 0;
    }
    for (int i = 0; i < BM_FILE_STATES; i++) {
        if (i == BM_FILE_STATE_NONE)
            continue;
        options->states[i] |= all;
        names[count++] = bm_file_state_name((enum bm_file_state)i);
    }
    names[count++] = "all";
    return all ? 0 : complain_of_name(flag, item, names, count);
}

static int parse_states(struct options *options, const char *flag, const char *value)
{
    memset(options->states, 0, sizeof options->states);
    return for_each_item(options, flag, value, add_state);
}

static int add_mode(struct options *options, const char *flag, char *item)
{
    const char *names[BM_SYNC_MODES + 1];
    size_t count = 0;
    enum bm_sync_mode mode;
    bool all = strcmp(item, "all") == 0;

    if (!all && bm_sync_mode_find(item, &mode) == 0) {
        options->modes[mode] = true;
        return 0;
    }
    for (int i = 0; i < BM_SYNC_MODES; i++) {
        options->modes[i] |= all;
        names[count++] = bm_sync_mode_name((enum bm_sync_mode)i);
    }
    names[count++] = "all";
    return all ? 0 : complain_of_name(flag, item, names, count);
}

static int parse_modes(struct options *options, const char *flag, const char *value)
{
    memset(options->modes, 0, sizeof options->modes);
    return for_each_item(options, flag, value, add_mode);
}

static int add_thread_count(struct options *options, const char *flag, char *item)
{
    char *end;
    long threads = strtol(item, &end, 10);

    if (end == item || *end != '\0' || threads < 1 || threads > OPTIONS_MAX_THREADS) {
        message("--%s=%s: not a number of threads from 1 to %d", flag, item, OPTIONS_MAX_THREADS);
        return -EINVAL;
    }
    for (size_t i = 0; i < options->thread_count; i++) {
        if (options->threads[i] == threads)
            return 0;
    }
    if (options->thread_count == OPTIONS_MAX_THREAD_COUNTS) {
        message("--%s: more than %d numbers of threads", flag, OPTIONS_MAX_THREAD_COUNTS);
        return -EINVAL;
    }
    options->threads[options->thread_count++] = (int)threads;
    return 0;
}

static int parse_threads(struct options *options, const char *flag, const char *value)
{
    options->thread_count = 0;
    return for_each_item(options, flag, value, add_thread_count);
}

int options_most_threads(const struct options *options)
{
    int most = 1;

    for (size_t i = 0; i < options->thread_count; i++)
        most = options->threads[i] > most ? options->threads[i] : most;
    return most;
}

/* The place of `value` among the words; -EINVAL when it is none of them. */
static int parse_word(const char *flag, const char *value, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], value) == 0)
            return (int)i;
    }
    return complain_of_name(flag, value, names, count);
}

static int parse_verify(struct options *options, const char *flag, const char *value)
{
    static const char *const names[] = {"first", "all", "none"};
    int index = parse_word(flag, value, names, 3);

    if (index >= 0)
        options->verify = (enum verify)index;
    return index < 0 ? index : 0;
}

static int parse_when(enum when *when, const char *flag, const char *value)
{
    static const char *const names[] = {"auto", "always", "never"};
    int index = parse_word(flag, value, names, 3);

    if (index >= 0)
        *when = (enum when)index;
    return index < 0 ? index : 0;
}

static int parse_progress(struct options *options, const char *flag, const char *value)
{
    return parse_when(&options->progress, flag, value);
}

static int parse_summary(struct options *options, const char *flag, const char *value)
{
    return parse_when(&options->summary, flag, value);
}

static int set_writers(struct options *options, const char *flag, const char *value)
{
    (void)flag, (void)value;
    options->list_writers = true;
    return 0;
}

static int set_version(struct options *options, const char *flag, const char *value)
{
    (void)flag, (void)value;
    options->version = true;
    return 0;
}

static int set_help(struct options *options, const char *flag, const char *value)
{
    (void)flag, (void)value;
    options->help = true;
    return 0;
}

static const struct flag {
    const char *name;
    const char *argument; /* NULL: the flag takes none */
    const char *normally; /* the value without the flag; NULL: none */
    int (*parse)(struct options *options, const char *flag, const char *value);
    const char *help;
} flags[] = {
    {"dir", "DIR", ".", parse_dir,
     "where the files are written: in a private directory there, removed at the end"},
    {"file_size", "BYTES", "10M", parse_file_size, "size of the file: bytes, or with K, M, G"},
    {"chunks", "LIST", "1K..10M", parse_chunks,
     "chunk sizes: 4K,64K,1M; FIRST..LAST doubles; lesson: the textbook exercise's, 1 to 10M"},
    {"file", "LIST", "new", parse_states, "file states before a sample, or all:"},
    {"sync", "LIST", "none", parse_modes, "how durable the file must be after, or all:"},
    {"threads", "LIST", NULL, parse_threads,
     "so many threads at once, each with a file of its own: 1,2,4"},
    {"verify", "WHEN", "first", parse_verify,
     "compare the file with what should be in it: first (each cell's warm-up), all, none"},
    {"progress", "WHEN", "auto", parse_progress,
     "progress line on stderr: auto (when it is a terminal), always, never"},
    {"summary", "WHEN", "auto", parse_summary,
     "table, crossovers and verdict behind the rows: auto (not with --benchmark_format)"},
    {"writers", NULL, NULL, set_writers,
     "list the writers, what each does, and whether it can run in --dir"},
    {"version", NULL, NULL, set_version, "print the version"},
    {"help", NULL, NULL, set_help, "print this"},
};

#define FLAG_COUNT (sizeof flags / sizeof flags[0])

void options_print_help(void)
{
    puts(
        "usage: bench_mmap [FLAG=VALUE ...]\n\n"
        "Measures how fast this machine writes a file in every practical way.\n");
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", flags[i].name, flags[i].argument != NULL ? "=" : "",
                 flags[i].argument != NULL ? flags[i].argument : "");
        printf("  %-20s %s", left, flags[i].help);
        if (flags[i].normally != NULL)
            printf(" [%s]", flags[i].normally);
        putchar('\n');
        for (int k = 0; flags[i].parse == parse_states && k < BM_FILE_STATES; k++) {
            if (k != BM_FILE_STATE_NONE)
                printf("  %-20s   %-12s %s\n", "", bm_file_state_name((enum bm_file_state)k),
                       bm_file_state_summary((enum bm_file_state)k));
        }
        for (int k = 0; flags[i].parse == parse_modes && k < BM_SYNC_MODES; k++)
            printf("  %-20s   %-12s %s\n", "", bm_sync_mode_name((enum bm_sync_mode)k),
                   bm_sync_mode_summary((enum bm_sync_mode)k));
    }
}

/* The flag that `argument` names, with what stands behind "--name" in *rest. */
static const struct flag *find_flag(const char *argument, const char **rest)
{
    if (strcmp(argument, "-h") == 0)
        argument = "--help";
    if (strncmp(argument, "--", 2) != 0)
        return NULL;
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        size_t length = strlen(flags[i].name);
        if (strncmp(argument + 2, flags[i].name, length) == 0) {
            *rest = argument + 2 + length;
            if (**rest == '\0' || **rest == '=')
                return &flags[i];
        }
    }
    return NULL;
}

/* Uses argv[*index], and the argument behind it where that is the value. */
static int parse_flag(struct options *options, const struct flag *flag, const char *rest, int argc,
                      char **argv, int *index)
{
    if (flag->argument == NULL) {
        if (*rest == '=')
            return complain(flag->name, rest + 1, "the flag takes no value");
        return flag->parse(options, flag->name, NULL);
    }
    if (*rest == '=')
        return flag->parse(options, flag->name, rest + 1);
    if (*index + 1 >= argc) {
        message("--%s: the value is missing; write --%s=%s", flag->name, flag->name,
                flag->argument);
        return -EINVAL;
    }
    return flag->parse(options, flag->name, argv[++*index]);
}

int options_parse(struct options *options, int *argc, char **argv)
{
    int kept = 1;

    memset(options, 0, sizeof *options);
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        if (flags[i].normally != NULL)
            flags[i].parse(options, flags[i].name, flags[i].normally);
    }
    for (int i = 1; i < *argc; i++) {
        const char *rest = NULL;
        const struct flag *flag = find_flag(argv[i], &rest);
        int error = 0;
        if (flag == NULL)
            argv[kept++] = argv[i];
        else
            error = parse_flag(options, flag, rest, *argc, argv, &i);
        if (error != 0)
            return error;
    }
    *argc = kept;
    argv[kept] = NULL;
    return 0;
}
