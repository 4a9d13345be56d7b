/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "src/base/number.h"
#include "src/report/option_table.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LESSON "1,8,16,64,128,256,1024,8192,131072,262144,524288,1048576,2097152,5242880,10485760"

enum { HELP_LEFT = 20, NAMES_MAX = 16 };

struct list_item;

/* An option that takes a list with commas. */
struct list_kind {
    struct option_kind kind;
    int (*add)(const struct list_item *item); /* what becomes of an item */
    size_t offset, size;                      /* of the members that a new list empties */
};

struct list_item {
    const char *prefix;
    const struct option_row *row;
    struct options *options;
    char *text;
};

/* An empty part of the list is an item that nobody knows. */
static int take_list(const char *prefix, const struct option_row *row, char *text, void *values)
{
    const struct list_kind *list = (const struct list_kind *)row->kind;
    struct list_item item = {prefix, row, values, NULL};
    int error = 0;

    memset((char *)values + list->offset, 0, list->size);
    while (error == 0 && (item.text = strsep(&text, ",")) != NULL)
        error = list->add(&item);
    return error;
}

static int take_dir(const char *prefix, const struct option_row *row, char *text, void *values)
{
    struct options *options = values;

    if (*text == '\0')
        return option_complain(prefix, "%s=: empty; name a directory", row->name);
    options->dir = text;
    return 0;
}

const char *options_kind_name(int kind)
{
    static const char *const names[BM_KINDS] = {
        [BM_KIND_WRITER] = "write", [BM_KIND_READER] = "read", [BM_KIND_CHANNEL] = "channel"};

    return names[kind];
}

static int add_chunk(const struct list_item *item, uint64_t bytes)
{
    struct options *options = item->options;

    for (size_t i = 0; i < options->chunk_count; i++) {
        if (options->chunks[i] == bytes)
            return 0;
    }
    if (options->chunk_count == OPTIONS_MAX_CHUNKS)
        return option_complain(item->prefix,
                               "%s: more than %d chunk sizes; give fewer, or a range such as "
                               "1K..10M",
                               item->row->name, OPTIONS_MAX_CHUNKS);
    options->chunks[options->chunk_count++] = bytes;
    return 0;
}

/* FIRST..LAST doubles from the first on and ends with the last. */
static int add_range(const struct list_item *item, char *dots)
{
    const char *prefix = item->prefix, *name = item->row->name;
    uint64_t first, last;
    int error = 0;

    *dots = '\0';
    if (number_parse_bytes(item->text, &first) != 0 || number_parse_bytes(dots + 2, &last) != 0 ||
        first == 0 || last == 0)
        return option_complain(prefix, "%s=%s..%s: not two sizes, such as 1K..10M", name,
                               item->text, dots + 2);
    if (first > last)
        return option_complain(prefix,
                               "%s=%s..%s: the range runs backwards; give the smaller size first",
                               name, item->text, dots + 2);
    for (uint64_t bytes = first; error == 0 && bytes < last; bytes *= 2)
        error = add_chunk(item, bytes);
    return error != 0 ? error : add_chunk(item, last);
}

static int add_chunks(const struct list_item *item)
{
    char *dots = strstr(item->text, "..");
    uint64_t bytes;
    int error;

    if (dots != NULL)
        return add_range(item, dots);
    error = option_take_size(item->prefix, item->row, item->text, &bytes);
    return error != 0 ? error : add_chunk(item, bytes);
}

/* The list, or the name of one. */
static int take_chunks(const char *prefix, const struct option_row *row, char *text, void *values)
{
    char lesson[] = LESSON;

    return take_list(prefix, row, strcmp(text, "lesson") == 0 ? lesson : text, values);
}

static const char *state_name(int i) { return bm_file_state_name((enum bm_file_state)i); }
static const char *talk_name(int i) { return bm_mode_name((enum bm_mode)i); }
static const char *mode_name(int i) { return bm_sync_mode_name((enum bm_sync_mode)i); }
static const char *order_name(int i) { return bm_order_name((enum bm_order)i); }

/* Marks the value with this name, or all of them; value number `none` cannot be asked for. */
static int mark(const struct list_item *item, bool *marks, const char *(*name)(int), int count,
                int none)
{
    const char *names[NAMES_MAX] = {NULL};
    size_t used = 0;
    bool all = strcmp(item->text, "all") == 0, found = all;

    for (int i = 0; i < count; i++) {
        if (i == none)
            continue;
        if (all || strcmp(item->text, name(i)) == 0)
            found = marks[i] = true;
        names[used++] = name(i);
    }
    names[used] = "all";
    return found ? 0 : option_complain_of_name(item->prefix, item->row->name, item->text, names);
}

