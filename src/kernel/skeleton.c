/* SPDX-License-Identifier: Apache-2.0
 *
 * A writer to copy from. It is compiled and run by the tests, and listed nowhere: a new writer is a
 * function or two like these in the file of its family, and a line in writers.def. */
#include "kernel.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t)65536)

/* Optional. Tries what is special about this writer in the directory; sample->job is a file of one
 * page that does not exist yet. On success it may set limits (the chunk's multiple ...). The driver
 * then tries a whole sample by itself, so that nothing need be probed that a sample shows. */
static int skeleton_probe(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    (void)limits;
    if (sample->job->file_size_bytes > BUFFER_BYTES)
        return bm_refuse(reason, "pages larger than %zu bytes are not foreseen", BUFFER_BYTES);
    return 0;
}

/* Optional: what has to be set up for this sample. It is timed. */
static int skeleton_map(struct bm_sample *sample)
{
    sample->handle = malloc(BUFFER_BYTES);
    return sample->handle == NULL ? -ENOMEM : 0;
}

/* Required: the whole loop over the chunks. No call through a pointer, no option, no clock in it.
 * Whatever the system calls say is looked at; system calls are added up by arithmetic, once. */
static int skeleton_fill(struct bm_sample *sample)
{
    char *buffer = sample->handle;

    FOR_EACH_CHUNK(chunk, sample->job) {
        for (uint64_t done = 0; done < chunk.bytes;) {
            size_t bytes = (size_t)chunk_min(BUFFER_BYTES, chunk.bytes - done);
            memcpy(buffer, chunk.from + done, bytes);
            int error = count_moved(write(sample->fd, buffer, bytes), &done);
            if (error != 0)
                return error;
        }
        sample->calls += (chunk.bytes + BUFFER_BYTES - 1) / BUFFER_BYTES;
    }
    return 0;
}

/* Required when there is a map phase: takes down what that built. It is called after a failure too,
 * whatever was built, and leaves nothing to take down again. */
static int skeleton_unmap(struct bm_sample *sample)
{
    free(sample->handle);
    sample->handle = NULL;
    return 0;
}

const struct bm_kernel bm_kernel_skeleton = {
    .name = "Skeleton",                                   /* required: as in writers.def */
    .summary = "write() of each chunk from a copy of it", /* required: one line */
    .flags = KERNEL_IN_ORDER,                             /* see enum kernel_flags */
    .open_flags = O_WRONLY,                               /* for bm_open_file() */
    .phase = {[BM_PHASE_CREATE] = bm_open_file,           /* required */
              [BM_PHASE_SIZE] = NULL,                     /* a mapping needs bm_size_by_ftruncate */
              [BM_PHASE_MAP] = skeleton_map,              /* optional */
              [BM_PHASE_FILL] = skeleton_fill,            /* required */
              [BM_PHASE_SYNC] = bm_sync_file,             /* required */
              [BM_PHASE_UNMAP] = skeleton_unmap,          /* with map */
              [BM_PHASE_CLOSE] = bm_close_file},          /* required */
    .probe = skeleton_probe,                              /* optional */
    .prepare = NULL,                                      /* not timed, before: for controls */
    .release = NULL,                                      /* not timed, after */
    .list_twin = NULL,                                    /* KERNEL() sets it: use that */
};
