/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results check: what failed or is not there, and what was accepted. */
#include "tests/support/make_sides.h"
#include "tests/support/make_watch.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double one_fails(const char *writer, uint64_t chunk_bytes, size_t at)
{
    return at >= 27 && watch_is(writer, "Mmap") && chunk_bytes == 4096 ? WATCH_FAILED : 1;
}

static double all_failed(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)writer;
    (void)chunk_bytes;
    return at == 29 ? WATCH_FAILED : 1;
}

static void a_newest_run_without_times_tells_nothing(void **state)
{
    (void)state;
    watch_store("failed.db", &(struct watch_spec){.runs = 30, .factor = all_failed}, NULL);
    check_finds("check --db=@failed.db", 3, "failed", NULL);
    SAYS("check --db=@failed.db --width=200", 3,
         "Failed in the newest runs, and not before: EmptyCall/chunk:4096 and 10 more",
         "not before: EmptyCall/chunk:4096, ", " and 5 more.");
}

/* What fails says since when, and how to see why; accepted, it is no failure any more. */
static void a_failure_has_a_beginning_and_can_be_accepted(void **state)
{
    struct watch_ids ids;
    char words[300], name[120];
    const char *since;

    (void)state;
    watch_store("fails.db", &(struct watch_spec){.runs = 30, .factor = one_fails}, &ids);
    struct test_process process = run("check --db=@fails.db --format=json", NULL);
    json_t *json = json_loads(process.out, 0, NULL);
    assert_int_equal(json_unpack(json, "{s:{s:s}}", "failed_since", "run", &since), 0);
    assert_string_equal(since, ids.of[27]);
    json_decref(json);
    test_process_free(&process);
    snprintf(words, sizeof words, "Why: bench_results export %.12s | bench_results show -.",
             ids.of[27]);
    SAYS("check --db=@fails.db --width=300", 3, "Mmap/chunk:4096 fails since 2026-01-02 03:00",
         words);
    watch_name("Mmap", 4096, name);
    snprintf(words, sizeof words, "bless %s --at=%.12s --reason=known --db=@fails.db", name,
             ids.of[27]);
    SAYS(words, 0, "accepted");
    lacks("check --db=@fails.db", "and not before");
}

static const char *cut_off(size_t at) { return at == 29 ? ",\"interrupted\":\"Interrupt\"" : ""; }

static double only_begun(const char *writer, uint64_t chunk_bytes, size_t at)
{
    (void)chunk_bytes;
    return at == 29 && !watch_is(writer, "Mmap") ? WATCH_MISSING : 1;
}

static double renamed(const char *writer, uint64_t chunk_bytes, size_t at)
{
    int is_new = watch_is(writer, "Pwrite") && chunk_bytes == 65536;

    return !watch_is(writer, "Pwrite") || chunk_bytes == 4096 ? 1
           : is_new == (at == 29)                             ? 1
                                                              : WATCH_MISSING;
}

/* Nobody took these cells away: the advice is another one. */
static void cells_are_missing_for_a_reason(void **state)
{
    int cells_new;

    (void)state;
    watch_store("cut.db",
                &(struct watch_spec){.runs = 30, .factor = only_begun, .context = cut_off}, NULL);
    SAYS("check --db=@cut.db --width=300", 4, "8 of 11 cells are missing",
         "The newest run was interrupted: measure again; bench_results forget ");
    lacks("check --db=@cut.db --width=300", "bless --gone");
    watch_store("renamed.db", &(struct watch_spec){.runs = 30, .factor = renamed}, NULL);
    SAYS("check --db=@renamed.db --width=300", 4, "1 of 11 cells are missing",
         "The newest run has 1 cell that none of the 29 runs before it measured, such as "
         "Pwrite/chunk:65536: ");
    struct test_process process = run("check --db=@renamed.db --format=json", NULL);
    json_t *json = json_loads(process.out, 0, NULL);
    assert_int_equal(json_unpack(json, "{s:i}", "cells_new", &cells_new), 0);
    assert_int_equal(cells_new, 1);
    json_decref(json);
    test_process_free(&process);
}

