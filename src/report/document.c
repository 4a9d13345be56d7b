/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include "format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct document document_begin(FILE *out, const struct view *view)
{
    return (struct document){.out = out, .view = view, .json = {.out = out}};
}

int document_finish(struct document *document)
{
    if (document->error == 0 && (fflush(document->out) != 0 || ferror(document->out)))
        document->error = -EIO;
    free(document->csv_heading);
    document->csv_heading = NULL;
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
    } signs[] = {{"±", "+-"}, {"µ", "u"}, {"–", "-"}, {"×", "x"},   {"·", ","},
                 {"≤", "<="}, {"─", "-"}, {"│", "|"}, {"…", "..."}, {"−", "-"}};
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

char *document_print(struct document *document, const char *format, va_list arguments)
{
    char *text = NULL;

    if (document->error != 0)
        return NULL;
    if (vasprintf(&text, format, arguments) < 0) {
        document->error = -ENOMEM;
        return NULL;
    }
    if (document->view->ascii)
        make_ascii(text);
    return text;
}

char *document_loosen(char *text)
{
    for (char *p = text; p != NULL && *p != '\0'; p++)
        if (*p == FORMAT_GLUE[0])
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

void document_heading(struct document *document, const char *format, ...)
{
    va_list arguments;

    if (document->view->format->heading == NULL)
        return;
    va_start(arguments, format);
    char *text = document_print(document, format, arguments);
    va_end(arguments);
    if (text == NULL)
        return;
    document_gap(document);
    document->view->format->heading(document, text);
    free(text);
}

static void __attribute__((format(printf, 3, 0)))
put_paragraph(struct document *document, const char *lead, const char *format, va_list arguments,
              int is_note)
{
    char *text =
        document_has_readers(document) ? document_print(document, format, arguments) : NULL;

    if (text == NULL)
        return;
    if (!is_note)
        document_gap(document);
    document->begun = 1;
    document->view->format->paragraph(document, lead, text);
    document->after_table = 0;
    free(text);
}

void document_paragraph(struct document *document, const char *lead, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_paragraph(document, lead, format, arguments, 0);
    va_end(arguments);
}

void document_note(struct document *document, const char *lead, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_paragraph(document, lead, format, arguments, 1);
    va_end(arguments);
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

static void put_member(struct document *document, const char *key, struct datum datum)
{
    if (document->view->format->member != NULL && document->error == 0)
        document->view->format->member(document, key, &datum);
}

void document_span(struct document *document, const char *key, struct span text)
{
    put_member(document, key, (struct datum){.kind = DATUM_TEXT, .text = text});
}

void document_text(struct document *document, const char *key, const char *text)
{
    document_span(document, key, (struct span){text, text == NULL ? 0 : strlen(text)});
}

void document_texts(struct document *document, const char *key, char *const *texts, size_t count)
{
    document_open(document, key, '[');
    for (size_t i = 0; i < count; i++)
        document_text(document, NULL, texts[i]);
    document_close(document, ']');
}

void document_number(struct document *document, const char *key, double number)
{
    put_member(document, key, (struct datum){.kind = DATUM_NUMBER, .number = number});
}

void document_count(struct document *document, const char *key, uint64_t count)
{
    put_member(document, key, (struct datum){.kind = DATUM_COUNT, .count = count});
}

void document_integer(struct document *document, const char *key, int64_t integer)
{
    put_member(document, key, (struct datum){.kind = DATUM_INTEGER, .integer = integer});
}

void document_interval(struct document *document, const char *key, struct interval interval)
{
    put_member(document, key, (struct datum){.kind = DATUM_INTERVAL, .interval = interval});
}
