/* SPDX-License-Identifier: Apache-2.0 */
#include "make_watch.h"

#include "make_results.h"
#include "make_sides.h"
#include "src/base/random.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FIRST_DATE_S = 1767225600 }; /* 2026-01-01 */

static const struct {
    const char *writer;
    uint64_t chunk_bytes;
    double time_ns;
} cells[WATCH_CELLS] = {
    {"Mmap", 4096, 12e6},   {"Mmap", 65536, 11e6},    {"Mmap", 1048576, 11e6},
    {"Write", 4096, 9.5e6}, {"Write", 65536, 2.7e6},  {"Write", 1048576, 2.1e6},
    {"Pwrite", 4096, 9e6},  {"Pwrite", 65536, 2.6e6}, {"Pwrite", 1048576, 2e6},
    {"Memcpy", 4096, 1e6},  {"EmptyCall", 4096, 5e5},
};

void watch_name(const char *writer, uint64_t chunk_bytes, char name[120])
{
    int control = strcmp(writer, "Memcpy") == 0 || strcmp(writer, "EmptyCall") == 0;
    snprintf(name, 120, "%s/file:%s/sync:none/size:1048576/chunk:%llu/manual_time", writer,
             control ? "none" : "new", (unsigned long long)chunk_bytes);
}

static void put_row(FILE *out, const struct watch_spec *spec, size_t cell, double time_ns,
                    int *begun)
{
    char name[120];

    watch_name(cells[cell].writer, cells[cell].chunk_bytes, name);
    make_row(out,
             &(struct make_row){.name = name,
                                .time_ns = time_ns,
                                .repetitions = 1,
                                .is_median = spec->aggregates_only,
                                .failed = isinf(time_ns)},
             begun);
    fputc('}', out);
}

char *watch_text(const struct watch_spec *spec, size_t run)
{
    struct random random;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int hour = spec->hour != NULL ? spec->hour(run) : (int)run, begun = 0;
    time_t time = (time_t)FIRST_DATE_S + (time_t)3600 * hour;
    struct tm when;
    char date[40];

    assert_non_null(out);
    assert_true(strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S+00:00", gmtime_r(&time, &when)) > 0);
    random_seed(&random, 1000 * spec->seed + run);
    fprintf(out,
            "{\"context\":{\"date\":\"%s\",\"machine_key\":\"%s\","
            "\"git_revision\":\"r%04zu\",\"load_before\":\"%.2f\"%s},\n\"benchmarks\":[\n",
            date, spec->machine != NULL ? spec->machine : "aa", spec->one_revision ? 0 : run,
            random_unit(&random), spec->context != NULL ? spec->context(run) : "");
    for (size_t c = 0; c < WATCH_CELLS; c++) {
        double deviation = spec->noise > 0 ? spec->noise : 0.02;
        double noise = exp(deviation * random_normal(&random));
        double factor =
            spec->factor != NULL ? spec->factor(cells[c].writer, cells[c].chunk_bytes, run) : 1;
        for (int sample = 0; !isnan(factor) && sample < (spec->slow_from > 0 ? 4 : 1); sample++) {
            double slower = sample > 0 && run >= spec->slow_from ? 1.8 : 1;
            put_row(out, spec, c, cells[c].time_ns * noise * factor * slower, &begun);
        }
    }
    fputs("]}\n", out);
    assert_int_equal(fclose(out), 0);
    return text;
}

void watch_make(const char *url, const struct watch_spec *spec, struct watch_ids *ids)
{
    struct history *history = test_open(url, HISTORY_CREATE);

    assert_true(spec->runs <= WATCH_RUNS_MOST);
    for (size_t run = 0; run < spec->runs; run++) {
        struct history_added added;
        struct load_problem problem = {0};
        char *text = watch_text(spec, run);
        int error = history_add(history, text, strlen(text), NULL, &added, &problem);
        if (error != 0)
            fail_msg("run %zu was not added: %d, %s", run, error, problem.what);
        if (ids != NULL)
            memcpy(ids->of[run], added.id, sizeof added.id);
        free(added.machine);
        free(text);
    }
    history_close(history);
}

void watch_store(const char *name, const struct watch_spec *spec, struct watch_ids *ids)
{
    char *url = path_in(name);
    watch_make(url, spec, ids);
    free(url);
}

void watch_many(const char *name, int runs, int count)
{
    char *url = path_in(name);
    struct history *history = test_open(url, HISTORY_CREATE);

    for (int run = 0; run < runs; run++) {
        struct history_added added;
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        assert_non_null(out);
        fprintf(out,
                "{\"context\":{\"date\":\"2026-01-01T%02d:00:00Z\",\"machine_key\":\"aa\"},"
                "\"benchmarks\":[",
                run);
        for (int cell = 0; cell < count; cell++)
            fprintf(out,
                    "%s{\"name\":\"Cell%02d\",\"run_type\":\"iteration\",\"real_time\":%d,"
                    "\"cpu_time\":1,\"time_unit\":\"ns\"}",
                    cell > 0 ? "," : "", cell,
                    (cell == 7 && 2 * run >= runs ? 2000 : 1000) + run * 37 % 5);
        fputs("]}", out);
        assert_int_equal(fclose(out), 0);
        assert_int_equal(history_add(history, text, size, NULL, &added, NULL), 0);
        free(added.machine);
        free(text);
    }
    history_close(history);
    free(url);
}

int watch_is(const char *writer, const char *name) { return strcmp(writer, name) == 0; }

double watch_slower(const char *writer, uint64_t chunk_bytes, size_t run_number)
{
    (void)chunk_bytes;
    return watch_is(writer, "Write") && run_number >= WATCH_STEP ? 1.15 : 1;
}

double watch_cell_slower(const char *writer, uint64_t chunk_bytes, size_t at)
{
    return watch_is(writer, "Mmap") && chunk_bytes == 65536 && at >= WATCH_STEP ? 1.3 : 1;
}

const char *watch_kernel(size_t run_number)
{
    return run_number < WATCH_STEP
               ? ",\"kernel\":\"6.1.0 #1 SMP\",\"governor\":\"performance\",\"my_firmware\":\"7\""
               : ",\"kernel\":\"6.18.5 #9 SMP\",\"governor\":\"powersave\",\"my_firmware\":\"8\"";
}

void lacks(const char *words, const char *part)
{
    struct test_process process = run(words, NULL);
    if (strstr(process.out, part) != NULL)
        fail_msg("'%s' says '%s':\n%s", words, part, process.out);
    test_process_free(&process);
}

struct watch_ids step_ids;

int step_store_make(void **state)
{
    (void)state;
    test_directory_create(&place);
    watch_store("step.db", &(struct watch_spec){.runs = WATCH_RUNS, .factor = watch_slower},
                &step_ids);
    return 0;
}

void check_finds(const char *words, int status, const char *verdict_code, const char *first_row)
{
    char json_words[300];
    const char *code, *name, *change;

    snprintf(json_words, sizeof json_words, "%s --format=json", words);
    struct test_process process = run(json_words, NULL);
    json_t *json = json_loads(process.out, 0, NULL);
    if (json == NULL || process.status != status)
        fail_msg("'%s' exits with %d:\n%s%s", words, process.status, process.out, process.err);
    assert_int_equal(json_unpack(json, "{s:s, s:[{s:s, s:s}]}", "verdict_code", &code, "rows",
                                 "name", &name, "change", &change),
                     0);
    assert_string_equal(code, verdict_code);
    if (first_row != NULL)
        assert_string_equal(name, first_row);
    else
        assert_string_equal(change, "none");
    json_decref(json);
    test_process_free(&process);
}
