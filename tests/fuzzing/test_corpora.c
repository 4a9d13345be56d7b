/* SPDX-License-Identifier: Apache-2.0 */
/* The seeds of the fuzzing targets, whole and cut off, without libFuzzer. */
#include "tests/support/support.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#define LLVMFuzzerTestOneInput fuzz_name
#include "fuzz_name.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_list
#include "fuzz_list.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_csv
#include "fuzz_csv.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_load
#include "fuzz_load.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_claims
#include "fuzz_claims.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_import
#include "fuzz_import.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_show
#include "fuzz_show.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_compare
#include "fuzz_compare.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_command
#include "fuzz_command.c"
#undef LLVMFuzzerTestOneInput

static const struct {
    const char *name, *seeds;
    size_t bytes;
    int (*function)(const uint8_t *data, size_t size);
} targets[] = {
#define TARGET(name, seeds, bytes, executions) {#name, #seeds, bytes, fuzz_##name},
#include "targets.def"
#undef TARGET
};

/* 1 where libFuzzer would try it, too: it cuts off what is too long. */
static size_t run_seed(size_t t, const char *path)
{
    char *text;
    size_t length;
    int error = load_bytes(path, RUN_BYTES_MOST, &text, &length);

    for (size_t part = 1; error == 0 && part <= 4; part++)
        targets[t].function((const uint8_t *)text, length * part / 4);
    free(text);
    return error == 0 && length > 0 && length <= targets[t].bytes;
}

static void every_seed_goes_right(void **state)
{
    int own[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
    size_t seeds[sizeof targets / sizeof targets[0]] = {0}, files = 0, good = 0;

    (void)state;
    fflush(stdout);
    int null = open("/dev/null", O_WRONLY);
    for (int i = 0; i < 2; i++)
        dup2(null, STDOUT_FILENO + i);
    for (size_t t = 0; t < sizeof targets / sizeof targets[0]; t++) {
        char folder[300], path[600];
        snprintf(folder, sizeof folder, TEST_DATA_DIR "/fuzz/%s", targets[t].seeds);
        DIR *directory = opendir(folder);
        const struct dirent *entry;
        while (directory != NULL && (entry = readdir(directory)) != NULL) {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            if (entry->d_name[0] != '.') {
                files++;
                seeds[t] += run_seed(t, path);
            }
        }
        if (directory != NULL)
            closedir(directory);
    }
    fflush(stdout);
    for (int i = 0; i < 2; i++)
        dup2(own[i], STDOUT_FILENO + i);
    for (size_t t = 0; t < sizeof targets / sizeof targets[0]; t++)
        if (seeds[t] < 2)
            fail_msg("%s has %zu seeds", targets[t].name, seeds[t]);
        else
            good += seeds[t];
    assert_int_equal(good, files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_seed_goes_right)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
