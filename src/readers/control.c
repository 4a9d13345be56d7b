/* SPDX-License-Identifier: Apache-2.0
 * The control: what it takes to look at the bytes, wherever they come from. */
#include "loops.h"

static int fill_from_memory(struct bm_sample *sample)
{
    uint64_t sum = 0;

    FOR_EACH_CHUNK(chunk, sample->job) {
        sum += sum_words(chunk.from, chunk.bytes);
        compiler_barrier();
    }
    sample->sum = sum;
    return 0;
}

KERNEL(ReadMemory, "control: the same sum over the same chunks of memory that has been touched",
       .kind = BM_KIND_READER, .flags = KERNEL_CONTROL,
       .phase = {[BM_PHASE_FILL] = fill_from_memory});
