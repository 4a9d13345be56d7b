/* SPDX-License-Identifier: Apache-2.0 */
#include "run_contexts.h"

#include "src/base/array.h"
#include "src/base/json.h"
#include "src/base/json_write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is another in each run. A key that is missing here costs space, nothing else. */
static const char *const own_keys[] = {
    "date",        "free_bytes",           "load_after",
    "load_avg",    "load_before",          "mhz_per_cpu",
    "round",       "stolen_percent",       "stolen_seconds_after",
    "interrupted", "stolen_seconds_before"};

static int is_own(const char *key)
{
    for (size_t i = 0; i < sizeof own_keys / sizeof own_keys[0]; i++)
        if (strcmp(key, own_keys[i]) == 0)
            return 1;
    return 0;
}

/* Of the same key the last comes first: it is the one that run_context() gives. */
static int by_key(const void *a, const void *b)
{
    const struct context_entry *const *x = a, *const *y = b;
    int order = strcmp((*x)->key, (*y)->key);
    return order != 0 ? order : (*x < *y) - (*x > *y);
}

static char *write_part(const struct context_entry *const *sorted, size_t count, int own)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct json_write json = {.out = out};

    if (out == NULL)
        return NULL;
    json_write_open(&json, NULL, '{');
    for (size_t i = 0; i < count; i++)
        if (is_own(sorted[i]->key) == own &&
            (i == 0 || strcmp(sorted[i]->key, sorted[i - 1]->key) != 0))
            json_write_text(&json, sorted[i]->key, sorted[i]->value);
    json_write_close(&json, '}');
    int failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

int run_contexts_write(const struct run *run, struct context_texts *texts)
{
    const struct context_entry **sorted = calloc(run->context_count + 1, sizeof(void *));

    *texts = (struct context_texts){NULL, NULL};
    if (sorted == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < run->context_count; i++)
        sorted[i] = &run->context[i];
    qsort(sorted, run->context_count, sizeof(void *), by_key);
    texts->environment = write_part(sorted, run->context_count, 0);
    texts->own = write_part(sorted, run->context_count, 1);
    free(sorted);
    if (texts->environment != NULL && texts->own != NULL)
        return 0;
    run_contexts_free(texts);
    return -ENOMEM;
}

void run_contexts_free(struct context_texts *texts)
{
    free(texts->environment);
    free(texts->own);
    *texts = (struct context_texts){NULL, NULL};
}

static int add_item(struct context_list *list, struct context_entry item)
{
    struct context_entry *larger = array_grow(list->items, list->count, sizeof *larger);

    list->items = larger != NULL ? larger : list->items;
    if (larger == NULL || item.key == NULL || item.value == NULL)
        return -ENOMEM;
    list->items[list->count++] = item;
    return 0;
}

static int read_items(struct arena *arena, struct json *json, struct context_list *list)
{
    const char *text;
    int more = json_enter(json, '{');

    while (more == 0 && (more = json_next_key(json, &text)) == 1) {
        struct context_entry item = {.key = arena_copy(arena, text, strlen(text))};
        more = json_string(json, &text);
        if (more == 0) {
            item.value = arena_copy(arena, text, strlen(text));
            more = add_item(list, item);
        }
    }
    return more;
}

int run_contexts_read(struct arena *arena, const char *text, size_t length,
                      struct context_list *list)
{
    struct json json;
    struct context_list read = {0};

    *list = read;
    char *own = arena_copy(arena, text, length); /* the reader changes it */
    if (own == NULL)
        return -ENOMEM;
    json_open(&json, own, length);
    int error = read_items(arena, &json, &read);
    if (error == 0 && read.count > 0) {
        list->items = arena_take(arena, read.count * sizeof *read.items);
        error = list->items == NULL ? -ENOMEM : 0;
        if (error == 0)
            memcpy(list->items, read.items, read.count * sizeof *read.items);
        list->count = error == 0 ? read.count : 0;
    }
    free(read.items);
    return error == 0 || error == -ENOMEM ? error : -EUCLEAN;
}

int run_contexts_merge(struct arena *arena, const struct context_list *a,
                       const struct context_list *b, struct context_list *merged)
{
    size_t count = a->count + b->count, i = 0, j = 0;

    *merged = (struct context_list){0};
    merged->items = arena_take(arena, (count + 1) * sizeof *merged->items);
    if (merged->items == NULL)
        return -ENOMEM;
    while (merged->count < count) {
        int first = j == b->count || (i < a->count && strcmp(a->items[i].key, b->items[j].key) < 0);
        merged->items[merged->count++] = first ? a->items[i++] : b->items[j++];
    }
    return 0;
}
