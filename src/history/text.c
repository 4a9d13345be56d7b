/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a run, which the store keeps compressed. */
#include "store.h"

#include <errno.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* Higher levels take several times as long and gain little: STORE.md has the figures. */
enum { LEVEL = 3, LENGTH_MOST = 1000000000 };

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
