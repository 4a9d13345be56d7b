/* SPDX-License-Identifier: Apache-2.0 */
#include "rounds.h"

#include "process.h"
#include "src/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 300, ERROR_BYTES = 2000 };

static const char *const side_names[2] = {"old", "new"};

const struct option_kind rounds_timeout = {.take = option_take_count, .normally = "600"};

/* Of a file of a round; round 0: of the side's directory. */
static void path_of(const struct rounds *rounds, int side, size_t round, const char *end,
                    char path[PATH_SIZE])
{
    int length = snprintf(path, PATH_SIZE, "%s/%s", rounds->directory, side_names[side]);

    if (round > 0)
        snprintf(path + length, PATH_SIZE - (size_t)length, "/%zu%s", round, end);
}

static int make_directory(const struct rounds_plan *plan, const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return TOOL_OK;
    return tool_complain(plan->command, "the directory %s cannot be made: %s.", path,
                         strerror(errno));
}

static int choose_directory(struct rounds *rounds)
{
    const struct rounds_plan *plan = rounds->plan;
    const char *base = getenv("TMPDIR");
    size_t size = sizeof rounds->directory;

    if (plan->keep != NULL) {
        if (strlen(plan->keep) >= size)
            return tool_complain(plan->command, "the path of --keep is too long.");
        snprintf(rounds->directory, size, "%s", plan->keep);
        return make_directory(plan, rounds->directory);
    }
    snprintf(rounds->directory, size, "%.150s/bench_results.XXXXXX",
             base != NULL && *base != '\0' ? base : "/tmp");
    rounds->is_temporary = 1;
    if (mkdtemp(rounds->directory) != NULL)
        return TOOL_OK;
    int result = tool_complain(plan->command, "no directory for the runs can be made: %s: %s.",
                               rounds->directory, strerror(errno));
    rounds->directory[0] = '\0';
    return result;
}

/* Runs that were kept before are never mixed with new ones. */
static int make_sides(struct rounds *rounds)
{
    char path[PATH_SIZE];

    for (int side = 0; side < 2; side++) {
        path_of(rounds, side, 1, ".json", path);
        if (access(path, F_OK) == 0)
            return tool_complain(rounds->plan->command,
                                 "%s has runs already; give --keep another directory.",
                                 rounds->directory);
        path_of(rounds, side, 0, "", path);
        if (make_directory(rounds->plan, path) != TOOL_OK)
            return TOOL_ERROR;
    }
    return TOOL_OK;
}

int rounds_begin(struct rounds *rounds, const struct rounds_plan *plan)
{
    *rounds = (struct rounds){.plan = plan, .begin_s = clock_s()};
    random_seed(&rounds->random, plan->seed);
    if (choose_directory(rounds) != TOOL_OK || make_sides(rounds) != TOOL_OK)
        return TOOL_ERROR;
    process_catch_signals();
    fprintf(stderr, "%s%zu rounds, seed %llu\n", plan->may_end_early ? "at most " : "",
            plan->rounds, (unsigned long long)plan->seed);
    return TOOL_OK;
}

/* A round without both sides is none: a later comparison must not find half of it. Round 0 stands
 * for the directories, which are empty then. */
static void remove_round(const struct rounds *rounds, size_t round)
{
    char path[PATH_SIZE];

    for (int side = 0; side < 2; side++) {
        path_of(rounds, side, round, ".json", path);
        (void)remove(path);
        path_of(rounds, side, round, ".stderr", path);
        (void)remove(path);
    }
}

void rounds_end(struct rounds *rounds, int result)
{
    if (rounds->directory[0] != '\0' && result == TOOL_ERROR && rounds->done > 0) {
        fprintf(stderr, "The runs of %zu round%s are kept in %s.\n", rounds->done,
                rounds->done == 1 ? "" : "s", rounds->directory);
    } else if (rounds->directory[0] != '\0' && rounds->is_temporary) {
        for (size_t round = rounds->done + 1; round-- > 0;)
            remove_round(rounds, round);
        rmdir(rounds->directory);
    }
    for (int side = 0; side < 2; side++)
        tool_runs_free(&rounds->runs[side]);
}

/* The user's own context goes on before ours: a second flag would replace the first. */
static void put_context(const struct rounds *rounds, int side, size_t round, char *text,
                        size_t size)
{
    const char *flag = "--benchmark_context=";
    const char *own = "";

    for (size_t i = 0; i < rounds->plan->flags.count; i++)
        if (strncmp(rounds->plan->flags.items[i], flag, strlen(flag)) == 0)
            own = rounds->plan->flags.items[i] + strlen(flag);
    snprintf(text, size, "%s%s%sround=%zu,side=%s", flag, own, *own != '\0' ? "," : "", round,
             side_names[side]);
}

