/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

#include <stdint.h>

size_t utf8_length(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    static const struct {
        unsigned char mask, lead;
        size_t length;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 1, 0x20},
                 {0xe0, 0xc0, 2, 0xa0},
                 {0xf0, 0xe0, 3, 0x800},
                 {0xf8, 0xf0, 4, 0x10000}};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if ((at[0] & forms[i].mask) != forms[i].lead)
            continue;
        uint32_t code = at[0] & (unsigned char)~forms[i].mask;
        for (size_t k = 1; k < forms[i].length; k++) {
            if ((at[k] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (at[k] & 0x3f);
        }
        int valid = code >= forms[i].least && code != 0x7f && code <= 0x10ffff &&
                    (code < 0xd800 || code > 0xdfff);
        return valid ? forms[i].length : 0;
    }
    return 0;
}

int utf8_is_clean(const char *text)
{
    size_t length = 1;

    while (*text != '\0' && length > 0) {
        length = utf8_length(text);
        text += length;
    }
    return length > 0;
}

void utf8_clean(char *text)
{
    while (*text != '\0') {
        size_t length = utf8_length(text);
        if (length == 0)
            *text = '?';
        text += length > 0 ? length : 1;
    }
}
