/* SPDX-License-Identifier: Apache-2.0
 * A program outside of the tree: writes the file "data" in the current directory with the writer
 * "Mmap" and prints the phases. builds.sh looks at the bytes. */
#include <bench_mmap/kernel.h>
#include <fcntl.h>
#include <stdio.h>

int main(void)
{
    static char data[100000];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = "bench_mmap"[i % 10];
    struct bm_job job = {.dir_fd = open(".", O_RDONLY), .name = "data", .source = data};
    job.file_size_bytes = sizeof data, job.chunk_bytes = job.source_stride_bytes = 4096;
    struct bm_result result;
    int error = bm_kernel_run(bm_kernel_find("Mmap"), &job, &result);
    for (int phase = 0; error == 0 && phase < BM_PHASES; phase++)
        printf("%s_ns %llu\n", bm_phase_name((enum bm_phase)phase),
               (unsigned long long)result.phase_ns[phase]);
    return error == 0 ? 0 : 1;
}
