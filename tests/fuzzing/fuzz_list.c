/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes, dates and the lists of bench_mmap: any text is taken or refused, and what is taken is in
 * its bounds, and once. The first byte says which option it is for. */
#include "bench/options.h"
#include "src/base/number.h"
#include "tests/fuzzing/fuzz.h"

static const char *const flags[] = {"--chunks", "--file_size", "--threads", "--cpu",  "--file",
                                    "--sync",   "--order",     "--mode",    "--kind", "--verify"};
enum { FLAGS = sizeof flags / sizeof flags[0] };

static void check(const struct options *options)
{
    require(options->chunk_count > 0 && options->chunk_count <= OPTIONS_MAX_CHUNKS);
    require(options->thread_count <= OPTIONS_MAX_THREAD_COUNTS && options->file_size_bytes > 0);
    for (size_t i = 0; i < options->chunk_count; i++) {
        require(options->chunks[i] > 0);
        for (size_t j = 0; j < i; j++)
            require(options->chunks[i] != options->chunks[j]);
    }
    for (size_t i = 0; i < options->thread_count; i++)
        require(options->threads[i] > 0 && options->threads[i] <= OPTIONS_MAX_THREADS);
    require(options_files(options) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct options options;
    uint64_t bytes;
    int64_t date_s;
    double number;
    char *text = text_of(data, size), *flag = NULL;

    if (number_parse_bytes(text, &bytes) == 0)
        require(*text >= '0' && *text <= '9');
    (void)date_parse(text, &date_s);
    const char *after = number_scan(text, &number);
    require(after == NULL || (after > text && after <= text + size));
    if (size > 1) {
        require(asprintf(&flag, "%s=%s", flags[*data % FLAGS], text + 1) > 0);
        char *argv[] = {"bench_mmap", flag, NULL};
        int argc = 2;
        if (options_parse(&options, &argc, argv) == 0)
            check(&options);
    }
    free(flag);
    free(text);
    return 0;
}
