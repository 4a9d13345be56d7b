/* SPDX-License-Identifier: Apache-2.0 */
#include "lockstep.h"

#include "src/base/arena.h"
#include "src/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NAME_BYTES = 4096, LOOK_MS = 200, SLOWER_BY = 10 };
/* A program that is told that there are no more turns ends by itself, in so many seconds. */
#define LEAVE_S 0.5

struct runner {
    pid_t child;
    int go, asks;          /* what it reads and writes; -1: closed */
    char cell[NAME_BYTES]; /* what it asks for */
    size_t length;
    int has_asked, has_ended;
    size_t pass, place; /* it has gone through its list so often, and is there now */
    struct process_result *result;
};

struct turns {
    const struct lockstep_pair *pair;
    struct runner runners[2];
    double deadline_s;
    int is_over; /* one did not end as it should have */
};

static size_t place_of(const struct lockstep_list *list, const char *cell)
{
    size_t i = 0;

    while (i < list->count && strcmp(list->names[i], cell) != 0)
        i++;
    return i;
}

/* The pipes are closed on exec: the child has copies of its ends. */
static int start(const struct process_plan *plan, int cpu, struct runner *runner)
{
    struct process_plan with = *plan;
    char variable[64];
    int in[2], out[2], error;

    if (pipe2(in, O_CLOEXEC) != 0)
        return -errno;
    if (pipe2(out, O_CLOEXEC) != 0) {
        error = -errno;
        close(in[0]);
        close(in[1]);
        return error;
    }
    snprintf(variable, sizeof variable, "BENCHMARK_LOCKSTEP=3,4,%d", cpu);
    with.turns = (int[]){in[0], out[1]};
    with.variable = variable;
    with.cpu = -1;
    error = process_start(&with, &runner->child);
    close(in[0]);
    close(out[1]);
    runner->go = in[1];
    runner->asks = out[0];
    return error;
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* 1: it has asked; 0: not yet; -1: it will not ask again. An empty line is the greeting. */
static int hear(struct runner *runner)
{
    char *end = runner->cell + runner->length;
    ssize_t count = read(runner->asks, end, NAME_BYTES - runner->length);

    if (count <= 0)
        return count < 0 && errno == EINTR ? 0 : -1;
    runner->length += (size_t)count;
    size_t empty = runner->cell[0] == '\n';
    runner->length -= empty;
    memmove(runner->cell, runner->cell + empty, runner->length);
    if (runner->length == 0 || runner->cell[runner->length - 1] != '\n')
        return runner->length < NAME_BYTES ? 0 : -1;
    runner->cell[runner->length - 1] = '\0';
    runner->length = 0;
    return 1;
}

static void take_cell(struct runner *runner, const struct lockstep_list *list)
{
    size_t place = place_of(list, runner->cell);

    runner->pass += place < runner->place;
    runner->place = place;
    runner->has_asked = 1;
}

/* It has ended, or is made to. */
static void reap(struct turns *turns, struct runner *runner, double timeout_s)
{
    close_one(&runner->go);
    process_await(runner->child, timeout_s, runner->result);
    close_one(&runner->asks);
    runner->has_ended = 1;
    if (runner->result->end == PROCESS_TIMED_OUT && clock_s() < turns->deadline_s)
        runner->result->end = PROCESS_HUNG;
    turns->is_over |= runner->result->end != PROCESS_OK;
}

static void end_by_force(struct turns *turns, struct runner *runner, enum process_end why)
{
    reap(turns, runner, 0);
    if (runner->result->end != PROCESS_INTERRUPTED)
        runner->result->end = why;
    turns->is_over = 1;
}

/* A process that it left behind may still have the pipe. */
static int is_dead(const struct runner *runner)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)runner->child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0;
}

static void listen_to(struct turns *turns, int side, double patience_s)
{
    struct runner *runner = &turns->runners[side];
    int heard = hear(runner);

    if (heard > 0)
        take_cell(runner, &turns->pair->lists[side]);
    else if (heard < 0)
        reap(turns, runner, patience_s);
}

/* Until it asks for a turn, or has ended. The other one waits meanwhile, and can only die. */
static void await(struct turns *turns, int side, double patience_s)
{
    struct runner *runner = &turns->runners[side], *other = &turns->runners[!side];
    double until_s = clock_s() + patience_s;

    runner->has_asked = 0;
    while (!turns->is_over && !runner->has_asked && !runner->has_ended) {
        int waits = other->has_asked && !other->has_ended;
        struct pollfd polled[2] = {{.fd = runner->asks, .events = POLLIN},
                                   {.fd = waits ? other->asks : -1, .events = POLLIN}};
        double now_s = clock_s();
        if (process_is_interrupted() || now_s > turns->deadline_s)
            end_by_force(turns, runner, PROCESS_TIMED_OUT);
        else if (now_s > until_s)
            end_by_force(turns, runner, PROCESS_HUNG);
        else if (poll(polled, 2, LOOK_MS) > 0 && polled[0].revents != 0)
            listen_to(turns, side, until_s - now_s);
        else if (polled[1].revents != 0 || (waits && is_dead(other)))
            reap(turns, other, LEAVE_S);
        else if (is_dead(runner))
            reap(turns, runner, LEAVE_S);
    }
}