static double reads_zero(const char *writer, uint64_t chunk_bytes, size_t at)
{
    if (at == 29 && watch_is(writer, "Pwrite") && chunk_bytes == 4096)
        return 0;
    return at == 29 && watch_is(writer, "Write") ? 0 : 1;
}

static double reads_zero_or_is_missing(const char *writer, uint64_t chunk_bytes, size_t at)
{
    return at == 29 && watch_is(writer, "Pwrite") ? WATCH_MISSING
                                                  : reads_zero(writer, chunk_bytes, at);
}

/* A cell that was measured is not missing. */
static void times_of_zero_are_called_so(void **state)
{
    (void)state;
    watch_store("zero.db", &(struct watch_spec){.runs = 30, .factor = reads_zero}, NULL);
    SAYS("check --db=@zero.db", 4, "4 of 11 cells have no usable time: Pwrite/chunk:4096 and 3");
    watch_store("zeros.db", &(struct watch_spec){.runs = 30, .factor = reads_zero_or_is_missing},
                NULL);
    SAYS("check --db=@zeros.db", 4, "6 of 11 cells are missing or have no usable time: ");
}

static double gaps(const char *writer, uint64_t chunk_bytes, size_t at)
{
    if (watch_is(writer, "Write") && chunk_bytes == 4096 && at == WATCH_RUNS - 1)
        return WATCH_MISSING;
    if (watch_is(writer, "Pwrite") && chunk_bytes == 65536 && at == WATCH_RUNS - 2)
        return WATCH_FAILED;
    /* Now and then only. */
    if (watch_is(writer, "Pwrite") && chunk_bytes == 4096)
        return at % 4 == 0 ? 1 : WATCH_MISSING;
    /* Given up long ago, and slow at its end. */
    if (watch_is(writer, "Mmap") && chunk_bytes == 1048576)
        return at >= 25 ? WATCH_MISSING : at >= 15 ? 2 : 1;
    return 1;
}

static void cells_without_a_time_are_named(void **state)
{
    struct watch_ids ids;
    char earlier[200], words[300];

    (void)state;
    watch_store("gaps.db", &(struct watch_spec){.runs = WATCH_RUNS, .factor = gaps}, &ids);
    check_finds("check --db=@gaps.db", 4, "missing", NULL);
    SAYS("check --db=@gaps.db", 4, "2 of 11 cells are missing: Mmap/chunk:1048576 and 1 more",
         "had them: Mmap/chunk:1048576, Write/chunk:4096.", "bless --gone=REGEX --at=");
    check_finds("check --db=@gaps.db --allow-missing=.", 0, "nothing_slower", NULL);
    check_finds("check --db=@gaps.db --allow-missing=^Write", 4, "missing", NULL);
    snprintf(earlier, sizeof earlier, "check %.12s --db=@gaps.db", ids.of[WATCH_RUNS - 2]);
    SAYS(earlier, 3, "Failed in the newest runs, and not before: Pwrite/chunk:65536; 1 of 11",
         "Failed where they were measured last, and not before: Pwrite/chunk:65536.");
    snprintf(words, sizeof words, "bless --gone=^Mmap --at=%.12s --reason=old --db=@gaps.db",
             ids.of[25]);
    SAYS(words, 0, "taken away: Mmap/file:new/sync:none/size:1048576/chunk:1048576/manual_time of");
    SAYS("check --db=@gaps.db", 4, "1 of 10 cells are missing: Write/chunk:4096",
         "No longer measured, and not judged: Mmap/chunk:1048576.", "Taken away: Mmap/");
    snprintf(words, sizeof words, "bless --gone=^Write --at=%.12s --reason=old --db=@gaps.db",
             ids.of[WATCH_RUNS - 1]);
    SAYS(words, 0, "taken away: Write/");
    check_finds("check --db=@gaps.db", 0, "nothing_slower", NULL);
    SAYS(words, 0, "taken away: Write/");
    snprintf(words, sizeof words, "bless --gone=^Write --at=%.12s --reason=old --db=@gaps.db",
             ids.of[40]);
    SAYS(words, 1, "lacks no cell that '^Write' matches");
    snprintf(words, sizeof words, "bless Write --gone=^Write --at=%.12s --reason=old --db=@gaps.db",
             ids.of[40]);
    SAYS(words, 1, "name one cell, or all, or those with --gone=REGEX.");
    lacks("check --db=@gaps.db", "Pwrite/chunk:4096");
    lacks("check --db=@gaps.db --format=csv",
          "Mmap/file:new/sync:none/size:1048576/chunk:1048576/");
}

