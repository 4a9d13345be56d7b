/* SPDX-License-Identifier: Apache-2.0 */
#include "make_sides.h"

#include "make_results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct test_directory place;

int place_remove(void **state)
{
    (void)state;
    test_directory_remove(&place);
    return 0;
}

static const struct make_writer writers[] = {
    {.name = "Mmap", .fixed_ns = 9e6}, {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 900}};
static const uint64_t chunks[] = {4096, 16384, 65536, 262144};

void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

char *path_in(const char *name)
{
    char *path = NULL;
    assert_true(asprintf(&path, "%s/%s", place.path, name) > 0);
    return path;
}

static char *make_text(const struct made_side *side, size_t run)
{
    struct make_writer both[2] = {writers[0], writers[1]};
    char extra[300] = "", context[600];

    both[0].fixed_ns *= side->slow > 0 ? side->slow : 1;
    if (side->extra != NULL) {
        const char *hole = strstr(side->extra, "%zu");
        if (hole == NULL)
            snprintf(extra, sizeof extra, "%s", side->extra);
        else
            snprintf(extra, sizeof extra, "%.*s%zu%s", (int)(hole - side->extra), side->extra,
                     run + 1, hole + 3);
    }
    size_t minute = (size_t)side->first_minute + 2 * run;
    snprintf(context, sizeof context, ",\"date\":\"2026-01-01T%02zu:%02zu:00+00:00\"%s",
             minute / 60, minute % 60, extra);
    struct make_spec spec = {.writers = both,
                             .writer_count = side->writers > 0 ? side->writers : 2,
                             .chunks = chunks,
                             .chunk_count = 4,
                             .samples = side->samples > 0 ? side->samples : 5,
                             .noise = side->noise > 0 ? side->noise : 0.01,
                             .seed = 1000 * (uint64_t)side->first_minute + run + 1,
                             .size_bytes = side->size_bytes > 0 ? side->size_bytes : 1 << 20,
                             .context = context};
    char *text = make_json(&spec);
    assert_non_null(text);
    return text;
}

void make_side(const struct made_side *side)
{
    char *directory = path_in(side->name);

    assert_int_equal(mkdir(directory, 0700), 0);
    for (size_t run = 0; run < side->runs; run++) {
        char name[100], *text = make_text(side, run), *path;
        snprintf(name, sizeof name, "%s/%zu.json", side->name, run + 1);
        path = path_in(name);
        write_file(path, text);
        free(path);
        free(text);
    }
    free(directory);
}

struct test_process run(const char *words, const char *interrupt_at)
{
    static const char *const environment[] = {"LC_ALL=C.UTF-8", "COLUMNS=120", NULL};
    char line[2000], *word, *rest = NULL, *paths[16];
    const char *argv[40] = {BENCH_RESULTS_PROGRAM};
    size_t count = 1, path_count = 0;

    snprintf(line, sizeof line, "%s", words);
    for (word = strtok_r(line, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        const char *at = strchr(word, '@');
        if (at != NULL) {
            assert_true(asprintf(&paths[path_count], "%.*s%s/%s", (int)(at - word), word,
                                 place.path, at + 1) > 0);
            argv[count++] = paths[path_count++];
        } else {
            argv[count++] = word;
        }
    }
    struct test_process process = test_run(argv, environment, interrupt_at);
    while (path_count > 0)
        free(paths[--path_count]);
    return process;
}

void says(const char *words, int status, const char *const *expected)
{
    struct test_process process = run(words, NULL);

    if (process.status != status)
        fail_msg("'%s' exits with %d, not %d:\n%s%s", words, process.status, status, process.out,
                 process.err);
    for (; *expected != NULL; expected++)
        if (strstr(process.out, *expected) == NULL && strstr(process.err, *expected) == NULL)
            fail_msg("'%s' does not say '%s':\n%s%s", words, *expected, process.out, process.err);
    test_process_free(&process);
}
