/* SPDX-License-Identifier: Apache-2.0 */
#include "context_changes.h"

#include "src/run/run.h"

#include <string.h>

struct search {
    const struct history_runs *runs;
    size_t from, before, since;
    struct context_change *found;
    size_t count;
};

/* These come first, because a reader looks for them first. */
static const struct context_key first_keys[] = {
    {.key = "git_revision", .name = "revision"},
    {.key = "bench_mmap_version", .name = "version"},
    {.key = "libc", .name = "C library"},
    {.key = "host_name", .name = "host"},
};

enum { FIRST_KEYS = sizeof first_keys / sizeof first_keys[0] };

static const char *value_of(const struct search *search, size_t run, const char *key)
{
    return history_context(&search->runs->runs[run], key);
}

static int equal(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The same from the level's begin up to run `at`, another one from there to the end. */
static int is_for_good(const struct search *search, const char *key, size_t at)
{
    const char *old_value = value_of(search, at - 1, key), *new_value = value_of(search, at, key);

    if (equal(old_value, new_value))
        return 0;
    for (size_t i = search->from; i < at; i++)
        if (!equal(value_of(search, i, key), old_value))
            return 0;
    for (size_t i = at; i < search->runs->count; i++)
        if (!equal(value_of(search, i, key), new_value))
            return 0;
    return 1;
}

static void add(struct search *search, const char *key, const char *name, size_t before,
                size_t after)
{
    if (search->count < CONTEXT_CHANGES_MOST)
        search->found[search->count++] =
            (struct context_change){.key = key,
                                    .name = name,
                                    .before = value_of(search, before, key),
                                    .after = value_of(search, after, key),
                                    .runs_later = (int)after - (int)search->since};
}

/* sure: a key that tells of machine or build, whose every change counts. */
static void look_at(struct search *search, const char *key, const char *name, int sure)
{
    size_t since = search->since;

    if (!equal(value_of(search, search->before, key), value_of(search, since, key))) {
        if (sure || is_for_good(search, key, since))
            add(search, key, name, search->before, since);
        return;
    }
    for (size_t near = 1; near <= STEP_NEAR; near++) {
        if (since >= search->from + near + 1 && is_for_good(search, key, since - near)) {
            add(search, key, name, since - near - 1, since - near);
            return;
        }
        if (since + near < search->runs->count && is_for_good(search, key, since + near)) {
            add(search, key, name, since + near - 1, since + near);
            return;
        }
    }
}

static const struct context_key *known_key(size_t i)
{
    return i < FIRST_KEYS ? &first_keys[i] : &context_keys[i - FIRST_KEYS];
}

static int is_known(const char *key)
{
    for (size_t i = 0; i < FIRST_KEYS + context_key_count; i++)
        if (strcmp(known_key(i)->key, key) == 0)
            return 1;
    return 0;
}

/* Keys of other programs, and those that a user gave. */
static void look_at_others(struct search *search)
{
    const struct history_run *sides[2] = {&search->runs->runs[search->before],
                                          &search->runs->runs[search->since]};

    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < sides[side]->context_count; i++) {
            const char *key = sides[side]->context[i].key;
            if (!is_known(key) && (side == 0 || history_context(sides[0], key) == NULL))
                look_at(search, key, key, 0);
        }
}

size_t context_changes_near(const struct run_window *window, size_t from, size_t before,
                            size_t since, struct context_change found[CONTEXT_CHANGES_MOST])
{
    struct search search = {.runs = &window->series.runs,
                            .from = from,
                            .before = before,
                            .since = since,
                            .found = found};

    for (size_t i = 0; i < FIRST_KEYS + context_key_count; i++)
        look_at(&search, known_key(i)->key, known_key(i)->name, 1);
    look_at_others(&search);
    return search.count;
}
