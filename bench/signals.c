/* SPDX-License-Identifier: Apache-2.0 */
#include "signals.h"

#include "bench_mmap/kernel.h"
#include "progress.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
static volatile sig_atomic_t received;
static sigset_t unheld;

static struct {
    volatile int parent_fd, fd;
    const char *volatile name;
    const char *const *volatile names;
    const char *volatile output;
} created = {.parent_fd = -1, .fd = -1};

/* What other threads make meanwhile, for the sample that they are at, goes the next time. */
static void remove_created(void)
{
    int failed = created.fd >= 0 ? -1 : 0;

    for (int tries = 0; failed != 0 && tries < 10; tries++) {
        for (const char *const *name = created.names; *name != NULL; name++)
            unlinkat(created.fd, *name, 0);
        failed = unlinkat(created.parent_fd, created.name, AT_REMOVEDIR);
    }
    if (created.output != NULL)
        unlink(created.output);
}

/* Google Benchmark ends the program over a file that it cannot open or read. */
static void at_exit(void)
{
    if (created.fd < 0 && created.output == NULL)
        return;
    remove_created();
    message("Google Benchmark ended the program; what was created is removed");
}

static void handle(int number)
{
    int saved_errno = errno;

    if (received != 0) {
        remove_created();
        _exit(128 + number);
    }
    received = number;
    errno = saved_errno;
    bm_cancel(); /* may not come back */
}

void signals_install(void)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_NODEFER | SA_RESTART};
    struct sigaction current;

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        /* nohup, and shells that start background jobs, ignore some for us. */
        if (sigaction(numbers[i], NULL, &current) == 0 && current.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
    signal(SIGXFSZ, SIG_IGN);
    (void)atexit(at_exit);
}

void signals_uninstall(void)
{
    struct sigaction current;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (sigaction(numbers[i], NULL, &current) == 0 && current.sa_handler == handle)
            (void)signal(numbers[i], SIG_DFL);
}

int signals_received(void) { return received; }

void signals_set_directory(int parent_fd, const char *name, int fd, const char *const *names)
{
    created.fd = -1;
    created.parent_fd = parent_fd;
    created.name = name;
    created.names = names;
    created.fd = fd;
}

void signals_set_output(const char *output) { created.output = output; }

void signals_hold(void)
{
    sigset_t held;

    sigemptyset(&held);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaddset(&held, numbers[i]);
    (void)pthread_sigmask(SIG_BLOCK, &held, &unheld);
}

void signals_release(void) { (void)pthread_sigmask(SIG_SETMASK, &unheld, NULL); }