static int add_kind(const struct list_item *item)
{
    return mark(item, item->options->kinds, options_kind_name, BM_KINDS, -1);
}

static int add_state(const struct list_item *item)
{
    item->options->all_states |= strcmp(item->text, "all") == 0;
    return mark(item, item->options->states, state_name, BM_FILE_STATES, BM_FILE_STATE_NONE);
}

static int add_talk(const struct list_item *item)
{
    return mark(item, item->options->talks, talk_name, BM_MODES, -1);
}

/* One for both ends of a channel, or one for each. */
static int add_cpu(const struct list_item *item)
{
    struct options *options = item->options;
    cpu_set_t allowed;
    char *end;
    long cpu = strtol(item->text, &end, 10);

    CPU_ZERO(&allowed);
    (void)sched_getaffinity(0, sizeof allowed, &allowed);
    if (options->cpu_count == 2)
        return option_complain(item->prefix,
                               "%s: more than two processors: the first is the "
                               "sender's, the second the receiver's",
                               item->row->name);
    if (end == item->text || *end != '\0' || cpu < 0 || cpu >= CPU_SETSIZE ||
        !CPU_ISSET((size_t)cpu, &allowed))
        return option_complain(item->prefix, "%s=%s: not a processor that this program may use",
                               item->row->name, item->text);
    options->cpus[options->cpu_count++] = (int)cpu;
    options->cpus[1] = (int)cpu;
    return 0;
}

static int add_mode(const struct list_item *item)
{
    return mark(item, item->options->modes, mode_name, BM_SYNC_MODES, -1);
}

static int add_order(const struct list_item *item)
{
    return mark(item, item->options->orders, order_name, BM_ORDERS, -1);
}

static int add_thread_count(const struct list_item *item)
{
    struct options *options = item->options;
    char *end;
    long threads = strtol(item->text, &end, 10);

    if (end == item->text || *end != '\0' || threads < 1 || threads > OPTIONS_MAX_THREADS)
        return option_complain(item->prefix, "%s=%s: not a number of threads from 1 to %d",
                               item->row->name, item->text, OPTIONS_MAX_THREADS);
    for (size_t i = 0; i < options->thread_count; i++) {
        if (options->threads[i] == threads)
            return 0;
    }
    if (options->thread_count == OPTIONS_MAX_THREAD_COUNTS)
        return option_complain(item->prefix, "%s: more than %d numbers of threads", item->row->name,
                               OPTIONS_MAX_THREAD_COUNTS);
    options->threads[options->thread_count++] = (int)threads;
    return 0;
}

int options_most_threads(const struct options *options)
{
    int most = 1;

    for (size_t i = 0; i < options->thread_count; i++)
        most = options->threads[i] > most ? options->threads[i] : most;
    return most;
}

unsigned options_files(const struct options *options)
{
    unsigned files = options->kinds[BM_KIND_WRITER];

    for (int i = 0; i < BM_FILE_STATES; i++)
        files += options->states[i] && options->kinds[BM_KIND_READER] &&
                 bm_file_state_suits((enum bm_file_state)i, BM_KIND_READER);
    return (files > 0 ? files : 1) * (unsigned)options_most_threads(options);
}

static void print_choice(const char *name, const char *summary)
{
    char lead[32];

    snprintf(lead, sizeof lead, "    %s", name);
    option_help_fold(stdout, lead, HELP_LEFT + 3, summary);
}

/* What a kind's files are before a sample where --file names no state for it. */
static const enum bm_file_state normal_states[BM_KINDS] = {
    [BM_KIND_WRITER] = BM_FILE_STATE_NEW,
    [BM_KIND_READER] = BM_FILE_STATE_CACHED,
    [BM_KIND_CHANNEL] = BM_FILE_STATE_NONE,
};

bool options_share_processor(const struct options *options)
{
    cpu_set_t allowed;

    CPU_ZERO(&allowed);
    (void)sched_getaffinity(0, sizeof allowed, &allowed);
    return options->kinds[BM_KIND_CHANNEL] &&
           (options->cpu_count > 0 ? options->cpus[0] == options->cpus[1]
                                   : CPU_COUNT(&allowed) == 1);
}

