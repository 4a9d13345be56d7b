/* SPDX-License-Identifier: Apache-2.0 */
#include "pack.h"

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
    *packed = NULL;
    if (length > LENGTH_MOST)
        return -EFBIG;
    size_t room = ZSTD_compressBound(length);
    *packed = malloc(room);
    if (*packed == NULL)
        return -ENOMEM;
    size_t used = ZSTD_compress(*packed, room, text, length, LEVEL);
    if (ZSTD_isError(used)) {
        free(*packed);
        *packed = NULL;
        return -ENOMEM;
    }
    char *smaller = realloc(*packed, used);
    *packed = smaller != NULL ? smaller : *packed;
    *packed_length = used;
    return 0;
}

int unpack_text(const char *packed, size_t packed_length, size_t length, char **text)
{
    *text = NULL;
    /* The frame says how long it is: a damaged one must not take all memory. */
    if (length > LENGTH_MOST || ZSTD_getFrameContentSize(packed, packed_length) != length)
        return -EUCLEAN;
    *text = malloc(length + 1);
    if (*text == NULL)
        return -ENOMEM;
    if (ZSTD_decompress(*text, length, packed, packed_length) != length) {
        free(*text);
        *text = NULL;
        return -EUCLEAN;
    }
    (*text)[length] = '\0';
    return 0;
}
