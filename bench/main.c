/* SPDX-License-Identifier: Apache-2.0
 * bench_mmap: how should this machine move those bytes? */
#include "bench/environment/environment.h"
#include "option_lists.h"
#include "output.h"
#include "progress.h"
#include "signals.h"
#include "src/base/arena.h"
#include "src/report/show.h"
#include "src/run/load.h"
#include "sweep.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct program {
    struct options options;
    struct framework framework;
    struct workdir workdir;
    struct replacement output;
    struct sweep sweep;
    struct environment environment;
    int context_error; /* what of the context could not be kept */
};

static const char *known(const struct program *program, const char *key)
{
    const char *value = environment_get(&program->environment, key);

    return value != NULL ? value : "unknown";
}

static void announce(const struct program *program)
{
    const struct sweep *sweep = &program->sweep;
    const struct {
        size_t count;
        const char *words[2];
    } left_out[] = {
        {sweep->absent_states,
         {"file state that cannot be here (--writers says why)",
          "file states that cannot be here (--writers says why)"}},
        {sweep->larger_chunks,
         {"chunk size larger than the file", "chunk sizes larger than the file"}},
        {sweep->left_out.unaligned_cells,
         {"cell whose chunk or file size its kernel cannot do (--writers)",
          "cells whose chunk or file size their kernels cannot do (--writers)"}},
        {sweep->left_out.ordered,
         {"kernel whose only order is the file's (--writers says why)",
          "kernels whose only order is the file's (--writers says why)"}},
        {sweep->left_out.untimed,
         {"kernel whose single chunks cannot be timed (--writers says why)",
          "kernels whose single chunks cannot be timed (--writers says why)"}},
        {sweep->left_out.long_cells,
         {"cell in random order or with latencies, for more than 16777216 chunks",
          "cells in random order or with latencies, for more than 16777216 chunks"}},
        {sweep->left_out.absent,
         {"kernel that cannot run here (--writers says why)",
          "kernels that cannot run here (--writers says why)"}},
    };
    const char *kernel = known(program, "kernel");
    char size[UNITS_TEXT_BYTES];
    unsigned long long samples = (unsigned long long)sweep->selected_count *
                                 (unsigned long long)program->framework.repetitions;

    fprintf(stderr, "bench_mmap %s: %s on %s (%s), Linux %.*s,\nmachine %s%s\n", BENCH_MMAP_VERSION,
            known(program, "file_system"), known(program, "block_device"),
            known(program, "virtualisation"), (int)strcspn(kernel, " "), kernel,
            program->environment.machine_key,
            strcmp(known(program, "machine_key_lacks"), "nothing") != 0 ? " (incomplete)" : "");
    if (strcmp(known(program, "unfit_build"), "no") != 0)
        fprintf(stderr, "note: a build for tests (%s): its figures are not worth keeping\n",
                known(program, "unfit_build"));
    if (environment_is_memory_backed(&program->environment))
        fprintf(stderr, "note: %s is memory, not a disk\n", known(program, "file_system"));
    fprintf(stderr, "%zu of %zu cell%s%s, files of %s: %llu sample%s%s\n", sweep->selected_count,
            sweep->cell_count, sweep->cell_count == 1 ? "" : "s",
            program->framework.headline ? " (--all: all)" : "",
            units_short_bytes(size, (double)program->options.file_size_bytes), samples,
            samples == 1 ? "" : "s", program->framework.own_warm_up ? " after a warm-up" : "");
    if (options_share_processor(&program->options))
        fprintf(stderr, "note: both ends of a channel have one processor: who spins yields it\n");
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
        if (left_out[i].count > 0)
            fprintf(stderr, "left out: %zu %s\n", left_out[i].count,
                    left_out[i].words[left_out[i].count > 1]);
    }
}

static bool is_measured(void *user, const struct benchmark_run *run)
{
    (void)user;
    return run->error == NULL || strcmp(run->error, FIXTURE_INTERRUPTED) != 0;
}

static const struct benchmark_reporter silent = {0};

static int run_framework(const struct benchmark_run_options *options,
                         struct benchmark_outcome *outcome)
{
    int error = benchmark_run(options, outcome);

    progress_end();
    if (error != 0)
        message("%s", *outcome->message != '\0' ? outcome->message : strerror(-error));
    return error;
}

/* Takes one sample of each cell, in order. It is verified, and tells how long the measurement
 * takes. */
static int warm_up(struct program *program)
{
    struct benchmark_run_options options = {.filter = program->framework.filter,
                                            .display = &silent};
    struct benchmark_outcome outcome;
    char duration[UNITS_TEXT_BYTES];
    int error = framework_set(&program->options, true);

    progress_begin(&program->sweep, "warm-up", 1);
    if (error == 0)
        error = run_framework(&options, &outcome);
    if (error == 0)
        error = framework_set(&program->options, false);
    progress_begin(&program->sweep, "measuring", (uint64_t)program->framework.repetitions);
    double left_s = progress_seconds_left(&program->sweep);
    if (error == 0 && program->framework.min_time_s == 0 && signals_received() == 0)
        fprintf(stderr, "this takes %s %s\n", left_s < 1 ? "less than" : "about",
                units_duration(duration, left_s < 1 ? 1 : left_s));
    return error;
}

