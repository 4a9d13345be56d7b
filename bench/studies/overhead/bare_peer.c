/* SPDX-License-Identifier: Apache-2.0 */
#include "bare_peer.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

int bare_map_shared(struct bare_channel *link, int fd, size_t bytes)
{
    if (fd >= 0 && posix_fallocate(fd, 0, (off_t)bytes) != 0)
        return -ENOSPC;
    link->shared =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
    link->shared_bytes = bytes;
    if (link->shared != MAP_FAILED)
        return 0;
    link->shared = NULL;
    return -errno;
}

/* As the kernels do: before the clock is read. */
static void touch(char *memory, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 4096)
        atomic_fetch_or((atomic_char *)(memory + at), 0);
}

static void bind_to(int processor)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((size_t)processor, &one);
    (void)sched_setaffinity(0, sizeof one, &one);
}

static _Noreturn void receive_all(struct bare_job *job, serve_function *serve)
{
    struct bare_channel *link = job->channel;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (link->is_split)
        close(link->fds[1]);
    if (job->cpus != NULL)
        bind_to(job->cpus[1]);
    link->buffer = mmap(NULL, job->chunk_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    touch(link->shared, link->shared_bytes);
    if (link->buffer != MAP_FAILED)
        touch(link->buffer, job->chunk_bytes);
    if (link->buffer != MAP_FAILED)
        bare_touch_by_calls(link->buffer, job->chunk_bytes);
    atomic_store(link->state, READY);
    futex(link->state, FUTEX_WAKE, 1);
    if (link->buffer == MAP_FAILED || getppid() != link->sender || serve(job) != 0)
        _exit(1);
    atomic_store(link->state, DONE);
    futex(link->state, FUTEX_WAKE, 1);
    for (;;)
        pause();
}

int bare_peer_start(struct bare_job *job, open_function *open_link, serve_function *serve)
{
    struct bare_channel *link = calloc(1, sizeof *link);
    int error;

    if (link == NULL)
        return -ENOMEM;
    *link = (struct bare_channel){.sender = getpid(), .fds = {-1, -1}};
    job->channel = link;
    link->state = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    error = link->state == MAP_FAILED ? -ENOMEM : open_link(job, link);
    if (error != 0)
        return error;
    touch(link->shared, link->shared_bytes);
    (void)sched_getaffinity(0, sizeof link->allowed, &link->allowed);
    link->receiver = fork();
    if (link->receiver == 0)
        receive_all(job, serve);
    if (link->receiver < 0)
        return -errno;
    (void)prctl(PR_SET_PTRACER, link->receiver);
    if (job->cpus != NULL)
        bind_to(job->cpus[0]);
    if (link->is_split)
        close(link->fds[0]);
    if (link->is_split)
        link->fds[0] = -1;
    while (atomic_load(link->state) != READY) {
        const struct timespec pause = {.tv_nsec = 100000000};
        (void)syscall(SYS_futex, link->state, FUTEX_WAIT, 0, &pause, NULL, 0);
        if (waitpid(link->receiver, NULL, WNOHANG) != 0)
            return -EPIPE;
    }
    return 0;
}

void bare_peer_stop(struct bare_job *job)
{
    struct bare_channel *link = job->channel;

    if (link == NULL)
        return;
    if (link->receiver > 0 && kill(link->receiver, SIGKILL) == 0)
        waitpid(link->receiver, NULL, 0);
    if (link->receiver > 0 && job->cpus != NULL)
        (void)sched_setaffinity(0, sizeof link->allowed, &link->allowed);
    for (int i = 0; i < 2; i++)
        if (link->fds[i] >= 0)
            close(link->fds[i]);
    if (link->shared != NULL)
        munmap(link->shared, link->shared_bytes);
    if (link->state != MAP_FAILED)
        munmap(link->state, 4096);
    free(link);
    job->channel = NULL;
}
