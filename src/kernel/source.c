/* SPDX-License-Identifier: Apache-2.0
 * What is written: no page of zeros, nothing that a file system or a device could compress. */
#include "bench_mmap/kernel.h"
#include "src/base/random.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

int bm_source_create(size_t bytes, void **source)
{
    uint64_t state = 0;
    char *to = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (to == MAP_FAILED)
        return -ENOMEM;
    /* No huge pages, whatever the machine's setting: the source is the same everywhere, and a huge
     * page of which a part is registered with io_uring would count whole against RLIMIT_MEMLOCK. A
     * Linux without huge pages refuses the call, which changes nothing. */
    (void)madvise(to, bytes, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < bytes; at += sizeof state) {
        uint64_t value = random_splitmix(&state);
        memcpy(to + at, &value, bytes - at < sizeof value ? bytes - at : sizeof value);
    }
    *source = to;
    return 0;
}

void bm_source_destroy(void *source, size_t bytes)
{
    if (source != NULL)
        munmap(source, bytes);
}
