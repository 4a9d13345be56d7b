/* SPDX-License-Identifier: Apache-2.0
 * Streams of bytes: one call a chunk on each side, and more where one does not take all of it. */
#include "loops.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int open_pipe(struct bm_channel *channel, struct bm_link *link)
{
    (void)channel;
    link->is_split = true;
    return pipe2(link->fds, O_CLOEXEC) < 0 ? -errno : 0;
}

/* A socket is the way back, too. */
static int open_socket(struct bm_channel *channel, struct bm_link *link)
{
    if (link == &channel->back)
        return bm_link_turn(&channel->there, link);
    link->is_split = true;
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link->fds) < 0 ? -errno : 0;
}

typedef ssize_t put_function(int fd, const char *from, uint64_t bytes);

static inline ssize_t put_by_write(int fd, const char *from, uint64_t bytes)
{
    return write(fd, from, bytes);
}

static INLINED int send_rest(int fd, const char *from, uint64_t bytes, ssize_t sent,
                             put_function *put)
{
    uint64_t done = 0;
    int error;

    while ((error = count_moved(sent, &done)) == 0 && done < bytes)
        sent = put(fd, from + done, bytes - done);
    return error;
}

OUT_OF_THE_WAY static int write_rest(int fd, const char *from, uint64_t bytes, ssize_t sent)
{
    return send_rest(fd, from, bytes, sent, put_by_write);
}

static inline int send_by_write(struct bm_link *link, const char *from, uint64_t bytes)
{
    ssize_t sent = write(link->fds[1], from, bytes);

    link->calls++;
    return sent == (ssize_t)bytes ? 0 : write_rest(link->fds[1], from, bytes, sent);
}

OUT_OF_THE_WAY static int64_t read_rest(int fd, char *to, uint64_t bytes, ssize_t got)
{
    uint64_t done = 0;

    for (; got != 0; got = read(fd, to + done, bytes - done)) {
        int error = count_moved(got, &done);
        if (error != 0 || done == bytes)
            return error != 0 ? error : (int64_t)bytes;
    }
    return -EIO; /* the other end is closed */
}

static inline int64_t receive_by_read(struct bm_link *link, uint64_t bytes, const char **data)
{
    ssize_t got = read(link->fds[0], link->buffer, bytes);

    link->calls++;
    *data = link->buffer;
    return got == (ssize_t)bytes ? got : read_rest(link->fds[0], link->buffer, bytes, got);
}

CHANNEL(ChannelPipe, "write() to a pipe and read() from it", open_pipe, send_by_write,
        receive_by_read, done_at_once, .probe = NULL);
CHANNEL(ChannelSocket, "write() to an AF_UNIX stream socket and read() from it", open_socket,
        send_by_write, receive_by_read, done_at_once, .probe = NULL);

/* The pages of the chunk go into the pipe by reference: they must not change before they are read.
 */
static inline ssize_t put_by_vmsplice(int fd, const char *from, uint64_t bytes)
{
    struct iovec piece = {.iov_base = (void *)(uintptr_t)from, .iov_len = bytes};

    return vmsplice(fd, &piece, 1, 0);
}

OUT_OF_THE_WAY static int vmsplice_rest(int fd, const char *from, uint64_t bytes, ssize_t sent)
{
    return send_rest(fd, from, bytes, sent, put_by_vmsplice);
}

static inline int send_by_vmsplice(struct bm_link *link, const char *from, uint64_t bytes)
{
    ssize_t sent = put_by_vmsplice(link->fds[1], from, bytes);

    link->calls++;
    return sent == (ssize_t)bytes ? 0 : vmsplice_rest(link->fds[1], from, bytes, sent);
}

CHANNEL(ChannelPipeVmsplice, "vmsplice() of the chunk's pages into a pipe and read() from it",
        open_pipe, send_by_vmsplice, receive_by_read, done_at_once, .probe = NULL);

/* Whoever else connects first is not the other end. */
static int connect_loopback(int listener, int fds[2])
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in other = own;
    socklen_t length = sizeof own;
    int one = 1;

    if (bind(listener, (const struct sockaddr *)&own, sizeof own) < 0 || listen(listener, 1) < 0 ||
        getsockname(listener, (struct sockaddr *)&own, &length) < 0)
        return -errno;
    fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fds[1] < 0 || connect(fds[1], (const struct sockaddr *)&own, sizeof own) < 0 ||
        getsockname(fds[1], (struct sockaddr *)&own, &length) < 0)
        return -errno;
    fds[0] = accept4(listener, (struct sockaddr *)&other, &length, SOCK_CLOEXEC);
    if (fds[0] < 0 || setsockopt(fds[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0 ||
        setsockopt(fds[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0)
        return -errno;
    return other.sin_port == own.sin_port ? 0 : -EPERM;
}

static int open_tcp(struct bm_channel *channel, struct bm_link *link)
{
    int listener, error;

    if (link == &channel->back)
        return bm_link_turn(&channel->there, link);
    link->is_split = true;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    error = listener < 0 ? -errno : connect_loopback(listener, link->fds);
    if (listener >= 0)
        close(listener);
    return error;
}

CHANNEL(ChannelTcp, "write() to a TCP connection over the loopback device and read() from it",
        open_tcp, send_by_write, receive_by_read, done_at_once, .probe = NULL);
