/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences for what is doubtful in a run: each kind has one, with its figures. */
#include "src/report/words.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void says(struct verdict_finding finding, const char *expected)
{
    const struct view view = view_default();
    struct document document = document_begin(stdout, &view);
    const char *sentence = verdict_say(&document, &finding);

    if (strstr(sentence, expected) == NULL)
        fail_msg("kind %d does not say '%s': %s", (int)finding.kind, expected, sentence);
    assert_int_equal(sentence[strlen(sentence) - 1], finding.kind == VERDICT_FAILED ? 'n' : '.');
    assert_int_equal(document_finish(&document), 0);
}

static void every_kind_has_its_sentence_and_figures(void **state)
{
    (void)state;
    says((struct verdict_finding){.kind = VERDICT_AGGREGATES_ONLY}, "aggregates only");
    says((struct verdict_finding){.kind = VERDICT_NOTHING_MEASURED}, "Nothing was measured");
    says((struct verdict_finding){.kind = VERDICT_FAILED, .figure = {1}, .name = "Write"},
         "1 cell failed; the first is Write: no reason given");
    says((struct verdict_finding){.kind = VERDICT_FAILED, .figure = {3, 1}, .name = "Write"},
         "3 cells failed, 1 of them in some samples only; the first is Write: no reason given");
    says((struct verdict_finding){.kind = VERDICT_FAILED, .figure = {1, 1}, .name = "Write"},
         "Some samples of 1 cell failed; the first is Write: no reason given");
    says((struct verdict_finding){.kind = VERDICT_SKIPPED, .figure = {7}}, "7 rows were skipped");
    says((struct verdict_finding){.kind = VERDICT_UNUSABLE_TIMES, .figure = {2}}, "2 rows have");
    says((struct verdict_finding){.kind = VERDICT_POOLED, .figure = {3}}, "3 cells begin");
    says((struct verdict_finding){.kind = VERDICT_ZERO_TIMES, .figure = {4}}, "4 times read zero");
    says((struct verdict_finding){.kind = VERDICT_FEW_SAMPLES, .figure = {5, 8}},
         "5 of 8 cells have fewer than 6 samples");
    says((struct verdict_finding){.kind = VERDICT_SPREAD, .doubt = 1, .figure = {0.4}},
         "a very noisy machine");
    says((struct verdict_finding){.kind = VERDICT_SPREAD, .figure = {0.1}}, ": a noisy machine");
    says((struct verdict_finding){.kind = VERDICT_STOLEN, .figure = {0.03}},
         "The hypervisor took 3");
    says((struct verdict_finding){.kind = VERDICT_SWITCHES, .figure = {302}},
         "lost the CPU 302 times a second");
    says((struct verdict_finding){.kind = VERDICT_DRIFT, .figure = {-0.2}}, "became faster by 20");
    says((struct verdict_finding){.kind = VERDICT_DRIFT, .figure = {0.2}}, "became slower by 20");
    says((struct verdict_finding){.kind = VERDICT_WRITEBACK}, "writeback disturbed them");
    says((struct verdict_finding){.kind = VERDICT_HUGE_PAGES, .figure = {0.1}},
         "Linux had huge pages for 10");
    says((struct verdict_finding){.kind = VERDICT_LOAD, .figure = {3.5, 2}}, "3.5 on 2 cores");
    says((struct verdict_finding){.kind = VERDICT_IN_MEMORY, .name = "tmpfs"}, "were on tmpfs");
    says((struct verdict_finding){.kind = VERDICT_UNFIT_BUILD, .name = "sanitizers"},
         "built with sanitizers: its figures are not worth keeping");
    says((struct verdict_finding){.kind = VERDICT_UNFIT_BUILD, .name = "not optimised"},
         "built without optimisation");
    says((struct verdict_finding){.kind = VERDICT_KEY_INCOMPLETE, .name = "rotational"},
         "unknown are rotational");
}

/* Controls have no say; what another program measured is no kernel. */
static void what_was_seen_is_told_of_its_kind(void **state)
{
    static const struct {
        const char *names[3], *word;
    } cases[] = {
        {{"Write/file:new/sync:none/chunk:1", "EmptyCall/file:none/sync:none/chunk:1"}, "writer"},
        {{"ReadCall/file:cold/chunk:1", "EmptyCall/file:none/chunk:1"}, "reader"},
        {{"ChannelPipe/file:none/sync:none/mode:roundtrip/chunk:1"}, "channel"},
        {{"Write/file:new/chunk:1", "ReadCall/file:new/chunk:1"}, "kernel"},
        {{"EmptyCall/file:none/chunk:1"}, "kernel"},
        {{"BM_Parse/8", "Write/file:new/chunk:1"}, "benchmark"},
    };
    const struct view view = view_default();
    struct document document = document_begin(stdout, &view);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned kinds = 0;
        for (size_t n = 0; n < 3 && cases[i].names[n] != NULL; n++)
            kinds = kinds_add(kinds, cases[i].names[n]);
        assert_string_equal(kinds_say(kinds), cases[i].word);
    }
    struct seen seen = {
        .kernel = 0.06, .cell = (double)NAN, .all = 0.09, .kinds = 1 << BM_KIND_READER};
    const char *text = seen_say(&document, &seen);
    assert_non_null(strstr(text, "of a reader, 9"));
    assert_non_null(strstr(text, "of everything"));
    assert_null(strstr(text, "cell"));
    assert_non_null(strstr(seen_say_missed(&document, &seen, 0.05), "of a reader by less than 6"));
    assert_non_null(
        strstr(seen_say_missed(&document, &seen, 0.07), "of everything by less than 9"));
    seen.kernel = (double)INFINITY;
    assert_string_equal(seen_say_missed(&document, &seen, 0.07),
                        "any slow-down of a reader could have been missed");
    assert_int_equal(document_finish(&document), 0);
}

/* Trips and clocks do not hide what kind the cells are of. */
static void times_that_are_no_files_are_told_of(void **state)
{
    static const struct {
        const char *name, *kind, *told;
    } cases[] = {
        {"Write/file:new/sync:none/size:4096/chunk:512", "writer", ""},
        {"ChannelPipe/file:none/sync:none/mode:roundtrip/size:4096/chunk:512", "channel",
         "all trips of a sample"},
        {"ReadCall/file:cached/sync:none/latency:each/size:4096/chunk:512", "reader",
         "a reading of the clock a chunk"},
    };
    const struct view view = view_default();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned kinds = kinds_add(0, cases[i].name);
        char *text;
        size_t length;
        FILE *out = open_memstream(&text, &length);
        struct document document = document_begin(out, &view);
        kinds_put_times(&document, kinds);
        assert_int_equal(document_finish(&document), 0);
        assert_int_equal(fclose(out), 0);
        assert_non_null(strstr(text, cases[i].told));
        assert_int_equal(length > 0, *cases[i].told != '\0');
        assert_string_equal(kinds_say(kinds), cases[i].kind);
        free(text);
    }
    assert_string_equal(context_value_say(&(struct context_key){.key = "rotational"}, "1"),
                        "rotating");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_has_its_sentence_and_figures),
                                       cmocka_unit_test(what_was_seen_is_told_of_its_kind),
                                       cmocka_unit_test(times_that_are_no_files_are_told_of)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