static void put_names(FILE *out, const char *key, const struct list_kind *list,
                      const struct options *options)
{
    const bool *marks = (const bool *)((const char *)options + list->offset);

    for (int i = 0, put = 0; i < list->count; i++)
        if (marks[i])
            fprintf(out, "%s%s", put++ > 0 ? "," : key, list->name(i));
}

/* A key that the user has given keeps that value. */
static int put_context(const char *key, const char *value)
{
    int error = benchmark_add_context(key, value);

    return error == -ENOMEM ? error : 0;
}

/* What was asked for, not what there is of it here: runs that say the same ought to have the same
 * cells. */
static int add_selection(const struct program *program)
{
    const struct options *options = &program->options;
    const struct framework *framework = &program->framework;
    char *text = NULL, number[24];
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return -ENOMEM;
    fputs(framework->headline          ? "headline"
          : *framework->filter != '\0' ? framework->filter
                                       : "all",
          out);
    /* Older runs, all of writers and in sequence, do not say the kind and the order. */
    if (options->kinds[BM_KIND_READER] || options->kinds[BM_KIND_CHANNEL])
        put_names(out, " kind:", &list_kinds, options);
    put_names(out, " file:", &list_states, options);
    put_names(out, " sync:", &list_modes, options);
    if (options->orders[BM_ORDER_RANDOM])
        put_names(out, " order:", &list_orders, options);
    if (options->kinds[BM_KIND_CHANNEL])
        put_names(out, " mode:", &list_talks, options);
    if (options->latencies[LATENCY_EACH])
        put_names(out, " latency:", &list_latencies, options);
    for (size_t i = 0; i < options->depth_count; i++)
        fprintf(out, "%s%d", i > 0 ? "," : " depth:", options->depths[i]);
    fprintf(out, " size:%llu", (unsigned long long)options->file_size_bytes);
    for (size_t i = 0; i < options->chunk_count; i++)
        fprintf(out, "%s%llu", i > 0 ? "," : " chunk:", (unsigned long long)options->chunks[i]);
    for (size_t i = 0; i < options->thread_count; i++)
        fprintf(out, "%s%d", i > 0 ? "," : " threads:", options->threads[i]);
    int error = text_close(out, &text);
    if (error == 0)
        error = put_context("selection", text);
    free(text);
    snprintf(number, sizeof number, "%zu", program->sweep.selected_count);
    if (error == 0)
        error = put_context("cells_selected", number);
    snprintf(number, sizeof number, "%lld", (long long)program->framework.repetitions);
    return error != 0 ? error : put_context("repetitions", number);
}

static int add_cpus(const struct options *options)
{
    char text[32] = "any";

    if (options->cpu_count > 0)
        snprintf(text, sizeof text, "%d,%d", options->cpus[0], options->cpus[1]);
    return put_context("channel_cpus", text);
}

static void add_context(void *user)
{
    struct program *program = user;
    const struct environment *environment = &program->environment;

    int error = environment_collect_after(&program->environment, "");
    for (size_t i = 0; error == 0 && i < environment->count; i++)
        error = put_context(environment->entries[i].key, environment->entries[i].value);
    if (error == 0)
        error = put_context("google_benchmark_version", benchmark_library_version());
    if (error == 0)
        error = add_selection(program);
    if (error == 0 && program->options.kinds[BM_KIND_CHANNEL])
        error = add_cpus(&program->options);
    if (error == 0 && signals_received() != 0)
        error = put_context("interrupted", strsignal(signals_received()));
    program->context_error = error;
}

/* An answer below the JSON that a program reads from stdout would spoil it. */
static bool wants_summary(const struct program *program)
{
    enum when when = (enum when)program->options.summary;

    return !program->framework.list_tests &&
           (when == WHEN_ALWAYS || (when == WHEN_AUTO && program->framework.own_display));
}

static int run_benchmarks(struct program *program, struct benchmark_outcome *outcome)
{
    const struct framework *framework = &program->framework;
    struct benchmark_run_options options = {.filter = framework->filter,
                                            .display = framework->own_display ? &silent : NULL,
                                            .display_format = framework->display,
                                            .keep = is_measured,
                                            .before_report = add_context,
                                            .user = program};

    if (framework->out_path != NULL)
        options.out_format = framework->out_format;
    else if (wants_summary(program))
        options.out_format = BENCHMARK_FORMAT_JSON;
    options.also_json = wants_summary(program) && options.out_format != BENCHMARK_FORMAT_JSON;
    progress_begin(&program->sweep, "measuring", (uint64_t)framework->repetitions);
    return run_framework(&options, outcome);
}

/* What was measured says, nothing where no sample was taken. It goes to stderr where stdout has
 * the framework's report. */
