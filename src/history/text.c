/* SPDX-License-Identifier: Apache-2.0 */
/* What of a run is stored in a form of its own: its text is compressed, its context is JSON. */
#include "src/base/arena.h"
#include "src/base/json.h"
#include "store.h"

#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* Higher levels take several times as long and gain little: STORE.md has the figures. */
enum { LEVEL = 3, LENGTH_MOST = RUN_BYTES_MOST };

void run_id_of_text(const char *text, size_t length, char id[HISTORY_ID + 1])
{
    _Static_assert(SHA256_DIGEST_STRING_LENGTH == HISTORY_ID + 1, "a SHA-256 in hexadecimal");
    (void)SHA256Data((const uint8_t *)text, length, id);
}

int pack_text(const char *text, size_t length, char **packed, size_t *packed_length)
{
    if (length > LENGTH_MOST)
        return -EFBIG;
    size_t room = ZSTD_compressBound(length);
    *packed = malloc(room);
    if (*packed == NULL)
        return -ENOMEM;
    *packed_length = ZSTD_compress(*packed, room, text, length, LEVEL);
    return ZSTD_isError(*packed_length) ? -ENOMEM : 0;
}

struct unpacking {
    int found;
    char id[HISTORY_ID + 1];
    char *text; /* NULL: the store has none */
    size_t length;
};

static int take_text(void *data, const struct value *columns)
{
    struct unpacking *unpacking = data;
    const struct value *packed = &columns[2];
    size_t length = columns[1].integer >= 0 ? (size_t)columns[1].integer : (size_t)-1;

    if (unpacking->found++ > 0)
        return -ENOTUNIQ;
    if (!row_is(columns, "ti") || columns[0].length != HISTORY_ID)
        return -EUCLEAN;
    memcpy(unpacking->id, columns[0].bytes, HISTORY_ID);
    if (packed->kind == VALUE_NULL)
        return 0;
    /* The frame says how long it is: a damaged one must not take all memory. */
    if (packed->kind != VALUE_BYTES || length > LENGTH_MOST ||
        ZSTD_getFrameContentSize(packed->bytes, packed->length) != length)
        return -EUCLEAN;
    unpacking->length = length;
    unpacking->text = calloc(length + 1, 1);
    if (unpacking->text == NULL)
        return -ENOMEM;
    return ZSTD_decompress(unpacking->text, length, packed->bytes, packed->length) == length
               ? 0
               : -EUCLEAN;
}

int history_export(struct history *history, const char *id, char **text, size_t *length)
{
    struct unpacking unpacking = {0};
    struct id_range range;
    char is[HISTORY_ID + 1] = "";
    int error = id_range(id, &range);

    if (error == 0)
        error = store_query(history,
                            "SELECT r.id, r.bytes, t.zstd FROM bench_run r"
                            " LEFT JOIN bench_text t ON t.run = r.seq"
                            " WHERE r.id >= $1 AND r.id < $2 LIMIT 2",
                            range.parameters, 2, take_text, &unpacking);
    if (error == 0 && !unpacking.found)
        error = -ENOENT;
    if (error == 0 && unpacking.text != NULL)
        run_id_of_text(unpacking.text, unpacking.length, is);
    if (error == 0 && strcmp(is, unpacking.id) != 0) {
        store_problem(history, "run %.12s is not what was added", unpacking.id);
        error = -EUCLEAN;
    }
    if (error != 0) {
        free(unpacking.text);
        unpacking = (struct unpacking){0};
    }
    *text = unpacking.text;
    *length = unpacking.length;
    return error;
}

/* These differ from run to run. A key that is missing here only costs space. */
static const char *const own_keys[] = {"date",
                                       "free_bytes",
                                       "load_after",
                                       "load_avg",
                                       "load_before",
                                       "mhz_per_cpu",
                                       "round",
                                       "stolen_percent",
                                       "stolen_seconds_after",
                                       "interrupted",
                                       "stolen_seconds_before",
                                       "others_percent",
                                       "others_seconds_before"};

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
    if (text_close(out, &text) == 0 && sorted == NULL) {
        free(text);
        text = NULL;
    }
    free(sorted);
    return text;
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
