/* SPDX-License-Identifier: Apache-2.0 */
#include "changes_power.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct answer {
    int error;
    struct share shares[SHARES_MAX];
};

static uint64_t mix(uint64_t seed, size_t number)
{
    seed = random_splitmix(&seed) + number;
    return random_splitmix(&seed);
}

/* Every so many of the histories, from `first` on. */
static void look_at_part(const struct row *row, struct history *history, size_t first, size_t step,
                         struct answer *answer)
{
    for (size_t number = first; answer->error == 0 && number < row->histories; number += step) {
        struct random random;
        const struct trial trial = {row->scenario, number,  row->seed,
                                    history,       &random, answer->shares};
        random_seed(&random, mix(row->seed, number));
        answer->error = row->study->look(&trial);
    }
}

/* The end of a pipe from which the answer of a process of its own comes; -errno. */
static int start(const struct row *row, struct history *history, size_t first, size_t step)
{
    int ends[2];

    if (pipe(ends) != 0)
        return -errno;
    pid_t child = fork();
    int error = child < 0 ? -errno : 0;
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        struct answer answer = {0};
        look_at_part(row, history, first, step, &answer);
        _exit(write(ends[1], &answer, sizeof answer) != (ssize_t)sizeof answer);
    }
    (void)close(ends[1]);
    if (error != 0)
        (void)close(ends[0]);
    return error != 0 ? error : ends[0];
}

static int add(const struct answer *answer, struct share shares[SHARES_MAX])
{
    for (size_t s = 0; s < SHARES_MAX; s++) {
        shares[s].hits += answer->shares[s].hits;
        shares[s].trials += answer->shares[s].trials;
        shares[s].histories += answer->shares[s].histories;
        shares[s].sum += answer->shares[s].sum;
        shares[s].squares += answer->shares[s].squares;
    }
    return answer->error;
}

/* -ECHILD: the process ended without an answer. */
static int take(int end, struct share shares[SHARES_MAX])
{
    struct answer answer;
    ssize_t got = read(end, &answer, sizeof answer);

    (void)close(end);
    return got == (ssize_t)sizeof answer ? add(&answer, shares) : -ECHILD;
}

int row_look(const struct row *row, struct history *history, size_t jobs,
             struct share shares[SHARES_MAX])
{
    int ends[JOBS_MOST], error = 0;
    size_t started = 0;

    if (jobs == 1) {
        struct answer answer = {0};
        look_at_part(row, history, 0, 1, &answer);
        return add(&answer, shares);
    }
    (void)fflush(stdout);
    while (error == 0 && started < jobs) {
        ends[started] = start(row, history, started, jobs);
        if (ends[started] < 0)
            error = ends[started];
        else
            started++;
    }
    for (size_t j = 0; j < started; j++) {
        int taken = take(ends[j], shares);
        error = error != 0 ? error : taken;
    }
    while (wait(NULL) > 0)
        ;
    return error;
}