static void accepted_changes_are_silent_and_listed(void **state)
{
    struct watch_ids ids;
    char words[300];

    (void)state;
    watch_store("bless.db", &(struct watch_spec){.runs = 90, .factor = watch_slower}, &ids);
    check_finds("check --db=@bless.db", 3, "slower", "Write/file:new/sync:none");
    snprintf(words, sizeof words, "bless all --at=%s --reason=O_DSYNC --db=@bless.db",
             ids.of[WATCH_STEP]);
    SAYS(words, 0, "accepted: all");
    snprintf(words, sizeof words, "Accepted: all cells since 2026-01-03 02:00 (run %.12s, ",
             ids.of[WATCH_STEP]);
    SAYS("check --db=@bless.db --must-see=50%", 0, "Nothing became slower; ", words, "): O_DSYNC.");
    check_finds("check --db=@bless.db --must-see=1%", 4, "could_miss", NULL);
}

static void one_cell_is_accepted_alone(void **state)
{
    struct watch_ids ids;
    char words[300], name[120];

    (void)state;
    watch_store("blesscell.db",
                &(struct watch_spec){.runs = WATCH_RUNS, .factor = watch_cell_slower}, &ids);
    watch_name("Mmap", 65536, name);
    snprintf(words, sizeof words, "bless %s --at=%s --reason=known --db=@blesscell.db", name,
             ids.of[WATCH_STEP]);
    SAYS(words, 0, "accepted: Mmap");
    SAYS("check --db=@blesscell.db", 0, "Nothing became slower", "Accepted: Mmap", "known.");
    /* Seen from before, nothing is accepted yet. */
    snprintf(words, sizeof words, "check %.10s --db=@blesscell.db", ids.of[WATCH_STEP - 1]);
    lacks(words, "Accepted");
}

static void a_blessing_without_runs_behind_it_tells_nothing(void **state)
{
    struct watch_ids ids;
    char words[300];

    (void)state;
    watch_store("fresh.db", &(struct watch_spec){.runs = 40}, &ids);
    snprintf(words, sizeof words, "bless all --at=%s --reason=new --db=@fresh.db", ids.of[36]);
    SAYS(words, 0, "accepted");
    check_finds("check --db=@fresh.db", 4, "too_few_runs", NULL);
    SAYS("check --db=@fresh.db", 4, "runs since a change was accepted; there are 4.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_newest_run_without_times_tells_nothing),
        cmocka_unit_test(a_failure_has_a_beginning_and_can_be_accepted),
        cmocka_unit_test(cells_are_missing_for_a_reason),
        cmocka_unit_test(times_of_zero_are_called_so),
        cmocka_unit_test(cells_without_a_time_are_named),
        cmocka_unit_test(accepted_changes_are_silent_and_listed),
        cmocka_unit_test(one_cell_is_accepted_alone),
        cmocka_unit_test(a_blessing_without_runs_behind_it_tells_nothing),
    };
    return cmocka_run_group_tests(tests, step_store_make, place_remove);
}
