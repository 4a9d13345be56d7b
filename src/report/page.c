/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include "page_files.h"
#include "src/base/arena.h"

#include <errno.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { LEVEL = 6, LENGTH_MOST = 1000000000 };

static const struct page_file *const scripts[] = {&page_chart, &page_script};

int page_can_be_made(void) { return page_chart.length > 0; }

static void put_base64(FILE *out, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned group = (unsigned)bytes[i] << 16 | (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0);
        fputc(digits[group >> 18], out);
        fputc(digits[group >> 12 & 63], out);
        fputc(left > 1 ? digits[group >> 6 & 63] : '=', out);
        fputc(left > 2 ? digits[group & 63] : '=', out);
    }
}

/* A block that a browser keeps and does not run: base64 holds nothing that could end it. */
static int put_packed(FILE *out, const char *id, size_t number, const struct page_text *text)
{
    uLongf length = text->length <= LENGTH_MOST ? compressBound((uLong)text->length) : 0;
    Bytef *packed = length > 0 ? malloc(length) : NULL;
    int error = text->length > LENGTH_MOST ? -EFBIG : packed == NULL ? -ENOMEM : 0;

    if (error == 0 &&
        compress2(packed, &length, (const Bytef *)text->text, (uLong)text->length, LEVEL) != Z_OK)
        error = -ENOMEM;
    if (error == 0) {
        fprintf(out, "<script type=\"application/octet-stream\" id=\"%s-%zu\">", id, number);
        put_base64(out, packed, length);
        fputs("</script>\n", out);
    }
    free(packed);
    return error;
}

static void put_file(FILE *out, const struct page_file *file)
{
    (void)fwrite(file->bytes, 1, file->length, out);
}

/* The name of a text in a policy. */
static void put_hash(FILE *out, const struct page_file *file)
{
    SHA2_CTX context;
    uint8_t digest[SHA256_DIGEST_LENGTH];

    SHA256Init(&context);
    SHA256Update(&context, file->bytes, file->length);
    SHA256Final(digest, &context);
    fputs(" 'sha256-", out);
    put_base64(out, digest, sizeof digest);
    fputc('\'', out);
}

static void put_head(FILE *out)
{
    fputs(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "base-uri 'none'; form-action 'none'; img-src data:; style-src",
        out);
    put_hash(out, &page_style);
    fputs("; script-src", out);
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        put_hash(out, scripts[i]);
    fputs("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>",
          out);
    put_file(out, &page_style);
    fputs("</style>\n", out);
}

int page_make(const struct page_text *data, const struct page_text *files, size_t file_count,
              struct page_text *html)
{
    *html = (struct page_text){0};
    FILE *out = page_can_be_made() ? open_memstream(&html->text, &html->length) : NULL;
    if (out == NULL)
        return page_can_be_made() ? -ENOMEM : -ENOSYS;
    put_head(out);
    put_file(out, &page_body);
    int error = put_packed(out, "data", 0, data);
    for (size_t i = 0; error == 0 && i < file_count; i++)
        error = put_packed(out, "file", i, &files[i]);
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        fputs("<script>", out);
        put_file(out, scripts[i]);
        fputs("</script>\n", out);
    }
    fputs("</body>\n</html>\n", out);
    int closed = text_close(out, &html->text);
    return error != 0 ? error : closed;
}
