/* SPDX-License-Identifier: Apache-2.0 */
/* A run's text out of the store. */
#include "list.h"
#include "pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct unpacking {
    size_t length;
    char *text;
};

static int take_text(void *data, const struct value *columns)
{
    struct unpacking *unpacking = data;

    if (columns[0].kind != VALUE_BYTES || unpacking->text != NULL)
        return -EUCLEAN;
    return unpack_text(columns[0].bytes, columns[0].length, unpacking->length, &unpacking->text);
}

static int read_text(struct history *history, const char *id, struct list_match *match,
                     struct unpacking *unpacking)
{
    int error = list_match(history, id, match);

    if (error != 0)
        return error;
    unpacking->length = match->bytes >= 0 ? (size_t)match->bytes : (size_t)-1;
    return store_query(history, "SELECT zstd FROM bench_text WHERE run = $1",
                       (struct value[]){value_integer(match->run)}, 1, take_text, unpacking);
}

int history_export(struct history *history, const char *id, char **text, size_t *length)
{
    struct list_match match;
    struct unpacking unpacking = {0};
    char found[HISTORY_ID + 1] = "";

    *text = NULL;
    *length = 0;
    int error = store_begin(history, 0);
    if (error == 0)
        error = store_end(history, read_text(history, id, &match, &unpacking));
    if (error == 0 && unpacking.text != NULL)
        run_id_of_text(unpacking.text, unpacking.length, found);
    if (error == 0 && strcmp(found, match.id) != 0) {
        store_problem(history, "run %.12s is not what was added", match.id);
        error = -EUCLEAN;
    }
    if (error != 0) {
        free(unpacking.text);
        return error;
    }
    *text = unpacking.text;
    *length = unpacking.length;
    return 0;
}