static int start(const struct rounds *rounds, int side, size_t round, struct process_result *result)
{
    char out[PATH_SIZE + 20], run[PATH_SIZE], errors[PATH_SIZE], context[1000], *line = NULL;
    const char *argv[ROUNDS_WORDS_MOST + 10] = {"/bin/sh", "-c", NULL, "sh"};
    size_t count = 4;
    const char *program = rounds->plan->programs[side];

    path_of(rounds, side, round, ".json", run);
    path_of(rounds, side, round, ".stderr", errors);
    snprintf(out, sizeof out, "--benchmark_out=%s", run);
    put_context(rounds, side, round, context, sizeof context);
    if (strpbrk(program, " \t$'\"") == NULL) { /* no line for the shell */
        argv[0] = program;
        count = 1;
    } else if (asprintf(&line, "exec %s \"$@\"", program) < 0) {
        return -ENOMEM;
    } else {
        argv[2] = line;
    }
    for (size_t i = 0; i < rounds->plan->flags.count; i++)
        argv[count++] = rounds->plan->flags.items[i];
    argv[count++] = out;
    argv[count++] = "--benchmark_out_format=json";
    argv[count++] = context;
    argv[count] = NULL;
    int error = process_run(argv, errors, rounds->plan->timeout_s, result);
    free(line);
    return error;
}

/* The end of what the command wrote to stderr. */
static void show_errors(const struct rounds *rounds, int side, size_t round)
{
    char path[PATH_SIZE], text[ERROR_BYTES + 1];

    path_of(rounds, side, round, ".stderr", path);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return;
    if (fseek(file, -ERROR_BYTES, SEEK_END) != 0)
        (void)fseek(file, 0, SEEK_SET);
    size_t count = fread(text, 1, ERROR_BYTES, file);
    text[count] = '\0';
    (void)fclose(file);
    if (count > 0)
        fprintf(stderr, "It wrote to stderr:\n%s%s", text, text[count - 1] == '\n' ? "" : "\n");
}

static int complain_about(const struct rounds *rounds, int side, size_t round,
                          const struct process_result *result)
{
    const struct tool_command *command = rounds->plan->command;
    const char *program = rounds->plan->programs[side];

    if (result->end == PROCESS_TIMED_OUT)
        tool_complain(command, "round %zu: %s did not end within %g s; --timeout gives it more.",
                      round, program, rounds->plan->timeout_s);
    else if (result->status == 127)
        tool_complain(command, "round %zu: %s cannot be run.", round, program);
    else
        tool_complain(command, "round %zu: %s failed with exit status %d.", round, program,
                      result->status);
    show_errors(rounds, side, round);
    return TOOL_ERROR;
}

static int load(struct rounds *rounds, int side, size_t round, struct run **run)
{
    char path[PATH_SIZE];

    path_of(rounds, side, round, ".json", path);
    int result =
        access(path, F_OK) == 0
            ? tool_load(rounds->plan->command, path, run)
            : tool_complain(rounds->plan->command,
                            "round %zu: %s wrote no JSON; is it a Google Benchmark program?", round,
                            rounds->plan->programs[side]);
    if (result != TOOL_OK) {
        show_errors(rounds, side, round);
        return result;
    }
    path_of(rounds, side, round, ".stderr", path);
    unlink(path);
    return TOOL_OK;
}

static int run_side(struct rounds *rounds, int side, size_t round, struct run **run)
{
    struct process_result result;

    int error = start(rounds, side, round, &result);
    if (error != 0)
        return tool_complain(rounds->plan->command, "%s cannot be started: %s.",
                             rounds->plan->programs[side], strerror(-error));
    if (result.end == PROCESS_INTERRUPTED)
        return TOOL_UNSURE;
    if (result.end != PROCESS_OK)
        return complain_about(rounds, side, round, &result);
    return load(rounds, side, round, run);
}

static void show_progress(const struct rounds *rounds, size_t round)
{
    double passed = clock_s() - rounds->begin_s;

    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r\033[Kround %zu of %zu", round, rounds->plan->rounds);
    if (rounds->done > 0)
        fprintf(stderr, ", %.0f s left",
                passed / (double)rounds->done * (double)(rounds->plan->rounds - rounds->done));
    fflush(stderr);
}

static int one_round(struct rounds *rounds, size_t round)
{
    struct run *runs[2] = {NULL, NULL};
    int first = (int)random_below(&rounds->random, 2);
    int result = run_side(rounds, first, round, &runs[first]);

    if (result == TOOL_OK)
        result = run_side(rounds, !first, round, &runs[!first]);
    for (int side = 0; side < 2; side++) {
        if (result == TOOL_OK && tool_add_run(&rounds->runs[side], runs[side]) != 0)
            result = TOOL_ERROR;
        else if (result == TOOL_OK)
            runs[side] = NULL;
        run_free(runs[side]);
    }
    if (result != TOOL_OK)
        remove_round(rounds, round);
    return result;
}

/* What the rounds so far took, and one more like them, is more than there is. */
static int is_time_over(const struct rounds *rounds)
{
    double passed = clock_s() - rounds->begin_s, done = (double)rounds->done;

    return rounds->plan->max_time_s > 0 && rounds->done > 0 &&
           passed + passed / done > rounds->plan->max_time_s;
}

int rounds_go_on(struct rounds *rounds, size_t until)
{
    int result = TOOL_OK;

    while (rounds->done < until && result == TOOL_OK) {
        show_progress(rounds, rounds->done + 1);
        result = is_time_over(rounds) ? TOOL_UNSURE : one_round(rounds, rounds->done + 1);
        rounds->done += result == TOOL_OK;
    }
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    if (result == TOOL_UNSURE)
        fprintf(stderr, "Stopped after %zu of %zu rounds.\n", rounds->done, rounds->plan->rounds);
    return result;
}
