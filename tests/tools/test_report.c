/* SPDX-License-Identifier: Apache-2.0 */
/* The page that bench_results report writes; tests/browser looks at what a browser makes of it. */
#include "src/report/page.h"
#include "tests/support/shown_run.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { DATA_MOST = 1 << 24 };

static char *written(const char *name)
{
    char *path = path_in(name), *text = test_read_file(path);
    free(path);
    assert_non_null(text);
    return text;
}

/* What the block of that id holds; the caller's. */
static char *unpack(const char *html, const char *id, size_t *length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char start[40];
    snprintf(start, sizeof start, "id=\"%s\">", id);
    const char *at = strstr(html, start);
    assert_non_null(at);
    at += strlen(start);
    size_t signs = strcspn(at, "<"), count = 0;
    Bytef *packed = malloc(signs);
    char *text = malloc(DATA_MOST);
    assert_non_null(packed);
    assert_non_null(text);
    unsigned long group = 0;
    for (size_t i = 0; i < signs && at[i] != '='; i++) {
        const char *digit = strchr(digits, at[i]);
        assert_non_null(digit);
        group = group << 6 | (unsigned long)(digit - digits);
        if (i % 4 > 0)
            packed[count++] = (Bytef)(group >> (6 - 2 * (i % 4)) & 0xFF);
    }
    uLongf room = DATA_MOST - 1;
    assert_int_equal(uncompress((Bytef *)text, &room, packed, (uLong)count), Z_OK);
    text[room] = '\0';
    *length = room;
    free(packed);
    return text;
}

static json_t *data_of(const char *name)
{
    size_t length;
    char *html = written(name), *text = unpack(html, "data-0", &length);
    json_t *data = json_loads(text, 0, NULL);
    assert_non_null(data);
    free(text);
    free(html);
    return data;
}

static json_t *output_of(const char *words)
{
    struct test_process output = run(words, NULL);
    json_t *json = json_loads(output.out, 0, NULL);
    assert_non_null(json);
    test_process_free(&output);
    return json;
}

/* The page asks for more predictions than `show` makes by itself. */
static void forget_predictions(json_t *show)
{
    size_t i, j;
    json_t *table, *model;
    json_array_foreach(json_object_get(show, "tables"), i, table)
        json_array_foreach(json_object_get(table, "models"), j, model)
            json_array_clear(json_object_get(model, "predictions"));
}

static void the_figures_are_those_of_show(void **state)
{
    (void)state;
    SAYS("report @run.json -o @page.html", 0, "the report is in");
    json_t *data = data_of("page.html"), *show = output_of("show @run.json --format=json");
    json_t *own = json_object_get(json_array_get(json_object_get(data, "runs"), 0), "show");
    json_t *models = json_object_get(json_array_get(json_object_get(own, "tables"), 0), "models");
    assert_true(json_array_size(json_object_get(json_array_get(models, 0), "predictions")) > 5);
    forget_predictions(own);
    assert_true(json_equal(own, show));
    json_decref(show);
    json_decref(data);
}

static void the_run_comes_back_byte_by_byte(void **state)
{
    size_t length;
    (void)state;
    SAYS("report @run.json -o @page.html", 0, "the report is in");
    char *html = written("page.html"), *before = written("run.json");
    char *after = unpack(html, "file-0", &length);
    assert_string_equal(before, after);
    assert_null(strstr(html, place.path));
    free(before);
    free(after);
    free(html);
}

static void two_sides_are_compared_as_compare_does(void **state)
{
    (void)state;
    make_side(&(struct made_side){.name = "old", .runs = 6});
    make_side(&(struct made_side){.name = "new", .runs = 6, .slow = 1.3});
    SAYS("report @old @new -o @two.html", 0, "the report is in");
    json_t *data = data_of("two.html"), *compared = output_of("compare @old @new --format=json");
    assert_int_equal(json_array_size(json_object_get(data, "runs")), 2);
    assert_true(json_equal(json_object_get(data, "comparison"), compared));
    json_decref(compared);
    json_decref(data);
}

static void an_old_page_stays_where_the_new_one_cannot_be_written(void **state)
{
    (void)state;
    char *path = path_in("kept.html"), *folder = path_in("folder.html");
    write_file(path, "old");
    SAYS("report @nothing.json -o @kept.html", 1, "cannot be read");
    char *text = written("kept.html");
    assert_string_equal(text, "old");
    free(text);
    SAYS("report @run.json -o @kept.html", 0, "the report is in");
    text = written("kept.html");
    assert_memory_equal(text, "<!DOCTYPE html>", 15);
    assert_int_equal(mkdir(folder, 0700), 0);
    SAYS("report @run.json -o @folder.html", 1, "folder.html could not be written");
    SAYS("report @run.json -o /dev/full", 1, "/dev/full could not be written");
    free(text);
    free(folder);
    free(path);
}

static void a_run_of_failures_has_a_page_and_is_an_error(void **state)
{
    (void)state;
    char *path = path_in("failed.json");
    write_file(path,
               "{\"context\": {}, \"benchmarks\": [{\"name\": \"Mmap/chunk:1024\", "
               "\"run_type\": \"iteration\", \"error_occurred\": true, "
               "\"error_message\": \"No space left\"}]}");
    SAYS("report @failed.json -o @failed.html", 1, "nothing was measured");
    json_t *data = data_of("failed.html");
    json_t *cells = json_object_get(json_array_get(json_object_get(data, "runs"), 0), "cells");
    assert_string_equal(json_string_value(json_object_get(json_array_get(cells, 0), "error")),
                        "No space left");
    json_decref(data);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_figures_are_those_of_show),
        cmocka_unit_test(the_run_comes_back_byte_by_byte),
        cmocka_unit_test(two_sides_are_compared_as_compare_does),
        cmocka_unit_test(an_old_page_stays_where_the_new_one_cannot_be_written),
        cmocka_unit_test(a_run_of_failures_has_a_page_and_is_an_error),
    };

    if (!page_can_be_made()) {
        print_message("skipped: tools.report: this build has no Chart.js (libjs-chart.js)\n");
        return TEST_SKIPPED;
    }
    return cmocka_run_group_tests(tests, make_shown_run, place_remove);
}
