/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"
#include "src/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How long a process may take to clean up after SIGTERM. */
#define GRACE_S 5.0

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

static void become(const char *const *argv, const char *error_path)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    int errors = open(error_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    setpgid(0, 0); /* Ctrl-C reaches this program only, which then ends that one */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (nowhere < 0 || errors < 0 || dup2(nowhere, STDIN_FILENO) < 0 ||
        dup2(nowhere, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0)
        _exit(127);
    execvp(argv[0], (char *const *)argv);
    _exit(127);
}

/* 1: it has ended; it is looked at every few milliseconds, which costs microseconds. */
static int wait_until(pid_t child, double until_s, int mind_signals, int *status)
{
    const struct timespec pause = {0, 20000000};

    for (;;) {
        pid_t ended = waitpid(child, status, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR))
            return 1;
        if (clock_s() >= until_s || (mind_signals && received != 0))
            return 0;
        nanosleep(&pause, NULL);
    }
}

int process_run(const char *const *argv, const char *error_path, double timeout_s,
                struct process_result *result)
{
    int status = 0;
    pid_t child = fork();

    if (child < 0)
        return -errno;
    if (child == 0)
        become(argv, error_path);
    setpgid(child, child);
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
    return 0;
}
