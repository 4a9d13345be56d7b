/* SPDX-License-Identifier: Apache-2.0
 *
 * A window that slides over the file: 64 KiB at first, doubled each time up to 1 MiB, as RocksDB's
 * and LevelDB's mapped log files have it. A file of any size needs 1 MiB of address space. */
#include "src/kernel/kernel.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIRST_WINDOW_BYTES ((uint64_t)64 << 10)
#define LAST_WINDOW_BYTES ((uint64_t)1 << 20)

struct window {
    uint64_t start, bytes; /* in the file; 0 bytes: none is mapped yet */
};

/* The file grows with the windows, where it has no size yet, and not beyond its end: there may be
 * the largest size that a file may have. */
static int next_window(struct bm_sample *sample, struct window *window)
{
    uint64_t bytes = window->bytes == 0 ? FIRST_WINDOW_BYTES : 2 * window->bytes;
    int error = bm_unmap_file(sample);

    if (error != 0)
        return error;
    window->start += window->bytes;
    window->bytes = chunk_min(bytes, LAST_WINDOW_BYTES);
    if (!(bm_file_state_flags(sample->job->state) & STATE_SIZED)) {
        sample->calls++;
        if (ftruncate(sample->fd, (off_t)chunk_min(window->start + window->bytes,
                                                   sample->job->file_size_bytes)) < 0)
            return -errno;
    }
    return bm_map(sample, window->bytes, MAP_SHARED, window->start);
}

/* Opens the next window when none has the byte at this offset. */
static inline int reach(struct bm_sample *sample, struct window *window, uint64_t at)
{
    return at == window->start + window->bytes ? next_window(sample, window) : 0;
}

/* A chunk that does not lie in the window, or not all of it. */
OUT_OF_THE_WAY static int copy_across(struct bm_sample *sample, struct window *window,
                                      const char *from, uint64_t bytes, uint64_t at)
{
    while (bytes > 0) {
        int error = reach(sample, window, at);
        uint64_t part = chunk_min(bytes, window->start + window->bytes - at);
        if (error != 0)
            return error;
        memcpy(sample->map + (at - window->start), from, part);
        compiler_barrier();
        at += part, from += part, bytes -= part;
    }
    return 0;
}

static int fill_windows(struct bm_sample *sample)
{
    struct window window = {0};
    uint64_t room = 0; /* in the window, behind the chunks before */
    char *to = NULL;
    int error;

    FOR_EACH_CHUNK(chunk, sample->job) {
        if (chunk.bytes <= room) {
            memcpy(to, chunk.from, chunk.bytes);
            compiler_barrier();
            to += chunk.bytes;
            room -= chunk.bytes;
        } else {
            error = copy_across(sample, &window, chunk.from, chunk.bytes, chunk.at);
            if (error != 0)
                return error;
            room = window.start + window.bytes - (chunk.at + chunk.bytes);
            to = sample->map + (window.bytes - room);
        }
    }
    return 0;
}

static int fill_windows_each(struct bm_sample *sample)
{
    struct window window = {0};

    FOR_EACH_CHUNK(chunk, sample->job) {
        for (uint64_t done = 0; done < chunk.bytes;) {
            uint64_t at = chunk.at + done, part;
            int error = reach(sample, &window, at);
            if (error != 0)
                return error;
            part = chunk_min(chunk.bytes - done, window.start + window.bytes - at);
            memcpy(sample->map + (at - window.start), chunk.from + done, part);
            sample->calls++;
            error = bm_sync_pages(sample->map, at - window.start, part);
            if (error != 0)
                return error;
            done += part;
        }
    }
    return 0;
}

/* As those do whose windows reach beyond the end. */
static int trim(struct bm_sample *sample)
{
    int error = bm_unmap_file(sample);

    return error != 0 || sample->fd < 0 ? error : bm_size_by_ftruncate(sample);
}

/* Trimmed before it is synced, so that the size is durable too. */
static int trim_and_sync(struct bm_sample *sample)
{
    int error = trim(sample);

    return error != 0 ? error : bm_sync_file(sample);
}

KERNEL(MmapWindow, "a mapped window of 64 KiB growing to 1 MiB slides over the file, as in RocksDB",
       .flags = KERNEL_MAPPING | KERNEL_WINDOWS, .open_flags = O_RDWR,
       .phase = {[BM_PHASE_CREATE] = bm_open_file,
                 [BM_PHASE_FILL] = fill_windows,
                 [BM_PHASE_SYNC] = trim_and_sync,
                 [BM_PHASE_UNMAP] = bm_unmap_file,
                 [BM_PHASE_CLOSE] = bm_close_file},
       .fill_each = fill_windows_each);
