/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"
#include "src/base/clock.h"
#include "src/base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long a process may take to clean up after SIGTERM. */
#define GRACE_S 5.0
/* How late a signal may be seen. */
#define LOOK_S 0.2

static volatile sig_atomic_t received;

static void handle(int number) { received = number; }

void process_catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = handle};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaction(numbers[i], &action, NULL);
}

int process_is_interrupted(void) { return received != 0; }

/* A directory of --keep may have been there before, with what others have put into it. */
static int open_out(const char *path)
{
    return path == NULL ? open("/dev/null", O_RDWR | O_CLOEXEC)
                        : open_at_once(path, O_CREAT | O_TRUNC | O_NOFOLLOW);
}

/* 3 and 4: a shell can redirect from and to descriptors of one digit only. */
static int take_turns(const int *turns)
{
    enum { FIRST = 3, AWAY = 10 };
    int moved[2];

    for (int i = 0; i < 2; i++)
        if ((moved[i] = fcntl(turns[i], F_DUPFD_CLOEXEC, AWAY)) < 0)
            return -1;
    return dup2(moved[0], FIRST) < 0 || dup2(moved[1], FIRST + 1) < 0 ? -1 : 0;
}

static void become(const struct process_plan *plan)
{
    int in = open_out(NULL), out = open_out(plan->out_path), errors = open_out(plan->error_path);
    cpu_set_t one;

    setpgid(0, 0); /* Ctrl-C reaches this program only, which then ends that one */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (in < 0 || out < 0 || errors < 0 || dup2(in, STDIN_FILENO) < 0 ||
        dup2(out, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0 ||
        (plan->turns != NULL && take_turns(plan->turns) != 0))
        _exit(127);
    if (plan->variable != NULL)
        putenv((char *)plan->variable);
    CPU_ZERO(&one);
    if (plan->cpu >= 0)
        CPU_SET((size_t)plan->cpu, &one);
    if (plan->cpu >= 0 && sched_setaffinity(0, sizeof one, &one) != 0)
        _exit(127);
    execvp(plan->argv[0], (char *const *)plan->argv);
    _exit(127);
}

static sigset_t only_child(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    return set;
}

/* 1: it has ended. Nothing is done meanwhile that a measurement would feel. */
static int wait_until(pid_t child, double until_s, int mind_signals, int *status)
{
    const sigset_t set = only_child();

    for (;;) {
        double left_s = until_s - clock_s();
        const struct timespec pause = {0, (long)(1e9 * (left_s < LOOK_S ? left_s : LOOK_S))};
        pid_t ended = waitpid(child, status, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR))
            return 1;
        if (left_s <= 0 || (mind_signals && received != 0))
            return 0;
        (void)sigtimedwait(&set, NULL, &pause);
    }
}

int process_start(const struct process_plan *plan, pid_t *child)
{
    const sigset_t set = only_child();

    sigprocmask(SIG_BLOCK, &set, NULL); /* so that sigtimedwait() sees it */
    *child = fork();
    if (*child < 0)
        return -errno;
    if (*child == 0) {
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        become(plan);
    }
    setpgid(*child, *child);
    return 0;
}

void process_await(pid_t child, double timeout_s, struct process_result *result)
{
    int status = 0;

    result->end = PROCESS_OK;
    if (!wait_until(child, clock_s() + timeout_s, 1, &status)) {
        result->end = received != 0 ? PROCESS_INTERRUPTED : PROCESS_TIMED_OUT;
        kill(-child, SIGTERM);
        if (!wait_until(child, clock_s() + GRACE_S, 0, &status)) {
            kill(-child, SIGKILL);
            waitpid(child, &status, 0);
        }
    }
    result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (result->end == PROCESS_OK && received != 0)
        result->end = PROCESS_INTERRUPTED;
    else if (result->end == PROCESS_OK && result->status != 0)
        result->end = PROCESS_FAILED;
}

int process_run(const struct process_plan *plan, double timeout_s, struct process_result *result)
{
    pid_t child;
    int error = process_start(plan, &child);

    if (error == 0)
        process_await(child, timeout_s, result);
    return error;
}
