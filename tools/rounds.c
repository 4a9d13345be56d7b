/* SPDX-License-Identifier: Apache-2.0 */
#include "rounds.h"

#include "process.h"
#include "src/base/clock.h"
#include "src/base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ERROR_BYTES = 2000 };

/* Beside the rounds: where a program lists its cells. */
enum { LISTING = ROUNDS_MOST + 1 };

static const char *const lockstep_words[] = {"auto", "never", NULL};

/* The last one by default: the first often serves the devices. */
static int take_cpu(const char *prefix, const struct option_row *row, char *text, void *value)
{
    cpu_set_t allowed;
    char *after;
    long cpu = strtol(text, &after, 10);

    if (strcmp(text, "any") == 0) {
        *(int *)value = -1;
        return 0;
    }
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        CPU_ZERO(&allowed);
    if (strcmp(text, "last") == 0) {
        for (cpu = CPU_SETSIZE - 1; cpu >= 0 && !CPU_ISSET((size_t)cpu, &allowed); cpu--)
            continue;
    } else if (after == text || *after != '\0' || cpu < 0 || cpu >= CPU_SETSIZE ||
               !CPU_ISSET((size_t)cpu, &allowed)) {
        return option_complain(prefix,
                               "%s=%s: no processor that may be used; give a number, last "
                               "or any",
                               row->name, text);
    }
    *(int *)value = (int)cpu;
    return 0;
}

const struct option_kind rounds_timeout = {.take = option_take_count, .normally = "600"};
const struct option_kind rounds_hang = {
    .take = option_take_count, .normally = "60", .least = 1, .most = 1000000};
const struct option_kind rounds_lockstep = {
    .take = option_take_word, .normally = "auto", .words = lockstep_words};
const struct option_kind rounds_cpu = {.take = take_cpu, .normally = "last"};

void rounds_end(struct rounds *rounds, int result)
{
    if (rounds->directory.path[0] != '\0' && result == TOOL_ERROR && rounds->done > 0)
        utf8_printf(stderr, "The runs of %zu round%s are kept in %s.\n", rounds->done,
                    rounds->done == 1 ? "" : "s", rounds->directory.path);
    else
        round_directory_remove(&rounds->directory, rounds->done);
    for (int side = 0; side < 2; side++) {
        tool_runs_free(&rounds->runs[side]);
        lockstep_list_free(&rounds->lists[side]);
    }
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
    int length = snprintf(text, size, "%s%s%sround=%zu,side=%s", flag, own, *own != '\0' ? "," : "",
                          round, round_sides[side]);
    if (!rounds->in_lockstep && rounds->cpu >= 0 && (size_t)length < size)
        snprintf(text + length, size - (size_t)length, ",pinned=%d", rounds->cpu);
}

/* How a program is started: with the flags of the plan, and `more`. */
struct command {
    const char *argv[ROUNDS_WORDS_MOST + 10];
    char errors[ROUND_PATH_SIZE], run[ROUND_PATH_SIZE], out[ROUND_PATH_SIZE + 20], context[1000];
    char *line; /* for the shell; or NULL */
    struct process_plan plan;
};

static int make_command(const struct rounds *rounds, int side, size_t round,
                        const char *const *more, struct command *command)
{
    const char *program = rounds->plan->programs[side];
    size_t count = 0;

    command->line = NULL;
    round_path(&rounds->directory, side, round, ".stderr", command->errors);
    command->plan = (struct process_plan){
        .argv = command->argv, .error_path = command->errors, .cpu = rounds->cpu};
    if (strpbrk(program, " \t$'\"") == NULL) { /* no line for the shell */
        command->argv[count++] = program;
    } else if (asprintf(&command->line, "exec %s \"$@\"", program) < 0) {
        return -ENOMEM;
    } else {
        const char *const shell[] = {"/bin/sh", "-c", command->line, "sh"};
        memcpy(command->argv, shell, sizeof shell);
        count = sizeof shell / sizeof shell[0];
    }
    for (size_t i = 0; i < rounds->plan->flags.count; i++)
        command->argv[count++] = rounds->plan->flags.items[i];
    for (; *more != NULL; more++)
        command->argv[count++] = *more;
    command->argv[count] = NULL;
    return 0;
}

/* Of a round: the run is written, and says which one it is. */
static int make_round(const struct rounds *rounds, int side, size_t round, struct command *command)
{
    const char *const more[] = {command->out, "--benchmark_out_format=json", command->context,
                                NULL};

    round_path(&rounds->directory, side, round, ".json", command->run);
    snprintf(command->out, sizeof command->out, "--benchmark_out=%s", command->run);
    put_context(rounds, side, round, command->context, sizeof command->context);
    return make_command(rounds, side, round, more, command);
}

