/* SPDX-License-Identifier: Apache-2.0
 * Loads from a shared mapping of the whole file, and the ways to have its pages ready before. */
#include "loops.h"

static int fill_map(struct bm_sample *sample)
{
    const char *map = sample->map;
    uint64_t sum = 0;

    FOR_EACH_CHUNK(chunk, sample->job) {
        sum += sum_words(map + chunk.at, chunk.bytes);
        compiler_barrier();
    }
    sample->sum = sum;
    return 0;
}

KERNEL(ReadMmap, "loads from a shared mapping of the whole file",
       MAPPING_READER(bm_map_file, fill_map));
