/* SPDX-License-Identifier: Apache-2.0 */
/* Marks: by which a row that is read is found to be what was put in, and a row that is missing to
 * be missing. STORE.md says what they are over. */
#include "src/base/arena.h"
#include "store.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

/* Eight bytes at a time: of many runs it is done for a kilobyte each. */
static uint64_t mix_bytes(uint64_t hash, const char *bytes, size_t length)
{
    uint64_t word;

    hash = mix(hash, length);
    for (; length >= sizeof word; length -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        hash = mix(hash, le64toh(word));
    }
    word = 0;
    if (length > 0)
        memcpy(&word, bytes, length);
    return mix(hash, le64toh(word));
}

uint64_t mark_hash_text(const char *text) { return mix_bytes(0, text, strlen(text)); }

static uint64_t hash_columns(uint64_t before, const struct value *columns, size_t count)
{
    uint64_t bits;

    for (size_t i = 0; i < count; i++) {
        const struct value *column = &columns[i];
        before = mix(before, column->kind);
        if (column->kind == VALUE_INTEGER) {
            before = mix(before, (uint64_t)column->integer);
        } else if (column->kind == VALUE_REAL) {
            memcpy(&bits, &column->real, sizeof bits);
            before = mix(before, bits);
        } else if (column->kind != VALUE_NULL) {
            before = mix_bytes(before, column->bytes, column->length);
        }
    }
    return before;
}

int64_t mark_of(uint64_t before, const struct value *columns, size_t count)
{
    return (int32_t)(uint32_t)(hash_columns(before, columns, count) >> 32);
}

int mark_fits(const struct value *mark, uint64_t before, const struct value *columns, size_t count)
{
    return mark->kind == VALUE_INTEGER && mark->integer == mark_of(before, columns, count);
}

int store_damaged(struct history *history, const char *run, const char *what)
{
    store_problem(history, "run %.12s: what is kept of %s is not what was added", run, what);
    return -EUCLEAN;
}

int cell_list_keep(struct history *history, const int64_t *cells, size_t count, int64_t *id)
{
    char *text = NULL, digest[HISTORY_ID + 1];
    size_t size;
    FILE *out = open_memstream(&text, &size);

    for (size_t i = 0; out != NULL && i < count; i++)
        fprintf(out, "%s%lld", i > 0 ? " " : "", (long long)cells[i]);
    if (text_close(out, &text) != 0)
        return -ENOMEM;
    run_id_of_text(text, size, digest);
    const struct value values[] = {value_text(digest), value_text(text)};
    int error =
        store_query(history,
                    "INSERT INTO bench_cell_list (digest, cells) SELECT $1, $2 WHERE NOT EXISTS"
                    " (SELECT 1 FROM bench_cell_list WHERE digest = $1) ON CONFLICT DO NOTHING",
                    values, 2, NULL, NULL);
    if (error == 0)
        error = store_integer(history, "SELECT id FROM bench_cell_list WHERE digest = $1", values,
                              1, id);
    free(text);
    return error;
}

int machine_insert(struct history *history, const char *key)
{
    return store_query(history,
                       "INSERT INTO bench_machine (key) SELECT $1 WHERE NOT EXISTS"
                       " (SELECT 1 FROM bench_machine WHERE key = $1) ON CONFLICT DO NOTHING",
                       (struct value[]){value_text(key)}, 1, NULL, NULL);
}

int machine_change(struct history *history, const struct machine_change *change)
{
    return store_query(history,
                       "UPDATE bench_machine SET runs = runs + $1, dates = dates + $2,"
                       " blessings = blessings + $3 WHERE key = $4",
                       (struct value[]){value_integer(change->runs), value_integer(change->dates),
                                        value_integer(change->blessings), value_text(change->key)},
                       4, NULL, NULL);
}
