/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include "figure.h"
#include "src/base/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

struct document document_begin(FILE *out, const struct view *view)
{
    return (struct document){.out = out, .view = view};
}

int document_finish(struct document *document)
{
    document_close(document, '}');
    errno = 0;
    if (document->error == 0 && (fflush(document->out) != 0 || ferror(document->out)))
        document->error = errno != 0 ? -errno : -EIO;
    arena_free(&document->arena);
    return document->error;
}

int document_has_readers(const struct document *document)
{
    return document->view->format->paragraph != NULL;
}

int document_has_only_tables(const struct document *document)
{
    return document->view->format->paragraph == NULL && document->view->format->member == NULL;
}

int document_text_width(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

/* The signs that the texts of this folder use, in ASCII. None is longer than its UTF-8 form. */
static void make_ascii(char *text)
{
    static const struct {
        const char *sign;
        const char *ascii;
    } signs[] = {{"±", "+-"}, {"µ", "u"}, {"–", "-"},   {"×", "x"}, {"·", ","}, {"≤", "<="},
                 {"─", "-"},  {"│", "|"}, {"…", "..."}, {"−", "-"}, {"≈", "~"}};
    char *out = text;

    while (*text != '\0') {
        size_t i = 0, count = sizeof signs / sizeof signs[0];
        if ((unsigned char)*text < 0x80) {
            *out++ = *text++;
            continue;
        }
        while (i < count && strncmp(text, signs[i].sign, strlen(signs[i].sign)) != 0)
            i++;
        const char *ascii = i < count ? signs[i].ascii : "?";
        do /* pass it by first: what is written may lie on it */
            text++;
        while (((unsigned char)*text & 0xC0) == 0x80);
        memcpy(out, ascii, strlen(ascii));
        out += strlen(ascii);
    }
    *out = '\0';
}

void *document_take(struct document *document, size_t count, size_t size)
{
    void *taken = document->error == 0 ? arena_take(&document->arena, count * size) : NULL;

    if (taken == NULL && document->error == 0)
        document->error = -ENOMEM;
    return taken != NULL ? memset(taken, 0, count * size) : NULL;
}

const char *document_say(struct document *document, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    size_t size = (size_t)vsnprintf(NULL, 0, format, arguments) + 1;
    va_end(arguments);
    char *text = document_take(document, size, 1);
    if (text == NULL)
        return "";
    va_start(arguments, format);
    vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return text;
}

const char *document_own(struct document *document, char *text)
{
    const char *kept = text != NULL ? document_say(document, "%s", text) : "";

    if (text == NULL && document->error == 0)
        document->error = -ENOMEM;
    free(text);
    return kept;
}

char *document_text_for_readers(struct document *document, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = document_take(document, size, 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, text, size);
    /* The glue is a control character, too. */
    for (char *part = copy, *end = copy; part < copy + size - 1; part = end + 1) {
        end = part + strcspn(part, FIGURE_GLUE);
        char kept = *end;
        *end = '\0';
        utf8_clean(part);
        *end = kept;
    }
    if (document->view->ascii)
        make_ascii(copy);
    return copy;
}

char *document_loosen(char *text)
{
    for (char *p = text; p != NULL && *p != '\0'; p++)
        if (*p == FIGURE_GLUE[0])
            *p = ' ';
    return text;
}

void document_gap(struct document *document)
{
    if (document->begun)
        fputc('\n', document->out);
    document->begun = 1;
    document->after_table = 0;
}

void document_put_heading(struct document *document, const char *text)
{
    char *copy = document_text_for_readers(document, text);

    if (copy == NULL || document->view->format->heading == NULL)
        return;
    document_gap(document);
    document->view->format->heading(document, copy);
}

void document_put_paragraph(struct document *document, int has_gap, const char *lead,
                            const char *text)
{
    char *copy = document_text_for_readers(document, text);

    if (copy == NULL || !document_has_readers(document))
        return;
    if (has_gap)
        document_gap(document);
    document->begun = 1;
    document->view->format->paragraph(document, lead, copy);
    document->after_table = 0;
}

void document_folded(struct document *document, size_t count, const char *what)
{
    if (count > 0)
        document_note(document, "", "%zu %s; --all shows them.", count, what);
}

void document_open(struct document *document, const char *key, char bracket)
{
    if (document->view->format->open != NULL && document->error == 0)
        document->view->format->open(document, key, bracket);
}

void document_close(struct document *document, char bracket)
{
    if (document->view->format->close != NULL && document->error == 0)
        document->view->format->close(document, bracket);
}

void document_member(struct document *document, const char *key, struct datum datum)
{
    if (document->view->format->member != NULL && document->error == 0)
        document->view->format->member(document, key, &datum);
}

void document_members(struct document *document, const struct datum *data, size_t count)
{
    for (size_t i = 0; i + 1 < count; i += 2)
        document_member(document, data[i].text.text, data[i + 1]);
}

int datum_write(const struct datum *datum, FILE *out)
{
    switch (datum->kind) {
    case DATUM_COUNT:
        return fprintf(out, "%" PRIu64, datum->count);
    case DATUM_INTEGER:
        return fprintf(out, "%" PRId64, datum->integer);
    default:
        return datum->kind == DATUM_NUMBER && isfinite(datum->number)
                   ? fprintf(out, "%.10g", datum->number)
                   : 0;
    }
}

void document_texts(struct document *document, const char *key, char *const *texts, size_t count)
{
    document_open(document, key, '[');
    for (size_t i = 0; i < count; i++)
        document_put(document, NULL, texts[i]);
    document_close(document, ']');
}
