// SPDX-License-Identifier: Apache-2.0
#include "fstream_c.h"

// Only libstdc++ makes a stream of a descriptor.
#if defined __has_include
#if __has_include(<ext/stdio_filebuf.h>)
#include <cerrno>
#include <cstdio>
#include <exception>
#include <ext/stdio_filebuf.h>
#include <fstream>
#include <memory>
#include <new>
#include <unistd.h>

struct bm_ofstream : std::ofstream {
};
struct bm_ifstream : std::ifstream {
};

namespace
{
constexpr std::ios_base::openmode writing = std::ios_base::out | std::ios_base::binary;
constexpr std::ios_base::openmode reading = std::ios_base::in | std::ios_base::binary;

int last_error() { return errno != 0 ? -errno : -EIO; }

template <class Stream>
int open_stream(int fd, std::ios_base::openmode mode, Stream **opened) noexcept
{
    std::unique_ptr<Stream> stream(new (std::nothrow) Stream);

    *opened = nullptr;
    if (!stream) {
        close(fd);
        return -ENOMEM;
    }
    try {
        __gnu_cxx::stdio_filebuf<char> buffer(fd, mode);
        if (buffer.is_open()) {
            stream->rdbuf()->swap(buffer);
            *opened = stream.release();
            return 0;
        }
    } catch (const std::exception &) {
        return -ENOMEM; // the buffer had the descriptor, and has closed it
    }
    int error = last_error();
    close(fd);
    return error;
}

template <class Stream> int close_stream(Stream *stream) noexcept
{
    errno = 0;
    stream->close();
    int error = stream->fail() ? last_error() : 0;
    delete stream;
    return error;
}
} // namespace

int bm_ofstream_open(int fd, bm_ofstream **stream) { return open_stream(fd, writing, stream); }
int bm_ifstream_open(int fd, bm_ifstream **stream) { return open_stream(fd, reading, stream); }
int bm_ofstream_close(bm_ofstream *stream) { return close_stream(stream); }
int bm_ifstream_close(bm_ifstream *stream) { return close_stream(stream); }

int bm_ofstream_write(bm_ofstream *stream, const char *from, uint64_t bytes)
{
    return stream->write(from, static_cast<std::streamsize>(bytes)) ? 0 : last_error();
}

int bm_ofstream_seek(bm_ofstream *stream, uint64_t at)
{
    return stream->seekp(static_cast<std::streamoff>(at)) ? 0 : last_error();
}

int bm_ofstream_flush(bm_ofstream *stream) { return stream->flush() ? 0 : last_error(); }

int bm_ifstream_read(bm_ifstream *stream, char *to, uint64_t bytes)
{
    return stream->read(to, static_cast<std::streamsize>(bytes)) ? 0
           : stream->eof()                                       ? -EIO
                                                                 : last_error();
}

uint64_t bm_fstream_buffer_bytes() { return BUFSIZ - 1; }

// Since GCC 13 only what does not fit goes past the buffer.
uint64_t bm_ofstream_direct_bytes() { return _GLIBCXX_RELEASE < 13 ? 1024 : BUFSIZ - 1; }
#endif
#endif
