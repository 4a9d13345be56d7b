// SPDX-License-Identifier: Apache-2.0
// The C++ library's streams over a file that is created, or opened, as the other loops do it.
#include "bare.h"

#if __has_include(<ext/stdio_filebuf.h>)
#include <ext/stdio_filebuf.h>
#include <fstream>

template <class Stream> static void give(Stream &stream, int fd, std::ios_base::openmode mode)
{
    __gnu_cxx::stdio_filebuf<char> buffer(fd, mode | std::ios_base::binary);

    stream.rdbuf()->swap(buffer);
}

static int write_chunks(std::ofstream &stream, const bare_job *job)
{
    size_t bytes;

    for (size_t left = job->file_bytes; left > 0; left -= bytes) {
        bytes = bare_least(left, job->chunk_bytes);
        if (!stream.write(job->source, static_cast<std::streamsize>(bytes)))
            return -EIO;
    }
    stream.close();
    return stream.fail() ? -EIO : 0;
}

static int write_stream(const bare_job *job, int)
{
    int fd = bare_create(job, O_WRONLY);
    std::ofstream stream;

    if (fd < 0)
        return fd;
    give(stream, fd, std::ios_base::out);
    return write_chunks(stream, job);
}

static int read_chunks(std::ifstream &stream, const bare_job *job)
{
    uint64_t sum = 0;
    size_t bytes;

    for (size_t left = job->file_bytes; left > 0; left -= bytes) {
        bytes = bare_least(left, job->chunk_bytes);
        if (!stream.read(job->memory, static_cast<std::streamsize>(bytes)))
            return -EIO;
        if (!job->blind)
            sum += bare_sum(job->memory, bytes);
        __asm__ volatile("" : : : "memory");
    }
    bare_sink = sum;
    stream.close();
    return stream.fail() ? -EIO : 0;
}

static int read_stream(const bare_job *job, int)
{
    int fd = bare_open(job, 0);
    std::ifstream stream;

    if (fd < 0)
        return fd;
    give(stream, fd, std::ios_base::in);
    return read_chunks(stream, job);
}

const bare_writer bare_stream_family[] = {
    {"Fstream", 0, write_stream, nullptr, nullptr, false},
    {"ReadFstream", 0, read_stream, bare_prepare_chunk, bare_release_buffer, true},
    {nullptr, 0, nullptr, nullptr, nullptr, false},
};
#else
const bare_writer bare_stream_family[] = {{nullptr, 0, nullptr, nullptr, nullptr, false}};
#endif
