/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/json.h"
#include "src/base/json_write.h"
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* These differ from run to run. A key that is missing here only costs space. */
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

/* Where a key is given twice the last comes first: it is the one that run_context() gives. */
static int by_key(const void *a, const void *b)
{
    const struct context_entry *const *x = a, *const *y = b;
    int order = strcmp((*x)->key, (*y)->key);
    return order != 0 ? order : (*x < *y) - (*x > *y);
}

char *context_write(const struct run *run, int own)
{
    const struct context_entry **sorted = calloc(run->context_count + 1, sizeof(void *));
    char *text = NULL;
    size_t size, count = 0;
    FILE *out = open_memstream(&text, &size);
    const char *before = "{";

    for (size_t i = 0; sorted != NULL && i < run->context_count; i++)
        if (is_own(run->context[i].key) == own)
            sorted[count++] = &run->context[i];
    if (sorted != NULL && out != NULL) {
        qsort(sorted, count, sizeof(void *), by_key);
        for (size_t i = 0; i < count; i++) {
            if (i > 0 && strcmp(sorted[i]->key, sorted[i - 1]->key) == 0)
                continue;
            fprintf(out, "%s\n  ", before);
            json_write(out, sorted[i]->key, strlen(sorted[i]->key));
            fputs(": ", out);
            json_write(out, sorted[i]->value, strlen(sorted[i]->value));
            before = ",";
        }
        fputs(count > 0 ? "\n}\n" : "{}\n", out);
    }
    if (out != NULL && (ferror(out) | fclose(out)) == 0 && sorted != NULL) {
        free(sorted);
        return text;
    }
    free(sorted);
    free(text);
    return NULL;
}

int context_read(const struct value *json, struct arena *arena, struct context_list *list)
{
    char *text = arena_copy(arena, json->bytes, json->length);
    const char *key, *value;
    struct json reader;

    *list = (struct context_list){0};
    if (text == NULL)
        return -ENOMEM;
    json_open(&reader, text, json->length);
    int more = json_enter(&reader, '{');
    while (more >= 0 && (more = json_next_key(&reader, &key)) > 0) {
        more = json_string(&reader, &value);
        struct context_entry *item = arena_append(arena, &list->items, &list->count, sizeof *item);
        if (item == NULL)
            return -ENOMEM;
        *item = (struct context_entry){key, value};
    }
    return more == 0 ? 0 : -EUCLEAN;
}