static int answer(const struct program *program, const struct benchmark_outcome *outcome)
{
    const struct framework *framework = &program->framework;
    int is_own = outcome->json != NULL;
    FILE *out = framework->own_display ? stdout : stderr;
    const struct show_options options = {
        .answer = ANSWER_OF_OWN_RUN,
        .rows = program->options.rows,
        .path = framework->out_format == BENCHMARK_FORMAT_JSON ? framework->out_path : NULL};
    struct view view = view_for(out);
    struct run *run = NULL;
    int error = run_load_text(is_own ? outcome->json : outcome->report,
                              is_own ? outcome->json_bytes : outcome->report_bytes, &run, NULL);

    if (error == 0 && run->cell_count > 0)
        error = report_run(out, run, &view, &options);
    run_free(run);
    if (error == -ENODATA)
        return 0;
    if (error != 0 && error != -EIO)
        message("no answer: %s", show_problem(error));
    return error;
}

static int measure(struct program *program)
{
    const struct framework *framework = &program->framework;
    struct benchmark_outcome outcome;
    int error = run_benchmarks(program, &outcome);

    if (outcome.report != NULL && framework->out_path != NULL)
        error = output_write(&program->output, outcome.report, outcome.report_bytes);
    if (error == 0 && outcome.report != NULL && wants_summary(program))
        error = answer(program, &outcome);
    free(outcome.report);
    free(outcome.json);
    return error != 0 ? error : program->context_error;
}

static int keep_output(struct program *program)
{
    return signals_received() != 0 ? output_commit_partial(&program->output)
                                   : output_commit(&program->output);
}

static int run(struct program *program)
{
    const struct framework *framework = &program->framework;
    int error = environment_collect(&program->environment, program->workdir.fd, "");

    if (error != 0)
        return error;
    if (!framework->list_tests) {
        announce(program);
        if (framework->own_warm_up)
            error = warm_up(program);
    }
    if (error == 0)
        error = measure(program);
    if (error == 0 && !framework->list_tests)
        error = keep_output(program);
    if (program->sweep.failed)
        message("some samples failed: --rows says which and why");
    return error != 0 ? error : program->sweep.failed ? -EIO : 0;
}

static int run_in_directory(struct program *program)
{
    const struct options *options = &program->options;
    int error;

    if (options->quiz)
        return quiz_print(&program->workdir);
    if (options->list_writers)
        return catalogue_print(options, &program->workdir);
    error = workdir_check_space(&program->workdir, options->dir, options->file_size_bytes,
                                options_files(options));
    if (error == 0)
        error = sweep_create(&program->sweep, options, &program->workdir, fixture_run);
    if (error == 0)
        error = sweep_select(&program->sweep, program->framework.filter);
    if (error == 0 && program->framework.out_path != NULL && !program->framework.list_tests)
        error = output_open(&program->output, program->framework.out_path);
    return error != 0 ? error : run(program);
}

static int close_program(struct program *program)
{
    int error;

    environment_free(&program->environment);
    output_close(&program->output);
    sweep_destroy(&program->sweep);
    error = workdir_close(&program->workdir);
    benchmark_shutdown();
    return error;
}

/* Of what was written before only that something was lost is known. */
static int end(int error)
{
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        error = -EIO;
        if (signals_received() == 0)
            message("standard output: %s",
                    errno != 0 ? strerror(errno) : "not all could be written");
    }
    /* One that came before has been counted, one that comes later is seen by who waits for this. */
    signals_uninstall();
    if (signals_received() != 0)
        return 128 + signals_received();
    return error != 0;
}

static void print_help(void)
{
    options_print_help();
    putchar('\n');
    option_help_fold(
        stdout, "", 0,
        "Google Benchmark's flags, and the BENCHMARK_* variables of the same names, work as ever. "
        "Normally: 20 repetitions (12 of several kinds) of one iteration, one warm-up, random "
        "interleaving, and the "
        "answer; --benchmark_format=console shows Google Benchmark's own rows.");
    putchar('\n');
    benchmark_print_default_help();
}

static int run_program(struct program *program)
{
    int error;

    signals_install();
    error = workdir_open(&program->workdir, program->options.dir);
    if (error == 0)
        error = run_in_directory(program);
    return close_program(program) != 0 && error == 0 ? -EIO : error;
}

int main(int argc, char **argv)
{
    static struct program program = {.workdir = {.parent_fd = -1, .fd = -1}};
    struct options *options = &program.options;
    int error;

    (void)setlocale(LC_CTYPE, ""); /* for the answer's signs; numbers stay as they are */
    error = options_parse(options, &argc, argv);
    progress_enable((enum when)options->progress);
    if (error == 0 && options->help)
        print_help();
    else if (error == 0 && options->version)
        printf("bench_mmap %s (Google Benchmark %s)\n", BENCH_MMAP_VERSION,
               benchmark_library_version());
    else if (error == 0)
        error = framework_initialize(&program.framework, options, argc, argv);
    if (error == 0 && !options->help && !options->version)
        error = run_program(&program);
    /* It may happen anywhere, and is told here. */
    if (error == -ENOMEM)
        message("memory is short");
    return end(error);
}