static void print_states(void)
{
    for (int i = 0; i < BM_FILE_STATES; i++) {
        enum bm_file_state state = (enum bm_file_state)i;
        bool written = bm_file_state_suits(state, BM_KIND_WRITER),
             read = bm_file_state_suits(state, BM_KIND_READER);
        char summary[200];
        snprintf(summary, sizeof summary, "%s%s%s",
                 !read      ? "written: "
                 : !written ? "read: "
                            : "",
                 bm_file_state_summary(state),
                 state == normal_states[BM_KIND_WRITER] || state == normal_states[BM_KIND_READER]
                     ? " [normally]"
                     : "");
        if (written || read)
            print_choice(state_name(i), summary);
    }
}

static void print_modes(void)
{
    for (int i = 0; i < BM_SYNC_MODES; i++)
        print_choice(mode_name(i), bm_sync_mode_summary((enum bm_sync_mode)i));
}

static void print_orders(void)
{
    for (int i = 0; i < BM_ORDERS; i++)
        print_choice(order_name(i), bm_order_summary((enum bm_order)i));
}

static void print_talks(void)
{
    for (int i = 0; i < BM_MODES; i++)
        print_choice(talk_name(i), bm_mode_summary((enum bm_mode)i));
}

static const char *const verify_words[] = {"first", "all", "none", NULL};
static const char *const when_words[] = {"auto", "always", "never", NULL};

#define MEMBER(name) offsetof(struct options, name)
#define EMPTIES(name) MEMBER(name), sizeof((struct options *)NULL)->name
static const struct list_kind
    chunks = {{.take = take_chunks, .normally = "1K..10M"}, add_chunks, EMPTIES(chunk_count)},
    kinds = {{.take = take_list, .normally = "write"}, add_kind, EMPTIES(kinds)},
    states = {{.take = take_list, .print_more = print_states}, add_state, EMPTIES(states)},
    modes = {{.take = take_list, .normally = "none", .print_more = print_modes},
             add_mode,
             EMPTIES(modes)},
    orders = {{.take = take_list, .normally = "sequential", .print_more = print_orders},
              add_order,
              EMPTIES(orders)},
    talks = {{.take = take_list, .normally = "stream", .print_more = print_talks},
             add_talk,
             EMPTIES(talks)},
    cpus = {{.take = take_list}, add_cpu, EMPTIES(cpu_count)},
    threads = {{.take = take_list}, add_thread_count, EMPTIES(thread_count)};
static const struct option_kind dir = {.take = take_dir},
                                file_size = {.take = option_take_size, .normally = "10M"},
                                verify = {.take = option_take_word,
                                          .normally = "first",
                                          .words = verify_words},
                                when = {.take = option_take_word,
                                        .normally = "auto",
                                        .words = when_words};

static const struct option_row rows[] = {
    {"--dir", "DIR", &dir, 0,
     "where the files are written: in a private directory there, removed at the end [.]"},
    {"--file_size", "BYTES", &file_size, MEMBER(file_size_bytes),
     "size of the file: bytes, or with K, M, G"},
    {"--chunks", "LIST", &chunks.kind, 0,
     "chunk sizes: 4K,64K,1M; FIRST..LAST doubles; lesson: the textbook exercise's, 1 to 10M"},
    {"--kind", "LIST", &kinds.kind, 0,
     "what is measured: write, read, channel (from process to process), or all"},
    {"--file", "LIST", &states.kind, 0, "file states before a sample, or all:"},
    {"--sync", "LIST", &modes.kind, 0, "how durable the file must be after, or all:"},
    {"--order", "LIST", &orders.kind, 0, "in which order the chunks are visited, or all:"},
    {"--mode", "LIST", &talks.kind, 0, "what the two processes of a channel do, or all:"},
    {"--cpu", "LIST", &cpus.kind, 0,
     "processors of a channel's sender and receiver, 0,1, or one for both"},
    {"--threads", "LIST", &threads.kind, 0,
     "so many threads at once, each with a file of its own: 1,2,4"},
    {"--verify", "WHEN", &verify, MEMBER(verify),
     "compare the file with what should be in it: first (each cell's warm-up), all, none"},
    {"--progress", "WHEN", &when, MEMBER(progress),
     "progress line on stderr: auto (when it is a terminal), always, never"},
    {"--summary", "WHEN", &when, MEMBER(summary),
     "the answer: auto (not with --benchmark_format), always, never"},
    {"--rows", NULL, OPTION_FLAG, MEMBER(rows), "a row a cell behind the answer"},
    {"--all", NULL, OPTION_FLAG, MEMBER(all),
     "all kernels; normally the headline ones, or what --benchmark_filter selects"},
    {"--writers", NULL, OPTION_FLAG, MEMBER(list_writers),
     "list the kernels of --kind, what each does, and whether it can run in --dir"},
    {"--quiz", NULL, OPTION_FLAG, MEMBER(quiz),
     "true or false here: what mappings do to read(), and to another process; each is tried"},
    {"--version", NULL, OPTION_FLAG, MEMBER(version), "print the version"},
    {"--help", NULL, OPTION_FLAG, MEMBER(help), "print this"},
};

