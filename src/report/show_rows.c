/* SPDX-License-Identifier: Apache-2.0 */
/* A row a cell, without what is the same in all of them. */
#include "show.h"
#include "words.h"

enum { FILE_STATE, SYNC_MODE, AXES, FILE_SIZE = AXES + NAME_AXES, CHUNK, THREADS, PARTS };
enum { COLUMNS_MOST = 2 };

static const char *const headings[PARTS] = {"file", "sync",
#define AXIS(symbol, key, normally) key,
#include "src/run/axes.def"
#undef AXIS
                                            "size", "chunk", "threads"};

static int is_measured(const struct cell *cell)
{
    return cell->samples + cell->errors + cell->skipped > 0 || isfinite(cell->aggregate_ns);
}

/* NULL: the name has no such part. */
static const char *say_part(struct document *document, const struct name *name, int part)
{
    struct span span = part == FILE_STATE ? name->file : name->sync;
    uint64_t bytes = part == FILE_SIZE ? name->size_bytes : name->chunk_bytes;

    if (part >= AXES && part < FILE_SIZE)
        span = name_axis_value(name->axis, (enum name_axis)(part - AXES));
    if (name->plain || (part >= AXES && part < FILE_SIZE && name_is_control(name)))
        return NULL;
    if (part == THREADS)
        return document_say(document, "%u", name->threads);
    if (part == FILE_SIZE || part == CHUNK)
        return bytes > 0 ? document_say(document, "%s", figure_bytes((double)bytes).text) : NULL;
    return span.text != NULL ? document_say(document, "%.*s", (int)span.length, span.text) : NULL;
}

/* Controls have no file, whose state therefore does not vary with them. */
static int varies(const struct run *run, int part)
{
    const struct name *first = NULL;

    for (size_t i = 0; i < run->cell_count; i++) {
        const struct name *name = &run->cells[i].parts;
        if (name->plain || !is_measured(&run->cells[i]) ||
            (name_is_control(name) && part < FILE_SIZE))
            continue;
        first = first == NULL ? name : first;
        if (part == FILE_STATE  ? !span_equal(name->file, first->file)
            : part == SYNC_MODE ? !span_equal(name->sync, first->sync)
            : part < FILE_SIZE  ? !span_equal(name->axis[part - AXES], first->axis[part - AXES])
            : part == FILE_SIZE ? name->size_bytes != first->size_bytes
            : part == CHUNK     ? name->chunk_bytes != first->chunk_bytes
                                : name->threads != first->threads)
            return 1;
    }
    return 0;
}

/* What tells the cells apart: a column each or, where a folded table would tear them from the
 * figures, all in the first one: "Write/new/none/4 KiB". */
struct key {
    int shown[PARTS], is_one;
};

static const char *say_key(struct document *document, const struct key *key, const char *first,
                           const struct name *name)
{
    for (int part = 0; part < PARTS && key->is_one; part++) {
        const char *own = name == NULL ? headings[part] : say_part(document, name, part);
        if (key->shown[part] && own != NULL)
            first = document_say(document, "%s/%s", first, own);
    }
    return first;
}

static void put_row(struct show *show, struct table *out, const struct cell *cell,
                    const struct key *key)
{
    struct document *document = &show->document;
    struct summary time, rate;

    table_row(out);
    const char *series =
        document_say(document, "%.*s", (int)cell->parts.series.length, cell->parts.series.text);
    table_put(out, WORDS(say_key(document, key, series, &cell->parts)));
    for (int part = 0; part < PARTS && !key->is_one; part++)
        if (key->shown[part])
            table_put(out, WORDS(say_part(document, &cell->parts, part)));
    int error = show_summarise(cell, METRIC_TIME, &time);
    if (error == 0)
        error = show_summarise(cell, METRIC_THROUGHPUT, &rate);
    if (document->error == 0)
        document->error = error;
    if (error != 0)
        return;
    const struct unit *unit = figure_unit(METRIC_KIND_RATE, rate.median / 10, rate.median);
    table_put(
        out,
        WORDS(isnan(time.median) ? "-"
                                 : document_say(document, "%s", figure_time(time.median).text)),
        WORDS(time.samples == 0 ? "-"
                                : document_say(document, "%s", figure_time(time.minimum).text)),
        WORDS(time.samples < 2 ? "-"
                               : document_say(document, "%s", figure_percent(time.spread).text)),
        WORDS(isnan(rate.median) ? "-"
                                 : document_say(document, "%s %s",
                                                figure_in(rate.median, unit).text, unit->name)));
    table_put(out,
              WORDS(show->planned > 0
                        ? document_say(document, "%zu of %.0f", cell->samples, show->planned)
                        : NULL),
              WORDS(cell->error == NULL
                        ? NULL
                        : document_say(document, "%zu failed: %.80s", cell->errors, cell->error)));
}

/* With what is the same in all of them. */
static void put_heading(struct show *show, const struct key *key)
{
    struct document *document = &show->document;
    const struct run *run = show->run;
    const char *text = "";
    size_t first = 0;

    while (first + 1 < run->cell_count && name_is_control(&run->cells[first].parts))
        first++;
    for (int part = 0; part < THREADS; part++) {
        const struct name *name = &run->cells[first].parts;
        int is_normal = part >= AXES && part < FILE_SIZE && name->axis[part - AXES].text == NULL;
        is_normal |= (part == SYNC_MODE && name_kind(name) != BM_KIND_WRITER) ||
                     (part == FILE_STATE && name_kind(name) == BM_KIND_CHANNEL);
        const char *value = key->shown[part] || is_normal ? NULL : say_part(document, name, part);
        if (value != NULL)
            text = document_say(document, "%s%s%s %s", text, *text != '\0' ? ", " : ": ",
                                headings[part], value);
    }
    document_heading(document, "All cells%s", text);
}

/* What the rows are. */
static const char *word_of(const struct run *run)
{
    unsigned kinds = 0;

    for (size_t i = 0; i < run->cell_count; i++)
        kinds = kinds_add(kinds, run->cells[i].name);
    return kinds_say(kinds);
}

void show_rows(struct show *show)
{
    static const struct column values[] = {
        {.heading = "median", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "lowest", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "spread", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "throughput", .align = ALIGN_RIGHT, .family = 1},
        {.heading = "", .family = 2},
        {.heading = "", .family = 2}};
    const struct run *run = show->run;
    struct key key = {.is_one = 0};
    struct table out;
    int parts = 0;

    if (!document_has_readers(&show->document))
        return;
    for (int part = 0; part < PARTS; part++)
        parts += key.shown[part] = varies(run, part);
    for (size_t i = 0; i < run->cell_count; i++)
        key.is_one |= parts > COLUMNS_MOST || run->cells[i].error != NULL;
    put_heading(show, &key);
    table_begin(&out, &show->document, NULL, NULL, 0);
    table_column(&out, ALIGN_LEFT, 0, "%s", say_key(&show->document, &key, word_of(run), NULL));
    for (int part = 0; part < PARTS && !key.is_one; part++)
        if (key.shown[part])
            table_column(&out, part < FILE_SIZE ? ALIGN_LEFT : ALIGN_RIGHT, 0, "%s",
                         headings[part]);
    table_add(&out, values, sizeof values / sizeof values[0]);
    for (size_t i = 0; show->document.error == 0 && i < run->cell_count; i++)
        if (is_measured(&run->cells[i]))
            put_row(show, &out, &run->cells[i], &key);
    table_end(&out);
}
