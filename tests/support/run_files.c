/* SPDX-License-Identifier: Apache-2.0 */
#include "run_files.h"

#include "make_sides.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void write_bytes(const char *name, const char *text, size_t length)
{
    char *path = path_in(name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    free(path);
}

char *read_bytes(const char *name)
{
    char *path = path_in(name), *text = test_read_file(path);
    assert_non_null(text);
    free(path);
    return text;
}

void write_run(const char *name, const struct test_run_spec *spec)
{
    char *text = test_run_text(spec);
    write_bytes(name, text, strlen(text));
    free(text);
}

void refuses(const char *words, const char *start, const char *part)
{
    struct test_process process = run(words, NULL);

    if (process.status != 1)
        fail_msg("'%s' exits with %d:\n%s%s", words, process.status, process.out, process.err);
    assert_one_sentence(process.err, start);
    if (strstr(process.err, part) == NULL)
        fail_msg("'%s' does not say '%s':\n%s", words, part, process.err);
    test_process_free(&process);
}

char *add(const char *words)
{
    struct test_process process = run(words, NULL);
    char id[13] = "";

    /* "added" or "already there", in 13 columns */
    assert_true(strlen(process.out) > 15);
    assert_int_equal(sscanf(process.out + 13, "%12s", id), 1);
    assert_int_equal(process.status, 0);
    test_process_free(&process);
    return strdup(id);
}

int run_files_set_up(void **state)
{
    (void)state;
    test_directory_create(&place);
    write_run("a.json", &(struct test_run_spec){
                            .machine = "aa", .context = ",\"cpu_model\":\"A, 1\",\"cores\":\"2\""});
    write_run("b.json", &(struct test_run_spec){.machine = "bb",
                                                .minute = 5,
                                                .context = ",\"cpu_model\":\"B\",\"cores\":\"2\""});
    write_run("late.json", &(struct test_run_spec){.machine = "bb", .minute = 2});
    write_run("anonymous.json", &(struct test_run_spec){.seed = 9});
    write_bytes("broken.json", "{\"context\":{},\n\"benchmarks\":[", 29);
    return 0;
}
