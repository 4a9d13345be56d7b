/* SPDX-License-Identifier: Apache-2.0 */
#include "shown_run.h"

#include "make_results.h"

#include <stdlib.h>

int make_shown_run(void **state)
{
    static const uint64_t chunks[] = {1024, 2048, 4096, 8192, 65536, 1048576};
    static const struct make_writer writers[] = {
        {.name = "Mmap", .fixed_ns = 1e6, .per_chunk_ns = 20, .per_fault_ns = 4000, .faults = 2560},
        {.name = "MmapFalloc",
         .fixed_ns = 2e6,
         .per_chunk_ns = 20,
         .per_fault_ns = 4000,
         .faults = 2560},
        {.name = "Write", .fixed_ns = 2.3e6, .per_call_ns = 1000},
        {.name = "Pwrite", .fixed_ns = 2.3e6, .per_call_ns = 1010},
    };
    struct make_spec spec = make_spec_of(writers, 4, chunks, 6);

    (void)state;
    spec.seed = 2;
    test_directory_create(&place);
    char *text = make_json(&spec), *path = path_in("run.json");
    if (text == NULL)
        return -1;
    write_file(path, text);
    free(text);
    free(path);
    return 0;
}
