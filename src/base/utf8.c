/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

size_t utf8_decode(const char *text, uint32_t *code)
{
    const unsigned char *at = (const unsigned char *)text;
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    size_t more = 0;

    while (more < 4 && (at[0] & forms[more].mask) != forms[more].lead)
        more++;
    if (more == 4)
        return 0;
    *code = at[0] & (unsigned char)~forms[more].mask;
    for (size_t i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (at[i] & 0x3f);
    }
    int surrogate = *code >= 0xd800 && *code <= 0xdfff;
    return *code < forms[more].least || *code > 0x10ffff || surrogate ? 0 : more + 1;
}

int utf8_is_control(uint32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

size_t utf8_length(const char *text)
{
    uint32_t code;
    size_t length = utf8_decode(text, &code);

    return length > 0 && utf8_is_control(code) ? 0 : length;
}

int utf8_is_clean(const char *text)
{
    for (size_t length; *text != '\0' && (length = utf8_length(text)) > 0;)
        text += length;
    return *text == '\0';
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

enum { TEXT_USUAL = 4096 };

void utf8_vprintf(FILE *out, const char *format, va_list arguments)
{
    /* That memory is short is to be said, too: only what is longer than usual needs some. */
    char usual[TEXT_USUAL], *text = usual, *larger = NULL;
    va_list again;

    va_copy(again, arguments);
    int length = vsnprintf(usual, sizeof usual, format, arguments);
    if (length >= TEXT_USUAL && vasprintf(&larger, format, again) < 0)
        larger = NULL;
    va_end(again);
    if (larger != NULL)
        text = larger;
    else
        length = length < 0 ? 0 : length < TEXT_USUAL ? length : TEXT_USUAL - 1;
    int ends_line = length > 0 && text[length - 1] == '\n';
    text[length - ends_line] = '\0';
    utf8_clean(text);
    fputs(text, out);
    fputs(ends_line ? "\n" : "", out);
    free(larger);
}

void utf8_printf(FILE *out, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    utf8_vprintf(out, format, arguments);
    va_end(arguments);
}
