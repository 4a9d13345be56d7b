/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaving a fill from a signal handler: SIGBUS when a page of the mapping cannot be had, and
 * bm_cancel(). All state that a handler needs is in this file. */
#include "kernel.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id /* older C libraries have no name for it */
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum { LOOK_NS = 100000000 };

/* Set while a fill runs in this thread. The signal mask is not saved (that would be a system call
 * in the timed part), so handlers that jump run with SA_NODEFER. */
static _Thread_local sigjmp_buf way_out;
static _Thread_local volatile sig_atomic_t may_jump_on_bus_error;
static _Thread_local volatile sig_atomic_t may_jump_on_cancel;

/* What looks after the fill of this thread, by the thread's own timer. */
static _Thread_local bm_look_function *volatile look_after;
static _Thread_local void *looked_at;
static _Thread_local timer_t look_timer;

static volatile sig_atomic_t cancelled;
static volatile sig_atomic_t installed;
static struct sigaction previous_action;
static pthread_once_t install_once = PTHREAD_ONCE_INIT;

/* A signal that is not ours is handled as if this handler were not there. */
static void pass_on(int number, siginfo_t *info, void *context)
{
    if (previous_action.sa_flags & SA_SIGINFO) {
        previous_action.sa_sigaction(number, info, context);
    } else if (previous_action.sa_handler == SIG_IGN && info->si_code <= 0) {
        return; /* sent by kill() and ignored; a real one would come again for ever */
    } else if (previous_action.sa_handler == SIG_DFL || previous_action.sa_handler == SIG_IGN) {
        signal(number, SIG_DFL);
        raise(number);
    } else {
        previous_action.sa_handler(number);
    }
}

static void handle_bus_error(int number, siginfo_t *info, void *context)
{
    if (may_jump_on_bus_error && info->si_code > 0)
        siglongjmp(way_out, EFAULT);
    if (info->si_code == SI_TIMER && info->si_value.sival_ptr == &look_timer) {
        int saved_errno = errno;
        int error = may_jump_on_cancel && look_after != NULL ? look_after(looked_at) : 0;
        errno = saved_errno;
        if (error != 0)
            siglongjmp(way_out, -error);
        return;
    }
    if (cancelled && info->si_code == SI_TKILL && info->si_pid == getpid()) {
        if (may_jump_on_cancel)
            siglongjmp(way_out, ECANCELED);
        return;
    }
    pass_on(number, info, context);
}

static void install(void)
{
    struct sigaction action = {.sa_sigaction = handle_bus_error,
                               .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous_action);
    installed = 1;
}

void bm_guard_install(void) { pthread_once(&install_once, install); }

/* The fill loop that job->sync asks for. */
static bm_phase_function *fill_function(const struct bm_sample *sample)
{
    const struct bm_kernel *kernel = sample->kernel;

    if (sample->job->mode == BM_MODE_ROUNDTRIP)
        return kernel->fill_trips;
    return sample->job->sync == BM_SYNC_MODE_EACH && kernel->fill_each != NULL
               ? kernel->fill_each
               : kernel->phase[BM_PHASE_FILL];
}

int bm_guard_fill(struct bm_sample *sample)
{
    unsigned flags = sample->kernel->flags;
    int reason = sigsetjmp(way_out, 0), error = -reason;

    if (reason == 0) {
        may_jump_on_bus_error = bm_shares_memory(sample->kernel);
        may_jump_on_cancel = (flags & KERNEL_LOCKS) == 0;
        error = cancelled ? -ECANCELED : fill_function(sample)(sample);
    }
    may_jump_on_bus_error = 0;
    may_jump_on_cancel = 0;
    return error;
}

int bm_guard_watch(bm_look_function *look, void *user)
{
    const struct itimerspec interval = {{.tv_nsec = LOOK_NS}, {.tv_nsec = LOOK_NS}};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID,
                             .sigev_signo = SIGBUS,
                             .sigev_value.sival_ptr = &look_timer};
    struct sigaction current;

    if (look_after != NULL)
        (void)timer_delete(look_timer);
    look_after = NULL;
    /* The handler of a program that has put its own in place of ours would not know the timer. */
    if (look == NULL || sigaction(SIGBUS, NULL, &current) < 0 ||
        current.sa_sigaction != handle_bus_error)
        return 0;
    event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
    if (timer_create(CLOCK_MONOTONIC, &event, &look_timer) < 0)
        return -errno;
    looked_at = user;
    look_after = look;
    return timer_settime(look_timer, 0, &interval, NULL) < 0 ? -errno : 0;
}

static pid_t thread_of(const char *name)
{
    pid_t thread = 0;

    for (; *name >= '0' && *name <= '9'; name++)
        thread = 10 * thread + (*name - '0');
    return thread;
}

/* A signal comes to one thread. The others get a SIGBUS each, whose handler leaves their fills.
 * opendir() would take memory, which a handler may not. */
static void tell_other_threads(void)
{
    _Alignas(struct dirent64) char entries[2048];
    pid_t self = (pid_t)syscall(SYS_gettid);
    int folder = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    long length;

    while (folder >= 0 && (length = syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
        for (long at = 0; at < length;) {
            const struct dirent64 *entry = (const void *)&entries[at];
            pid_t thread = thread_of(entry->d_name);
            if (thread > 0 && thread != self)
                syscall(SYS_tgkill, getpid(), thread, SIGBUS);
            at += entry->d_reclen;
        }
    }
    if (folder >= 0)
        close(folder);
}

void bm_cancel(void)
{
    int saved_errno = errno, first = !cancelled;

    cancelled = 1;
    if (first && installed)
        tell_other_threads();
    errno = saved_errno;
    if (may_jump_on_cancel)
        siglongjmp(way_out, ECANCELED);
}

bool bm_is_cancelled(void) { return cancelled; }