const char *options_meant(const char *argument, char text[OPTION_MEANT])
{
    static const char *const of_framework[] = {"--benchmark_filter",     "--benchmark_repetitions",
                                               "--benchmark_out",        "--benchmark_format",
                                               "--benchmark_list_tests", "--benchmark_out_format",
                                               "--benchmark_context"};
    const struct option_table table = {"bench_mmap", rows, sizeof rows / sizeof rows[0]};
    char name[OPTION_MEANT];
    struct nearest nearest;

    snprintf(name, sizeof name, "%.*s", (int)strcspn(argument, "=:"), argument);
    nearest_begin(&nearest, name);
    option_table_try(&table, &nearest);
    for (size_t i = 0; i < sizeof of_framework / sizeof of_framework[0]; i++)
        nearest_try(&nearest, of_framework[i]);
    return option_meant(&nearest, text);
}

void options_print_help(void)
{
    const struct option_table table = {"bench_mmap", rows, sizeof rows / sizeof rows[0]};

    puts(
        "usage: bench_mmap [FLAG=VALUE ...]\n\n"
        "Measures how fast this machine writes or reads a file in every practical way.\n");
    option_table_print(&table, HELP_LEFT);
}

/* What goes with --kind. Of --file=all, the states of other kinds than those of --kind are left
 * out; by name they are refused. */
static int fit_to_kinds(struct options *options)
{
    bool suited[BM_KINDS] = {false};

    for (int i = 0; i < BM_FILE_STATES; i++) {
        bool suits = false;
        for (int kind = 0; options->states[i] && kind < BM_KINDS; kind++) {
            bool both = options->kinds[kind] &&
                        bm_file_state_suits((enum bm_file_state)i, (enum bm_kind)kind);
            suited[kind] |= both;
            suits |= both;
        }
        if (options->states[i] && !suits && !options->all_states)
            return option_complain(program_invocation_short_name,
                                   "--file=%s: not a state for what --kind asks for; --help lists "
                                   "which states are written and which are read",
                                   state_name(i));
        options->states[i] = suits;
    }
    for (int i = 0; i < BM_SYNC_MODES; i++)
        if (options->modes[i] && i != BM_SYNC_MODE_NONE && !options->kinds[BM_KIND_WRITER])
            return option_complain(program_invocation_short_name,
                                   "--sync=%s: only what is written can be made durable; leave it "
                                   "out, or ask for --kind=write",
                                   mode_name(i));
    if (options->orders[BM_ORDER_RANDOM] && !options->kinds[BM_KIND_WRITER] &&
        !options->kinds[BM_KIND_READER])
        return option_complain(program_invocation_short_name,
                               "--order=%s: only in a file can chunks be visited so; leave it out, "
                               "or ask for --kind=write or read",
                               order_name(BM_ORDER_RANDOM));
    if (!options->kinds[BM_KIND_CHANNEL] &&
        (options->cpu_count > 0 || options->talks[BM_MODE_ROUNDTRIP]))
        return option_complain(program_invocation_short_name,
                               "%s: of channels only; leave it out, or ask for --kind=channel",
                               options->cpu_count > 0 ? "--cpu" : "--mode");
    for (int kind = 0; kind < BM_KINDS; kind++)
        if (options->kinds[kind] && !suited[kind])
            options->states[normal_states[kind]] = true;
    return 0;
}

int options_parse(struct options *options, int *argc, char **argv)
{
    const struct option_table table = {program_invocation_short_name, rows,
                                       sizeof rows / sizeof rows[0]};
    int kept = 1, error;

    *options = (struct options){.dir = "."};
    error = option_table_begin(&table, options);
    for (int i = 1; error == 0 && i < *argc; i++) {
        int taken = option_table_take(&table, *argc, argv, &i, options);
        if (taken < 0)
            error = taken;
        else if (taken == 0 && strcmp(argv[i], "-h") == 0)
            options->help = 1;
        else if (taken == 0)
            argv[kept++] = argv[i];
    }
    if (error != 0)
        return error;
    *argc = kept;
    argv[kept] = NULL;
    return fit_to_kinds(options);
}
