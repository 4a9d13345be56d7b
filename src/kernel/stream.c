/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <stdio.h>
#include <stdio_ext.h>
#include <sys/mman.h>

#define LARGE_BUFFER_BYTES ((size_t)1 << 20)

/* fdopen() asks for the descriptor's access mode with fcntl(). */
int bm_stream_open(struct bm_sample *sample, const char *mode)
{
    int error = bm_open_file(sample);

    if (error != 0)
        return error;
    sample->handle = fdopen(sample->fd, mode);
    sample->calls++;
    return sample->handle == NULL ? -errno : 0;
}

int bm_stream_set_large_buffer(struct bm_sample *sample)
{
    int error = bm_map(sample, LARGE_BUFFER_BYTES, MAP_PRIVATE | MAP_ANONYMOUS, 0);

    if (error != 0)
        return error;
    return setvbuf(sample->handle, sample->map, _IOFBF, LARGE_BUFFER_BYTES) == 0 ? 0 : -EINVAL;
}

static int close_stream(struct bm_sample *sample, bm_stream_calls_function *calls)
{
    FILE *stream = take_stream(sample);
    bool is_large = sample->map != NULL;
    uint64_t buffer_bytes = __fbufsize(stream);

    if (fclose(stream) != 0 && errno != EINTR)
        return -errno;
    /* A stream that was closed before its first chunk, as after Ctrl-C, has no buffer. The library
     * makes its own after a look at the file with fstat(). */
    if (buffer_bytes > 0)
        sample->calls += calls(sample->job, buffer_bytes, is_large) + (is_large ? 0 : 1) + 1;
    return 0;
}

int bm_stream_close(struct bm_sample *sample, bm_stream_calls_function *calls)
{
    int error = sample->handle == NULL ? bm_close_file(sample) : close_stream(sample, calls);
    int unmap_error = bm_unmap_file(sample);

    return error != 0 ? error : unmap_error;
}
