/* SPDX-License-Identifier: Apache-2.0 */
/* What both programs say of input that cannot be right: the table bad_inputs.def. */
#include "tests/support/make_sides.h"
#include "tests/support/run_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *command, *sentence;
    int status;
} inputs[] = {
#define BAD(command, sentence, status) {command, sentence, status},
#include "bad_inputs.def"
#undef BAD
};

static void each_gets_a_sentence_and_its_status(void **state)
{
    char directory[80];
    size_t wrong = 0;

    (void)state;
    write_bytes("empty", "", 0);
    free(add("add --db=@h.db @a.json"));
    snprintf(directory, sizeof directory, "D=%s", place.path);
    const char *const environment[] = {"B=" BENCH_MMAP_PROGRAM, "R=" BENCH_RESULTS_PROGRAM,
                                       directory, NULL};
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        const char *const argv[] = {"/bin/sh", "-c", inputs[i].command, NULL};
        struct test_process process = test_run(argv, environment, NULL);
        if (process.status != inputs[i].status || strstr(process.err, inputs[i].sentence) == NULL) {
            print_message("%s\n  status %d, wanted %d and '%s':\n%s", inputs[i].command,
                          process.status, inputs[i].status, inputs[i].sentence, process.err);
            wrong++;
        }
        test_process_free(&process);
    }
    print_message("%zu bad inputs\n", sizeof inputs / sizeof inputs[0]);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_gets_a_sentence_and_its_status)};
    return cmocka_run_group_tests(tests, run_files_set_up, place_remove);
}
