/* SPDX-License-Identifier: Apache-2.0
 * Loads from a shared mapping of the whole file, and what Linux can be told about it before. */
#include "loops.h"

#include <sys/mman.h>

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
       MAPPING_READER(0, bm_map_file, fill_map));

static int map_populated(struct bm_sample *sample)
{
    return bm_map(sample, sample->job->file_size_bytes, MAP_SHARED | MAP_POPULATE, 0);
}

KERNEL(ReadMmapPopulate, "ReadMmap with MAP_POPULATE: all pages are there before the first load",
       MAPPING_READER(0, map_populated, fill_map));

static int map_sequential(struct bm_sample *sample)
{
    return bm_map_advised(sample, MADV_SEQUENTIAL);
}

KERNEL(ReadMmapSequential, "ReadMmap with madvise(MADV_SEQUENTIAL): Linux reads further ahead",
       MAPPING_READER(0, map_sequential, fill_map));

static int map_random(struct bm_sample *sample) { return bm_map_advised(sample, MADV_RANDOM); }

KERNEL(ReadMmapRandom, "ReadMmap with madvise(MADV_RANDOM): Linux reads nothing ahead",
       MAPPING_READER(0, map_random, fill_map));

static int map_willneed(struct bm_sample *sample) { return bm_map_advised(sample, MADV_WILLNEED); }

KERNEL(ReadMmapWillneed, "ReadMmap with madvise(MADV_WILLNEED): Linux begins to bring in the file",
       MAPPING_READER(0, map_willneed, fill_map));

static int map_huge(struct bm_sample *sample) { return bm_map_advised(sample, MADV_HUGEPAGE); }

static int fill_and_look(struct bm_sample *sample)
{
    int error = fill_map(sample);

    *(uint64_t *)sample->job->user = bm_huge_kilobytes(sample->map);
    return error;
}

static const struct bm_kernel huge_trial = {MAPPING_READER(KERNEL_HUGE, map_huge, fill_and_look)};

/* Linux makes the huge pages when it reads the file in, on file systems of a disk; in memory they
 * are there, or not. */
static int probe_huge(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    struct bm_job job = *sample->job;

    job.state = BM_FILE_STATE_COLD;
    int error = bm_probe_huge(&huge_trial, &job, limits, reason);
    if (error != -EBUSY)
        return error;
    job.state = BM_FILE_STATE_CACHED;
    return bm_probe_huge(&huge_trial, &job, limits, reason);
}

KERNEL(ReadMmapHuge, "ReadMmap with madvise(MADV_HUGEPAGE), where Linux can read in huge pages",
       MAPPING_READER(KERNEL_HUGE, map_huge, fill_map), .probe = probe_huge);
