/* SPDX-License-Identifier: Apache-2.0 */
/* Channels through what Linux keeps between two processes: pipes, sockets, queues. */
#include "bare_peer.h"

#include <mqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>

static int open_pipe(const struct bare_job *job, struct bare_channel *link)
{
    (void)job;
    link->is_split = true;
    return pipe2(link->fds, O_CLOEXEC) < 0 ? -errno : 0;
}

static int open_pair(struct bare_channel *link, int type)
{
    link->is_split = true;
    return socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, link->fds) < 0 ? -errno : 0;
}

static int open_socket(const struct bare_job *job, struct bare_channel *link)
{
    (void)job;
    return open_pair(link, SOCK_STREAM);
}

static int open_packets(const struct bare_job *job, struct bare_channel *link)
{
    (void)job;
    return open_pair(link, SOCK_SEQPACKET);
}

static int open_tcp(const struct bare_job *job, struct bare_channel *link)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *address = (struct sockaddr *)&own;
    socklen_t length = sizeof own;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    (void)job;
    link->is_split = true;
    link->fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, address, sizeof own) < 0 || listen(listener, 1) < 0 ||
        getsockname(listener, address, &length) < 0 ||
        connect(link->fds[1], address, sizeof own) < 0 ||
        (link->fds[0] = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0)
        return bare_close(listener, -errno);
    for (int i = 0; i < 2; i++)
        (void)setsockopt(link->fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return bare_close(listener, 0);
}

/* Calls until all bytes are moved. */
typedef ssize_t move_function(int fd, char *at, size_t bytes);

static BARE_INLINED int move_all(int fd, char *at, size_t bytes, move_function *move)
{
    for (ssize_t moved; bytes > 0; at += moved, bytes -= (size_t)moved)
        if ((moved = move(fd, at, bytes)) <= 0)
            return -EIO;
    return 0;
}

static inline ssize_t move_by_write(int fd, char *at, size_t bytes) { return write(fd, at, bytes); }
static inline ssize_t move_by_read(int fd, char *at, size_t bytes) { return read(fd, at, bytes); }
static inline ssize_t move_by_vmsplice(int fd, char *at, size_t bytes)
{
    return vmsplice(fd, &(struct iovec){.iov_base = at, .iov_len = bytes}, 1, 0);
}

static inline int send_by_write(struct bare_channel *link, const char *from, size_t bytes)
{
    return move_all(link->fds[1], (char *)(size_t)from, bytes, move_by_write);
}

static inline int send_by_vmsplice(struct bare_channel *link, const char *from, size_t bytes)
{
    return move_all(link->fds[1], (char *)(size_t)from, bytes, move_by_vmsplice);
}

static inline ssize_t receive_by_read(struct bare_channel *link, size_t bytes, const char **data)
{
    *data = link->buffer;
    return move_all(link->fds[0], link->buffer, bytes, move_by_read) == 0 ? (ssize_t)bytes : -EIO;
}

static inline int send_packet(struct bare_channel *link, const char *from, size_t bytes)
{
    return send(link->fds[1], from, bytes, MSG_NOSIGNAL) == (ssize_t)bytes ? 0 : -EIO;
}

static inline ssize_t receive_packet(struct bare_channel *link, size_t bytes, const char **data)
{
    *data = link->buffer;
    return recv(link->fds[0], link->buffer, bytes, 0);
}

static int open_queue(const struct bare_job *job, struct bare_channel *link)
{
    struct mq_attr shape = {.mq_maxmsg = 10, .mq_msgsize = (long)job->chunk_bytes};
    char name[32];

    snprintf(name, sizeof name, "/bench_overhead-%d", (int)getpid());
    link->slot_bytes = job->chunk_bytes;
    link->fds[0] = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &shape);
    return link->fds[0] < 0 || mq_unlink(name) < 0 ? -errno : 0;
}

static inline int send_message(struct bare_channel *link, const char *from, size_t bytes)
{
    return mq_send(link->fds[0], from, bytes, 0) < 0 ? -errno : 0;
}

static inline ssize_t receive_message(struct bare_channel *link, size_t bytes, const char **data)
{
    (void)bytes;
    *data = link->buffer;
    return mq_receive(link->fds[0], link->buffer, link->slot_bytes, NULL);
}

CHANNEL(pipe, open_pipe, send_by_write, receive_by_read, NULL)
CHANNEL(vmsplice, open_pipe, send_by_vmsplice, receive_by_read, NULL)
CHANNEL(socket, open_socket, send_by_write, receive_by_read, NULL)
CHANNEL(tcp, open_tcp, send_by_write, receive_by_read, NULL)
CHANNEL(packets, open_packets, send_packet, receive_packet, NULL)
CHANNEL(queue, open_queue, send_message, receive_message, NULL)

const struct bare_writer bare_message_family[] = {
    BARE_CHANNEL("ChannelPipe", pipe),
    BARE_CHANNEL("ChannelPipeVmsplice", vmsplice),
    BARE_CHANNEL("ChannelSocket", socket),
    BARE_CHANNEL("ChannelSeqpacket", packets),
    BARE_CHANNEL("ChannelTcp", tcp),
    BARE_CHANNEL("ChannelQueue", queue),
    {.name = NULL},
};
