/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"
#include "src/base/clock.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum state { STARTING, READY, DONE, FAILED };

/* A look is a tenth of a second. A receiver that has received nothing for so many hangs, but a
 * large chunk may take it longer: 80 MiB a second is slow. One that could run but has no processor,
 * because others have them, gets more time. */
enum { PATIENCE_LOOKS = 9, LOOK_CHUNK_SHIFT = 23, MORE_PATIENCE = 10 };

void bm_futex_wait(const atomic_uint *word, unsigned value)
{
    (void)syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

void bm_futex_wake(const atomic_uint *word)
{
    /* In a signal handler, too: syscall() is its instruction and errno.
     * NOLINTNEXTLINE(bugprone-signal-handler,cert-sig30-c) */
    (void)syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

int bm_open_unnamed(const struct bm_job *job)
{
    int fd =
        openat(job->dir_fd, job->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return -errno;
    if (unlinkat(job->dir_fd, job->name, 0) < 0) {
        int error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

int bm_link_share(struct bm_link *link, int fd, uint64_t slots, uint64_t slot_bytes)
{
    uint64_t bytes = slots * slot_bytes;
    int error = fd < 0 ? 0 : posix_fallocate(fd, 0, (off_t)bytes);
    void *shared;

    if (error != 0)
        return -error;
    shared = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE,
                  MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
    if (shared == MAP_FAILED)
        return -errno;
    link->shared = shared;
    link->size_bytes = bytes;
    link->slot_bytes = slot_bytes;
    return 0;
}

/* Each process has page tables of its own: without this, faults would be in the sample. A page of a
 * file may not be had: -EFAULT, and no SIGBUS where Linux can say so. A page that is there already
 * is read only: Linux may have written it back meanwhile, and a store would need room once more. */
static int touch(const struct bm_link *link)
{
    const volatile char *shared = link->shared;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (shared == NULL)
        return 0;
    if (madvise(link->shared, (size_t)link->size_bytes, MADV_POPULATE_WRITE) < 0) {
        if (errno == EFAULT)
            return -EFAULT;
        bm_touch(link->shared, link->size_bytes);
    }
    for (size_t at = 0; at < link->size_bytes; at += page)
        (void)shared[at];
    return 0;
}

/* After the fork, so that no page is copied at the first store. */
static int create_buffer(const struct bm_channel *channel, struct bm_link *link)
{
    void *buffer = mmap(NULL, (size_t)channel->job->chunk_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    if (buffer == MAP_FAILED)
        return -errno;
    bm_touch(buffer, channel->job->chunk_bytes);
    bm_touch_by_calls(buffer, channel->job->chunk_bytes);
    link->buffer = buffer;
    return 0;
}

/* A process keeps the descriptors of two ends, and closes those that are the other's: then each
 * finds out when the other is gone. */
static void keep(struct bm_channel *channel, int mine, int also_mine)
{
    int *const all[] = {&channel->there.fds[0], &channel->there.fds[1], &channel->back.fds[0],
                        &channel->back.fds[1]};
    size_t count = channel->there.is_split ? sizeof all / sizeof all[0] : 0;

    for (size_t i = 0; i < count; i++) {
        int fd = *all[i];
        if (fd < 0 || fd == mine || fd == also_mine)
            continue;
        close(fd);
        for (size_t k = i; k < count; k++)
            if (*all[k] == fd)
                *all[k] = -1;
    }
}

/* What other threads have open, a pipe to another receiver say, this process must not keep open.
 * A Linux without close_range() keeps it until the process ends. */
static void close_others(const struct bm_channel *channel)
{
    const int mine[] = {channel->there.fds[0], channel->there.fds[1], channel->back.fds[0],
                        channel->back.fds[1]};
    unsigned first = 3;

    for (;;) {
        unsigned next = ~0U;
        for (size_t i = 0; i < sizeof mine / sizeof mine[0]; i++)
            if (mine[i] >= (int)first && (unsigned)mine[i] < next)
                next = (unsigned)mine[i];
        if (next > first)
            (void)syscall(SYS_close_range, first, next == ~0U ? next : next - 1, 0);
        if (next == ~0U)
            return;
        first = next + 1;
    }
}

/* What ends the sender must not be seen by the receiver first: it is ended by the sender, or by
 * Linux where that is killed. */
static void reset_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL);
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        (void)signal(ignored[i], SIG_IGN);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void bind_to(int processor)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((size_t)processor, &one);
    (void)sched_setaffinity(0, sizeof one, &one);
}

static void tell(struct bm_receiver *receiver, enum state state)
{
    atomic_store(&receiver->state, state);
    bm_futex_wake(&receiver->state);
}

static struct bm_receiver *receiver_here; /* in its own process, for the handler */

static void end_on_bus_error(int number)
{
    (void)number;
    receiver_here->error = -EFAULT;
    tell(receiver_here, FAILED);
    _exit(0);
}

/* Another thread may have held any lock at the fork. */
static _Noreturn void receive_all(struct bm_channel *channel, bm_serve_function *serve,
                                  pid_t sender)
{
    struct bm_receiver *receiver = channel->receiver;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != sender)
        _exit(1);
    reset_signals();
    receiver_here = receiver;
    (void)signal(SIGBUS, end_on_bus_error);
    keep(channel, channel->there.fds[0], channel->back.fds[1]);
    close_others(channel);
    if (channel->job->cpus != NULL)
        bind_to(channel->job->cpus[1]);
    receiver->error = touch(&channel->there);
    if (receiver->error == 0)
        receiver->error = touch(&channel->back);
    if (receiver->error == 0)
        receiver->error = create_buffer(channel, &channel->there);
    if (receiver->error == 0) {
        tell(receiver, READY);
        receiver->error = serve(channel);
    }
    tell(receiver, receiver->error == 0 ? DONE : FAILED);
    while (receiver->error == 0) /* what it has sent back may still be in its memory */
        pause();
    _exit(0);
}

/* "4711 (bench_mmap) R 1 ...": not asleep, and not stopped. In a signal handler, too. */
static bool is_runnable(const struct bm_channel *channel)
{
    int error = errno, fd = open(channel->receiver_stat, O_RDONLY | O_CLOEXEC);
    char text[64] = "";
    ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    const char *rest = got > 0 ? strrchr(text, ')') : NULL;

    if (fd >= 0)
        close(fd);
    errno = error;
    return rest != NULL && rest[1] == ' ' && rest[2] == 'R';
}

/* In a signal handler, too. */
static int look(void *user)
{
    struct bm_channel *channel = user;
    const struct bm_receiver *receiver = channel->receiver;
    unsigned patience = PATIENCE_LOOKS + (unsigned)(channel->job->chunk_bytes >> LOOK_CHUNK_SHIFT);

    if (channel->receiver_pid > 0 && waitpid(channel->receiver_pid, NULL, WNOHANG) > 0)
        channel->receiver_pid = 0;
    if (atomic_load(&receiver->state) == DONE)
        return 0;
    if (channel->receiver_pid == 0 || atomic_load(&receiver->state) == FAILED)
        return receiver->error != 0 ? bm_bus_error(channel->job, receiver->error) : -EPIPE;
    channel->idle_looks = receiver->pieces == channel->pieces_seen ? channel->idle_looks + 1 : 0;
    channel->pieces_seen = receiver->pieces;
    if (channel->idle_looks < patience ||
        (channel->idle_looks < MORE_PATIENCE * patience && is_runnable(channel)))
        return 0;
    return -ETIMEDOUT;
}

static int wait_until_ready(struct bm_channel *channel)
{
    const struct timespec pause = {.tv_nsec = 100000000};
    const atomic_uint *state = &channel->receiver->state;
    int error = 0;

    while (error == 0 && atomic_load(state) == STARTING) {
        (void)syscall(SYS_futex, state, FUTEX_WAIT, STARTING, &pause, NULL, 0);
        if (atomic_load(state) == STARTING)
            error = bm_is_cancelled() ? -ECANCELED : look(channel);
    }
    return error != 0 ? error : look(channel);
}

static bool share_processor(const struct bm_job *job, const cpu_set_t *allowed)
{
    return job->cpus != NULL ? job->cpus[0] == job->cpus[1] : CPU_COUNT(allowed) == 1;
}

/* SIGPIPE is an error of the call here, whatever the program makes of it elsewhere. */
static int start_process(struct bm_channel *channel, bm_serve_function *serve)
{
    pid_t sender = getpid();
    sigset_t all, broken_pipe;

    sigfillset(&all);
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    channel->there.sender = sender;
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    channel->receiver_pid = fork();
    if (channel->receiver_pid == 0)
        receive_all(channel, serve, sender);
    int error = channel->receiver_pid < 0 ? -errno : 0;
    pthread_sigmask(SIG_SETMASK, &channel->signals, NULL);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, NULL);
    if (error != 0) {
        channel->receiver_pid = 0;
        return error;
    }
    channel->back.sender = channel->receiver_pid;
    snprintf(channel->receiver_stat, sizeof channel->receiver_stat, "/proc/%d/stat",
             (int)channel->receiver_pid);
    /* Where Yama is, a process may not look into its parent's memory otherwise. */
    (void)prctl(PR_SET_PTRACER, channel->receiver_pid);
    keep(channel, channel->there.fds[1], channel->back.fds[0]);
    return create_buffer(channel, &channel->back);
}

static int open_links(struct bm_channel *channel, bm_open_function *open)
{
    struct bm_link *const links[] = {&channel->there, &channel->back};
    bool yields = share_processor(channel->job, &channel->processors);
    int error = 0;

    for (size_t i = 0; error == 0 && i < (channel->trips > 0 ? 2 : 1); i++) {
        error = open(channel, links[i]);
        if (yields && links[i]->spins > 0)
            links[i]->spins = 1;
        if (error == 0)
            error = bm_bus_error(channel->job, touch(links[i]));
    }
    return error;
}

int bm_channel_start(struct bm_sample *sample, bm_open_function *open, bm_serve_function *serve)
{
    struct bm_channel *channel = calloc(1, sizeof *channel);
    void *page;
    int error;

    if (channel == NULL)
        return -ENOMEM;
    sample->handle = channel;
    *channel = (struct bm_channel){.job = sample->job,
                                   .there = {.fds = {-1, -1}},
                                   .back = {.fds = {-1, -1}},
                                   .trips = bm_job_trips(sample->job)};
    (void)sched_getaffinity(0, sizeof channel->processors, &channel->processors);
    pthread_sigmask(SIG_SETMASK, NULL, &channel->signals);
    page = mmap(NULL, sizeof *channel->receiver, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
    if (page == MAP_FAILED)
        return -errno;
    channel->receiver = page;
    error = open_links(channel, open);
    if (error == 0 && sample->job->cpus != NULL)
        bind_to(sample->job->cpus[0]);
    if (error == 0)
        error = start_process(channel, serve);
    if (error == 0)
        error = wait_until_ready(channel);
    channel->idle_looks = 0;
    return error != 0 ? error : bm_guard_watch(look, channel);
}

int bm_channel_finish(struct bm_channel *channel)
{
    const struct bm_receiver *receiver = channel->receiver;
    unsigned times = 0;

    while (atomic_load(&receiver->state) == READY) {
        if (channel->there.spins == 0)
            bm_futex_wait(&receiver->state, READY);
        else
            bm_link_spin(&channel->there, &times);
    }
    return atomic_load(&receiver->state) == DONE ? 0 : bm_bus_error(channel->job, receiver->error);
}

int bm_channel_error(const struct bm_channel *channel, int error)
{
    if (channel->receiver->error != 0)
        return bm_bus_error(channel->job, channel->receiver->error);
    /* What should come back has ended. */
    if (error == -EIO && channel->trips > 0)
        return -EPIPE;
    return error == -ECONNRESET || error == -ENOTCONN || error == -ESRCH ? -EPIPE : error;
}

static void close_link(struct bm_link *link, uint64_t buffer_bytes)
{
    for (int i = 0; i < 2; i++)
        if (link->fds[i] >= 0)
            close(link->fds[i]);
    if (link->shared != NULL)
        munmap(link->shared, (size_t)link->size_bytes);
    if (link->buffer != NULL)
        munmap(link->buffer, (size_t)buffer_bytes);
}

static void end_process(struct bm_channel *channel)
{
    (void)prctl(PR_SET_PTRACER, 0);
    if (channel->receiver_pid <= 0)
        return;
    kill(channel->receiver_pid, SIGKILL); /* it may be stopped */
    while (waitpid(channel->receiver_pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* A SIGPIPE that waits was for a call that has failed. */
static void restore_thread(const struct bm_channel *channel)
{
    const struct timespec at_once = {0};
    sigset_t broken_pipe;

    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    if (!sigismember(&channel->signals, SIGPIPE))
        (void)sigtimedwait(&broken_pipe, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &channel->signals, NULL);
    if (channel->job->cpus != NULL)
        (void)sched_setaffinity(0, sizeof channel->processors, &channel->processors);
}

int bm_channel_stop(struct bm_sample *sample)
{
    struct bm_channel *channel = sample->handle;

    if (channel == NULL)
        return 0;
    (void)bm_guard_watch(NULL, NULL);
    end_process(channel);
    /* A socket has both directions. */
    if (channel->back.fds[0] == channel->there.fds[1])
        channel->back.fds[0] = channel->back.fds[1] = -1;
    close_link(&channel->there, sample->job->chunk_bytes);
    close_link(&channel->back, sample->job->chunk_bytes);
    if (channel->receiver != NULL)
        munmap(channel->receiver, sizeof *channel->receiver);
    restore_thread(channel);
    free(channel);
    sample->handle = NULL;
    return 0;
}
