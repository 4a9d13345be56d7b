/* SPDX-License-Identifier: Apache-2.0
 * Messages: a chunk is one, and one call on each side moves it. */
#include "loops.h"

#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int open_packets(struct bm_channel *channel, struct bm_link *link)
{
    if (link == &channel->back)
        return bm_link_turn(&channel->there, link);
    link->is_split = true;
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link->fds) < 0 ? -errno : 0;
}

static inline int send_packet(struct bm_link *link, const char *from, uint64_t bytes)
{
    ssize_t sent;

    do {
        sent = send(link->fds[1], from, bytes, MSG_NOSIGNAL);
        link->calls++;
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)bytes ? 0 : sent < 0 ? -errno : -EIO;
}

static inline int64_t receive_packet(struct bm_link *link, uint64_t bytes, const char **data)
{
    ssize_t got;

    do {
        got = recv(link->fds[0], link->buffer, bytes, 0);
        link->calls++;
    } while (got < 0 && errno == EINTR);
    *data = link->buffer;
    return got == (ssize_t)bytes ? got : got < 0 ? -errno : got == 0 ? -EIO : -EBADMSG;
}

/* af_unix.c keeps 32 bytes of the send buffer for itself. */
enum { PACKET_HEAD_BYTES = 32 };

static int probe_packets(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), buffer_bytes = 0;
    socklen_t length = sizeof buffer_bytes;
    int error =
        fd < 0 || getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, &length) < 0 ? -errno : 0;

    (void)sample;
    if (fd >= 0)
        close(fd);
    limits->chunk_max_bytes = (uint64_t)(buffer_bytes - PACKET_HEAD_BYTES);
    return error != 0 ? bm_refuse(reason, "no sockets of packets here: %s", strerror(-error)) : 0;
}

CHANNEL(ChannelSeqpacket, "send() of an AF_UNIX packet and recv() of it", open_packets, send_packet,
        receive_packet, done_at_once, .probe = probe_packets);

/* What Linux keeps of a queue counts against RLIMIT_MSGQUEUE: as many messages as may be, up to 10.
 * The name is gone at once. */
static mqd_t open_mq(uint64_t message_bytes)
{
    struct mq_attr shape = {.mq_msgsize = (long)message_bytes};
    mqd_t queue = -1;
    char name[64];

    for (shape.mq_maxmsg = 10; queue < 0 && shape.mq_maxmsg > 0; shape.mq_maxmsg /= 2) {
        snprintf(name, sizeof name, "/bench_mmap-%d-%d", (int)getpid(), (int)gettid());
        queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &shape);
        if (queue >= 0)
            (void)mq_unlink(name);
    }
    return queue;
}

static int open_queue(struct bm_channel *channel, struct bm_link *link)
{
    link->slot_bytes = channel->job->chunk_bytes;
    link->fds[0] = open_mq(link->slot_bytes);
    return link->fds[0] < 0 ? -errno : 0;
}

static inline int send_message(struct bm_link *link, const char *from, uint64_t bytes)
{
    int error;

    do {
        error = mq_send(link->fds[0], from, bytes, 0) < 0 ? -errno : 0;
        link->calls++;
    } while (error == -EINTR);
    return error;
}

/* The buffer must hold the largest message of the queue, which is a chunk. */
static INLINED int64_t receive_message(struct bm_link *link, uint64_t bytes, const char **data)
{
    ssize_t got;

    do {
        got = mq_receive(link->fds[0], link->buffer, link->slot_bytes, NULL);
        link->calls++;
    } while (got < 0 && errno == EINTR);
    *data = link->buffer;
    return got == (ssize_t)bytes ? got : got < 0 ? -errno : -EBADMSG;
}

static uint64_t largest_message(void)
{
    FILE *file = fopen("/proc/sys/fs/mqueue/msgsize_max", "re");
    unsigned long long bytes = 8192;

    if (file != NULL) {
        if (fscanf(file, "%llu", &bytes) != 1)
            bytes = 8192;
        (void)fclose(file);
    }
    return bytes;
}

static int probe_queue(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    mqd_t queue = -1;

    (void)sample;
    for (uint64_t bytes = largest_message(); queue < 0 && bytes > 0; bytes /= 2) {
        queue = open_mq(bytes);
        limits->chunk_max_bytes = bytes;
    }
    if (queue < 0)
        return bm_refuse(reason, "no message queues here: %s%s", strerror(errno),
                         errno == EMFILE ? " (RLIMIT_MSGQUEUE)" : "");
    mq_close(queue);
    return 0;
}

CHANNEL(ChannelQueue, "mq_send() to a POSIX message queue and mq_receive() from it", open_queue,
        send_message, receive_message, done_at_once, .probe = probe_queue);