static void give_turn(struct turns *turns, int side)
{
    struct runner *runner = &turns->runners[side];
    double *slowest_s = turns->pair->slowest_s, patience_s = SLOWER_BY * *slowest_s;

    if (turns->is_over || runner->has_ended)
        return;
    double begin_s = clock_s();
    if (write(runner->go, "g", 1) != 1) {
        reap(turns, runner, LEAVE_S);
        return;
    }
    await(turns, side, patience_s > turns->pair->patience_s ? patience_s : turns->pair->patience_s);
    if (clock_s() - begin_s > *slowest_s)
        *slowest_s = clock_s() - begin_s;
}

/* Which one goes on alone; -1: both want the same cell. */
static int who_is_alone(const struct turns *turns)
{
    const struct runner *runners = turns->runners;

    for (int side = 0; side < 2; side++)
        if (runners[side].has_ended)
            return !side;
    if (strcmp(runners[0].cell, runners[1].cell) == 0)
        return -1;
    for (int side = 0; side < 2; side++) {
        const struct lockstep_list *others = &turns->pair->lists[!side];
        if (place_of(others, runners[side].cell) == others->count)
            return side;
    }
    if (runners[0].pass != runners[1].pass)
        return runners[1].pass < runners[0].pass;
    return place_of(&turns->pair->lists[0], runners[1].cell) < runners[0].place;
}

static void go_on(struct turns *turns)
{
    int alone = who_is_alone(turns);

    if (alone >= 0) {
        give_turn(turns, alone);
        return;
    }
    int first = (int)random_below(turns->pair->random, 2);
    give_turn(turns, first);
    give_turn(turns, !first);
}

int lockstep_run(const struct lockstep_pair *pair, struct process_result results[2])
{
    struct turns turns = {.pair = pair,
                          .runners = {{.go = -1, .asks = -1}, {.go = -1, .asks = -1}},
                          .deadline_s = clock_s() + 2 * pair->timeout_s};
    int error = 0, started = 0;
    struct sigaction before;

    for (; started < 2 && error == 0; started += error == 0) {
        turns.runners[started].result = &results[started];
        error = start(&pair->sides[started], pair->cpu, &turns.runners[started]);
    }
    /* Not before: a program that is started inherits what is ignored. */
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, &before);
    turns.is_over = error != 0;
    for (int side = 0; side < started; side++)
        await(&turns, side, 2 * pair->timeout_s);
    while (!turns.is_over && !(turns.runners[0].has_ended && turns.runners[1].has_ended))
        go_on(&turns);
    for (int side = 0; side < started; side++) {
        struct runner *runner = &turns.runners[side];
        if (runner->has_ended)
            continue;
        reap(&turns, runner, LEAVE_S);
        if (runner->result->end != PROCESS_INTERRUPTED)
            runner->result->end = PROCESS_LEFT;
    }
    for (int side = 0; side < 2; side++) {
        close_one(&turns.runners[side].go);
        close_one(&turns.runners[side].asks);
    }
    sigaction(SIGPIPE, &before, NULL);
    return error;
}

static int read_list(const char *path, struct lockstep_list *list)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    int error = file == NULL ? -errno : 0;

    while (error == 0 && getline(&line, &room, file) > 0) {
        char **names = array_grow(list->names, list->count, sizeof(char *));
        line[strcspn(line, "\n")] = '\0';
        list->names = names != NULL ? names : list->names;
        error = names == NULL || (names[list->count] = strdup(line)) == NULL ? -ENOMEM : 0;
        list->count += error == 0;
    }
    free(line);
    if (file != NULL)
        (void)fclose(file);
    return error;
}

int lockstep_ask(const struct process_plan *plan, double timeout_s, struct lockstep_list *list)
{
    struct process_result result = {0};
    struct runner runner = {.go = -1, .asks = -1};
    char greeting = '\0';

    *list = (struct lockstep_list){0};
    int error = start(plan, -1, &runner);
    if (error == 0) {
        close_one(&runner.go);
        process_await(runner.child, timeout_s, &result);
        fcntl(runner.asks, F_SETFL, O_NONBLOCK);
        int greets = read(runner.asks, &greeting, 1) == 1 && greeting == '\n';
        error = result.end == PROCESS_INTERRUPTED ? -ECANCELED
                : result.end == PROCESS_TIMED_OUT ? -ETIMEDOUT
                : result.end == PROCESS_OK        ? read_list(plan->out_path, list)
                : result.status == 127            ? -ENOENT
                                                  : -EPROTO;
        if (error == 0 && !greets)
            error = -EPROTO;
    }
    close_one(&runner.go);
    close_one(&runner.asks);
    return error;
}

void lockstep_list_free(struct lockstep_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->names[i]);
    free(list->names);
    *list = (struct lockstep_list){0};
}