/* The end of what the command wrote to stderr. */
static void show_errors(const struct rounds *rounds, int side, size_t round)
{
    char path[ROUND_PATH_SIZE], text[ERROR_BYTES + 1];

    round_path(&rounds->directory, side, round, ".stderr", path);
    /* What is no file of ours is not waited for. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (file == NULL)
        return;
    if (fseek(file, -ERROR_BYTES, SEEK_END) != 0)
        (void)fseek(file, 0, SEEK_SET);
    size_t count = fread(text, 1, ERROR_BYTES, file);
    text[count] = '\0';
    (void)fclose(file);
    if (count > 0)
        fputs("It wrote to stderr:\n", stderr);
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;)
        if (rest != NULL || *line != '\0')
            utf8_printf(stderr, "  %s\n", line);
}

static int complain_about(const struct rounds *rounds, int side, size_t round,
                          const struct process_result *result)
{
    const struct tool_command *command = rounds->plan->command;
    const char *program = rounds->plan->programs[side];
    char when[40] = "asked for its cells";

    if (view_has_line(stderr))
        view_line(stderr, "%s", "");
    if (round != LISTING)
        snprintf(when, sizeof when, "round %zu", round);
    if (result->end == PROCESS_TIMED_OUT)
        tool_complain(command, "%s: %s did not end within %llu s; --timeout gives it more.", when,
                      program, (unsigned long long)rounds->plan->how->timeout);
    else if (result->end == PROCESS_HUNG)
        tool_complain(command,
                      "%s: %s hung: its turn took more than %llu s, and ten times as long as "
                      "the slowest one; --hang gives it more.",
                      when, program, (unsigned long long)rounds->plan->how->hang);
    else if (result->status == 127)
        tool_complain(command, "%s: %s cannot be run.", when, program);
    else
        tool_complain(command, "%s: %s failed with exit status %d.", when, program, result->status);
    show_errors(rounds, side, round);
    return TOOL_ERROR;
}

static int load(struct rounds *rounds, int side, size_t round, struct run **run)
{
    char path[ROUND_PATH_SIZE];

    round_path(&rounds->directory, side, round, ".json", path);
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
    round_path(&rounds->directory, side, round, ".stderr", path);
    unlink(path);
    return TOOL_OK;
}

static int complain_of_start(const struct rounds *rounds, const char *program, int error)
{
    return tool_complain(rounds->plan->command, "%s cannot be started: %s.", program,
                         strerror(-error));
}

/* One after the other, in an order that is drawn. */
static int run_in_order(struct rounds *rounds, struct command commands[2],
                        struct process_result results[2])
{
    int first = (int)random_below(&rounds->random, 2), error = 0;

    for (int turn = 0; turn < 2 && error == 0; turn++) {
        int side = turn == 0 ? first : !first;
        error =
            process_run(&commands[side].plan, (double)rounds->plan->how->timeout, &results[side]);
        if (error != 0)
            return complain_of_start(rounds, rounds->plan->programs[side], error);
        if (results[side].end != PROCESS_OK) {
            results[!side].end = turn == 0 ? PROCESS_LEFT : PROCESS_OK;
            break;
        }
    }
    return TOOL_OK;
}

/* The draws of a round do not depend on how many turns the ones before took. */
static int run_in_lockstep(struct rounds *rounds, size_t round, struct command commands[2],
                           struct process_result results[2])
{
    const struct rounds_plan *plan = rounds->plan;
    struct random random;
    struct lockstep_pair pair = {.sides = {commands[0].plan, commands[1].plan},
                                 .lists = rounds->lists,
                                 .random = &random,
                                 .cpu = rounds->cpu,
                                 .timeout_s = (double)plan->how->timeout,
                                 .patience_s = (double)plan->how->hang,
                                 .slowest_s = &rounds->slowest_s};

    random_seed(&random, plan->seed + round);
    int error = lockstep_run(&pair, results);
    return error == 0 ? TOOL_OK
                      : complain_of_start(rounds, "one of the two, which take turns,", error);
}

static int run_both(struct rounds *rounds, size_t round)
{
    struct command *commands = calloc(2, sizeof *commands);
    struct process_result results[2] = {0};
    int result =
        commands == NULL ? tool_complain(rounds->plan->command, "not enough memory.") : TOOL_OK;

    for (int side = 0; side < 2 && result == TOOL_OK; side++)
        if (make_round(rounds, side, round, &commands[side]) != 0)
            result = tool_complain(rounds->plan->command, "not enough memory.");
    if (result == TOOL_OK)
        result = rounds->in_lockstep ? run_in_lockstep(rounds, round, commands, results)
                                     : run_in_order(rounds, commands, results);
    for (int side = 0; side < 2 && result == TOOL_OK; side++)
        if (results[side].end == PROCESS_INTERRUPTED)
            result = TOOL_UNSURE;
    for (int side = 0; side < 2 && result != TOOL_UNSURE; side++)
        if (results[side].end != PROCESS_OK && results[side].end != PROCESS_LEFT)
            result = complain_about(rounds, side, round, &results[side]);
    for (int side = 0; side < 2 && commands != NULL; side++)
        free(commands[side].line);
    free(commands);
    return result;
}

/* The first round tells how long all of them take. */
static void show_progress(const struct rounds *rounds, size_t round)
{
    const struct rounds_plan *plan = rounds->plan;
    double passed = clock_s() - rounds->begin_s, done = (double)rounds->done;
    double left = done > 0 ? passed / done * ((double)plan->rounds - done) : 0;
    int is_long = left >= 600;

    if (plan->max_time_s > 0 && left > plan->max_time_s - passed)
        left = plan->max_time_s - passed;
    if (rounds->done == 1 && view_has_line(stderr))
        view_line(stderr, "%s", "");
    if (rounds->done == 1)
        fprintf(stderr, "this takes about %.0f %s\n", is_long ? left / 60 : left,
                is_long ? "min" : "s");
    if (view_has_line(stderr) && rounds->done > 0)
        view_line(stderr, "round %zu of %zu, %.0f %s left", round, plan->rounds,
                  is_long ? left / 60 : left, is_long ? "min" : "s");
    else if (view_has_line(stderr))
        view_line(stderr, "round %zu of %zu", round, plan->rounds);
}

static int one_round(struct rounds *rounds, size_t round)
{
    struct run *runs[2] = {NULL, NULL};
    int result = run_both(rounds, round);

    for (int side = 0; side < 2 && result == TOOL_OK; side++)
        result = load(rounds, side, round, &runs[side]);
    for (int side = 0; side < 2; side++) {
        if (result == TOOL_OK && tool_add_run(&rounds->runs[side], runs[side]) != 0)
            result = tool_complain(rounds->plan->command, "not enough memory.");
        else if (result == TOOL_OK)
            runs[side] = NULL;
        run_free(runs[side]);
    }
    if (result != TOOL_OK)
        round_remove(&rounds->directory, round);
    return result;
}

/* Whether a program takes turns, and which cells it has. A tool_exit. */
static int ask(struct rounds *rounds, int side, int *takes_turns)
{
    static const char *const more[] = {"--benchmark_list_tests=true", NULL};
    struct command command;
    struct process_result late = {.end = PROCESS_TIMED_OUT};
    struct process_result absent = {.end = PROCESS_FAILED, .status = 127};
    char path[ROUND_PATH_SIZE];

    round_path(&rounds->directory, side, LISTING, ".json", path);
    int error = make_command(rounds, side, LISTING, more, &command);
    command.plan.out_path = path;
    if (error == 0)
        error =
            lockstep_ask(&command.plan, (double)rounds->plan->how->timeout, &rounds->lists[side]);
    free(command.line);
    *takes_turns = error == 0;
    int result = error == -ECANCELED   ? TOOL_UNSURE
                 : error == -ETIMEDOUT ? complain_about(rounds, side, LISTING, &late)
                 : error == -ENOENT    ? complain_about(rounds, side, LISTING, &absent)
                                       : TOOL_OK;
    round_remove(&rounds->directory, LISTING);
    return result;
}

static int has_threads(const struct lockstep_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *threads = strstr(list->names[i], "/threads:");
        if (threads != NULL && strcmp(threads, "/threads:1") != 0)
            return 1;
    }
    return 0;
}

