/* SPDX-License-Identifier: Apache-2.0 */
#include "option_lists.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All three kinds are to take no longer than a minute. */
enum { HELP_LEFT = 20, STEP_OF_SEVERAL = 4 };

static int take_dir(const char *prefix, const struct option_row *row, char *text, void *values)
{
    struct options *options = values;

    if (*text == '\0')
        return option_complain(prefix, "%s=: empty; name a directory", row->name);
    options->dir = text;
    return 0;
}

int options_kinds(const struct options *options)
{
    int kinds = 0;

    for (int kind = 0; kind < BM_KINDS; kind++)
        kinds += options->kinds[kind];
    return kinds;
}

int options_kind_of(const struct options *options, const struct bm_kernel *kernel)
{
    bool of_any = bm_kernel_is_control(kernel) && !bm_kernel_moves_bytes(kernel);
    int kind = 0;

    while (kind < BM_KINDS &&
           !(options->kinds[kind] && (of_any || kind == (int)bm_kernel_kind(kernel))))
        kind++;
    return kind < BM_KINDS ? kind : -1;
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

bool options_share_processor(const struct options *options)
{
    cpu_set_t allowed;

    CPU_ZERO(&allowed);
    (void)sched_getaffinity(0, sizeof allowed, &allowed);
    return options->kinds[BM_KIND_CHANNEL] &&
           (options->cpu_count > 0 ? options->cpus[0] == options->cpus[1]
                                   : CPU_COUNT(&allowed) == 1);
}

static const char *const verify_words[] = {"first", "all", "none", NULL};
static const char *const when_words[] = {"auto", "always", "never", NULL};

#define MEMBER(name) offsetof(struct options, name)
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
    {"--chunks", "LIST", &list_chunks.kind, 0,
     "chunk sizes: 4K,64K,1M; FIRST..LAST doubles; lesson: the textbook exercise's, 1 to 10M "
     "[1K..10M; of several kinds in steps of four: 1K,4K,16K,...,10M]"},
    {"--kind", "LIST", &list_kinds.kind, 0,
     "what is measured: write, read, channel (from process to process), or all"},
    {"--file", "LIST", &list_states.kind, 0, "file states before a sample, or all:"},
    {"--sync", "LIST", &list_modes.kind, 0, "how durable the file must be after, or all:"},
    {"--order", "LIST", &list_orders.kind, 0, "in which order the chunks are visited, or all:"},
    {"--mode", "LIST", &list_talks.kind, 0, "what the two processes of a channel do, or all:"},
    {"--cpu", "LIST", &list_cpus.kind, 0,
     "processors of a channel's sender and receiver, 0,1, or one for both"},
    {"--latency", "LIST", &list_latencies.kind, 0,
     "the latency of single chunks: none, each (a clock between the chunks, in cells of their "
     "own), or all"},
    {"--depth", "LIST", &list_depths.kind, 0,
     "of io_uring: so many chunks under way at once, 1 to 256 (what is read: of at most 32 MiB "
     "together): 1,8,32 [32]"},
    {"--threads", "LIST", &list_threads.kind, 0,
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
                                   bm_file_state_name((enum bm_file_state)i));
        options->states[i] = suits;
    }
    for (int i = 0; i < BM_SYNC_MODES; i++)
        if (options->modes[i] && i != BM_SYNC_MODE_NONE && !options->kinds[BM_KIND_WRITER])
            return option_complain(program_invocation_short_name,
                                   "--sync=%s: only what is written can be made durable; leave it "
                                   "out, or ask for --kind=write",
                                   bm_sync_mode_name((enum bm_sync_mode)i));
    if (options->orders[BM_ORDER_RANDOM] && !options->kinds[BM_KIND_WRITER] &&
        !options->kinds[BM_KIND_READER])
        return option_complain(program_invocation_short_name,
                               "--order=%s: only in a file can chunks be visited so; leave it out, "
                               "or ask for --kind=write or read",
                               bm_order_name(BM_ORDER_RANDOM));
    if (options->latencies[LATENCY_EACH] && !options->kinds[BM_KIND_WRITER] &&
        !options->kinds[BM_KIND_READER])
        return option_complain(program_invocation_short_name,
                               "--latency=each: of writers and readers only; a channel's chunk may "
                               "be under way when the next is sent (--mode=roundtrip has a time)");
    if (!options->kinds[BM_KIND_CHANNEL] &&
        (options->cpu_count > 0 || options->talks[BM_MODE_ROUNDTRIP]))
        return option_complain(program_invocation_short_name,
                               "%s: of channels only; leave it out, or ask for --kind=channel",
                               options->cpu_count > 0 ? "--cpu" : "--mode");
    for (int kind = 0; kind < BM_KINDS; kind++)
        if (options->kinds[kind] && !suited[kind])
            options->states[list_normal_state[kind]] = true;
    if (options->chunk_count == 0)
        list_chunks_normally(options, options_kinds(options) > 1 ? STEP_OF_SEVERAL : 2);
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
