/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a store gives back: a back end whose rows are the input, of any kind and in any number. All
 * that reads a store takes them or says that they are damaged. A value is a byte that says its
 * kind, and what belongs to it; a row ends, and a query, where a byte says so.
 */
#include "src/history/store.h"
#include "tests/fuzzing/fuzz.h"

#include <errno.h>
#include <zstd.h>

enum { QUERIES_MOST = 200, ROWS_MOST = 40, TEXT_MOST = 256, PACKED = 600 };

static struct {
    const uint8_t *data;
    size_t size, at, queries;
} from;

static uint8_t next_byte(void) { return from.at < from.size ? from.data[from.at++] : 0; }

static int64_t next_integer(void)
{
    uint64_t integer = 0;

    for (int i = 0; i < 8; i++)
        integer = integer << 8 | next_byte();
    return (int64_t)integer;
}

/* Most that are right are small numbers, ids and words: each kind has a byte for one. */
static struct value next_value(char text[PACKED])
{
    static const char hexadecimal[] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    static const char *const words[] = {"aa", "{}", "{\n  \"date\": \"2026\"\n}\n", "1 2 3", ""};
    uint8_t kind = next_byte(), length = next_byte();
    struct value value = {.kind = (enum value_kind)(kind % 5), .integer = (int8_t)length};

    switch (value.kind) {
    case VALUE_INTEGER:
        if (kind & 0x80)
            value.integer = next_integer();
        break;
    case VALUE_REAL:
        value.real = (double)next_integer() / 256;
        break;
    case VALUE_TEXT:
    case VALUE_BYTES:
        if (kind >= 0xc0) {
            (void)strcpy(text, length % 2 ? hexadecimal : words[length / 2 % 5]);
            value.length = strlen(text);
        } else {
            for (; value.length < length; value.length++)
                text[value.length] = (char)next_byte();
            text[value.length] = '\0';
        }
        /* Right frames are not found by chance. */
        if (value.kind == VALUE_BYTES && kind & 0x40) {
            char plain[TEXT_MOST];
            size_t plain_length = value.length < sizeof plain ? value.length : sizeof plain;
            memcpy(plain, text, plain_length);
            value.length = ZSTD_compress(text, PACKED - 1, plain, plain_length, 1);
            require(!ZSTD_isError(value.length));
        }
        value.bytes = text;
        break;
    case VALUE_NULL:
        break;
    }
    return value;
}

static int give_rows(struct history *history, const char *sql, const struct value *parameters,
                     size_t count, row_function *row, void *data)
{
    (void)sql, (void)parameters, (void)count;
    int error = 0;

    if (++from.queries > QUERIES_MOST)
        return -EIO;
    if (row == NULL)
        return 0;
    for (int rows = next_byte() % ROWS_MOST; error == 0 && rows > 0; rows--) {
        static char texts[COLUMNS_MOST][PACKED];
        struct value columns[COLUMNS_MOST];
        for (size_t i = 0; i < COLUMNS_MOST; i++)
            columns[i] = next_value(texts[i]);
        error = row(data, columns);
    }
    require(error <= 0);
    (void)history;
    return error;
}

static const struct backend backend = {
    .begin_read = "BEGIN", .begin_write = "BEGIN", .query = give_rows};

static void tell(void *data, const struct history_damage *damage)
{
    (void)data;
    require(damage->run != NULL || damage->kind > DAMAGE_VALUES);
}

static void read_runs(struct history *history)
{
    struct history_runs runs;
    size_t newer;

    if (history_list(history, "aa", 3, &runs) == 0 && runs.count > 0) {
        (void)history_context(&runs.runs[0], "date");
        (void)history_count_newer(history, &runs.runs[0], &newer);
    }
    history_runs_free(&runs);
    (void)history_find(history, "0123", &runs);
    history_runs_free(&runs);
}

static void read_rest(struct history *history, uint8_t what)
{
    struct history_machines machines;
    struct history_series series;
    struct history_blessings blessings;
    struct history_amended amended;
    const struct history_query query = {.machine = "aa"};
    const struct history_origin to = {.machine = "bb"};
    const struct history_blessing blessing = {.run = "0123", .reason = "x"};
    struct history_checking checking = {.tell = tell};
    char *text;
    size_t length;

    switch (what % 8) {
    case 0:
        (void)history_machines(history, &machines);
        history_machines_free(&machines);
        break;
    case 1:
        (void)history_read(history, &query, &series);
        history_series_free(&series);
        break;
    case 2:
        (void)history_blessings(history, NULL, &blessings);
        history_blessings_free(&blessings);
        break;
    case 3:
        (void)history_export(history, "0123", &text, &length);
        free(text);
        break;
    case 4:
        (void)history_verify(history, &checking);
        break;
    case 5:
        (void)history_move(history, "0123", &to, &amended);
        break;
    case 6:
        (void)history_bless(history, &blessing);
        break;
    default:
        read_runs(history);
        break;
    }
}

static void read_context(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct context_list list;
    char *text = text_of(data, size);
    const struct value json = {.kind = VALUE_TEXT, .bytes = text, .length = size};

    (void)context_read(&json, &arena, &list);
    for (size_t i = 0; i < list.count; i++)
        require(list.items[i].key != NULL);
    arena_free(&arena);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct history history = {.backend = &backend, .mode = HISTORY_WRITE};

    if (size == 0)
        return 0;
    from.data = data;
    from.size = size;
    from.at = 1;
    from.queries = 0;
    if (*data == '{')
        read_context(data, size);
    else
        read_rest(&history, *data);
    require(history.depth == 0 && memchr(history.problem, '\0', sizeof history.problem) != NULL);
    return 0;
}