/* In lockstep where both can. A program that cannot binds none of its cells by itself: as a whole
 * it is bound only where no cell has threads. */
static int choose_way(struct rounds *rounds)
{
    const struct rounds_plan *plan = rounds->plan;
    int takes_turns[2] = {0, 0}, result = TOOL_OK;

    rounds->cpu = -1;
    for (int side = 0; side < 2 && result == TOOL_OK; side++)
        result = ask(rounds, side, &takes_turns[side]);
    rounds->in_lockstep = takes_turns[0] && takes_turns[1] && !plan->how->never;
    if (rounds->in_lockstep || !(has_threads(&rounds->lists[0]) || has_threads(&rounds->lists[1])))
        rounds->cpu = plan->how->cpu;
    if (result != TOOL_OK)
        return result;
    if (rounds->in_lockstep)
        fprintf(stderr, "the two take turns before every sample");
    else if (plan->how->never)
        fprintf(stderr, "the two run one after the other");
    else
        utf8_printf(stderr, "the two run one after the other, because %s does not take turns",
                    plan->programs[takes_turns[0]]);
    if (rounds->cpu >= 0)
        fprintf(stderr, ", on processor %d", rounds->cpu);
    fputc('\n', stderr);
    return TOOL_OK;
}

int rounds_begin(struct rounds *rounds, const struct rounds_plan *plan)
{
    *rounds = (struct rounds){.plan = plan};
    random_seed(&rounds->random, plan->seed);
    rounds->directory.command = plan->command;
    if (round_directory_open(&rounds->directory, plan->how->keep) != TOOL_OK)
        return TOOL_ERROR;
    process_catch_signals();
    int result = choose_way(rounds);
    if (result != TOOL_OK)
        return result;
    rounds->begin_s = clock_s();
    fprintf(stderr, "%s%zu rounds, seed %llu\n", plan->may_end_early ? "at most " : "",
            plan->rounds, (unsigned long long)plan->seed);
    return TOOL_OK;
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
    if (view_has_line(stderr))
        view_line(stderr, "%s", "");
    if (result == TOOL_UNSURE)
        fprintf(stderr, "Stopped after %zu of %zu rounds.\n", rounds->done, rounds->plan->rounds);
    return result;
}
