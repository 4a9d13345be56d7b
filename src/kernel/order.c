/* SPDX-License-Identifier: Apache-2.0
 * Lists of a job's chunks, and the times of single ones. */
#include "kernel.h"

#include "src/base/clock.h"
#include "src/base/random.h"

#include <stdlib.h>

/* Every order is as likely as every other (Fisher and Yates). */
static void shuffle(struct bm_chunk *chunks, size_t count, uint64_t seed)
{
    struct random random;

    random_seed(&random, seed);
    for (size_t i = count; i > 1; i--) {
        size_t other = random_below(&random, i);
        struct bm_chunk chunk = chunks[i - 1];
        chunks[i - 1] = chunks[other];
        chunks[other] = chunk;
    }
}

int bm_job_list(struct bm_job *job, enum bm_order order, uint64_t seed)
{
    uint64_t size = job->file_size_bytes, chunk = job->chunk_bytes, count;

    if (size == 0 || chunk == 0)
        return -EINVAL;
    count = (size - 1) / chunk + 1;
    job->chunks = count <= SIZE_MAX / sizeof *job->chunks
                      ? malloc((size_t)count * sizeof *job->chunks)
                      : NULL;
    job->chunk_count = job->chunks == NULL ? 0 : count;
    job->order = order;
    if (job->chunks == NULL)
        return -ENOMEM;
    for (uint64_t i = 0, at = 0; i < count; i++, at += chunk)
        job->chunks[i] =
            (struct bm_chunk){.offset_bytes = at, .bytes = chunk_min(chunk, size - at)};
    if (order == BM_ORDER_RANDOM)
        shuffle(job->chunks, (size_t)count, seed);
    return 0;
}

void bm_job_unlist(struct bm_job *job)
{
    free(job->chunks);
    job->chunks = NULL;
    job->chunk_count = 0;
}

uint64_t bm_lap(uint64_t *lap_ns, uint64_t began_ns)
{
    uint64_t now_ns = clock_ns();

    *lap_ns = now_ns - began_ns;
    return now_ns;
}
