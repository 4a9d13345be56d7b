/* SPDX-License-Identifier: Apache-2.0 */

#include "name.h"
#include "src/base/arena.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum part {
    PART_FILE,
    PART_SYNC,
    PART_SIZE,
    PART_CHUNK,
    PART_THREADS,
    PART_IGNORED,
    PART_UNKNOWN,
    PART_AXIS /* and the next NAME_AXES - 1 */
};

static const struct {
    const char *key, *normally;
} axes_known[NAME_AXES] = {
#define AXIS(symbol, key, normally) {key, normally},
#include "axes.def"
#undef AXIS
};

/* A key that ends in ':' takes a value. Ours and the suffixes that Google Benchmark adds. */
static const struct {
    const char *key;
    enum part part;
} parts_known[] = {
    {"file:", PART_FILE},
    {"sync:", PART_SYNC},
    {"size:", PART_SIZE},
    {"chunk:", PART_CHUNK},
    {"threads:", PART_THREADS},
    {"repeats:", PART_IGNORED},
    {"iterations:", PART_IGNORED},
    {"min_time:", PART_IGNORED},
    {"min_warmup_time:", PART_IGNORED},
    {"real_time", PART_IGNORED},
    {"process_time", PART_IGNORED},
    {"manual_time", PART_IGNORED},
#define AXIS(symbol, key, normally) {key ":", (enum part)((int)PART_AXIS + NAME_AXIS_##symbol)},
#include "axes.def"
#undef AXIS
};

static enum part part_of(const char *text, size_t length, struct span *value)
{
    for (size_t i = 0; i < sizeof parts_known / sizeof parts_known[0]; i++) {
        const char *key = parts_known[i].key;
        size_t key_length = strlen(key);
        int takes_value = key[key_length - 1] == ':';
        if (length < key_length || memcmp(text, key, key_length) != 0)
            continue;
        if (takes_value ? length == key_length : length != key_length)
            continue;
        *value = (struct span){text + key_length, length - key_length};
        return parts_known[i].part;
    }
    return PART_UNKNOWN;
}

/* A whole positive number; 0 when it is none or does not fit. */
static uint64_t whole(struct span span)
{
    errno = 0;
    uint64_t value = strtoull(span.text, NULL, 10);
    return errno == 0 && strspn(span.text, "0123456789") >= span.length ? value : 0;
}

/* 0, or -1 when the value makes no sense. */
static int take(struct name *parts, enum part part, struct span value)
{
    int is_number = part == PART_SIZE || part == PART_CHUNK || part == PART_THREADS;
    uint64_t number = is_number ? whole(value) : 1;

    if (part == PART_UNKNOWN || number == 0 || (part == PART_THREADS && number > 1000000))
        return -1;
    if (part == PART_FILE)
        parts->file = value;
    else if (part == PART_SYNC)
        parts->sync = value;
    else if (part == PART_SIZE)
        parts->size_bytes = number;
    else if (part == PART_CHUNK)
        parts->chunk_bytes = number;
    else if (part == PART_THREADS)
        parts->threads = (unsigned)number;
    else if (part >= PART_AXIS && !span_is(value, axes_known[part - PART_AXIS].normally))
        parts->axis[part - PART_AXIS] = value;
    return 0;
}

static void make_plain(struct name *parts, const char *name)
{
    *parts = (struct name){.threads = 1, .plain = 1};
    parts->series = (struct span){name, strlen(name)};
}

void name_parse(const char *name, struct name *parts)
{
    int known_began = 0;

    *parts = (struct name){.threads = 1};
    for (const char *p = name;;) {
        size_t length = strcspn(p, "/");
        struct span value = {NULL, 0};
        enum part part = p == name ? PART_UNKNOWN : part_of(p, length, &value);
        if (part == PART_UNKNOWN && !known_began) {
            parts->series = (struct span){name, (size_t)(p + length - name)};
        } else if (take(parts, part, value) != 0) {
            make_plain(parts, name);
            return;
        } else {
            known_began = 1;
        }
        p += length;
        if (*p == '\0')
            break;
        p++;
    }
    if (parts->chunk_bytes == 0 || parts->series.length == 0)
        make_plain(parts, name);
}

static int begins_with(struct span span, const char *start)
{
    return span.length >= strlen(start) && memcmp(span.text, start, strlen(start)) == 0;
}

enum bm_kind name_kind(const struct name *parts)
{
    if (parts->file.text != NULL && begins_with(parts->series, "Read"))
        return BM_KIND_READER;
    if (parts->file.text != NULL && begins_with(parts->series, "Channel"))
        return BM_KIND_CHANNEL;
    return BM_KIND_WRITER;
}

int name_is_mapping(const struct name *parts)
{
    return begins_with(parts->series, name_kind(parts) == BM_KIND_READER ? "ReadMmap" : "Mmap");
}

int name_is_control(const struct name *parts)
{
    return span_is(parts->file, "none") && name_kind(parts) != BM_KIND_CHANNEL;
}

const char *name_axis_key(enum name_axis axis) { return axes_known[axis].key; }

struct span name_axis_value(const struct span axes[NAME_AXES], enum name_axis axis)
{
    const char *normally = axes_known[axis].normally;

    return axes[axis].text != NULL ? axes[axis] : (struct span){normally, strlen(normally)};
}

int name_axes_equal(const struct span a[NAME_AXES], const struct span b[NAME_AXES])
{
    for (int axis = 0; axis < NAME_AXES; axis++)
        if (!span_equal(a[axis], b[axis]))
            return 0;
    return 1;
}

char *name_segments_case(struct span series, struct span file, struct span sync,
                         const struct span axes[NAME_AXES])
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL)
        return NULL;
    fprintf(out, "%.*s/file:%.*s/sync:%.*s", (int)series.length, series.text, (int)file.length,
            file.text, (int)sync.length, sync.text != NULL ? sync.text : "");
    for (int axis = 0; axis < NAME_AXES; axis++)
        if (axes[axis].text != NULL)
            fprintf(out, "/%s:%.*s", axes_known[axis].key, (int)axes[axis].length, axes[axis].text);
    return text_close(out, &text) == 0 ? text : NULL;
}

/* text is a list of parts; what stands before a name's first slash is none. */
static int has_part(const char *text, const char *part, size_t length)
{
    while (*text != '\0') {
        size_t own = strcspn(text, "/");
        if (own == length && memcmp(text, part, length) == 0)
            return 1;
        text += own + (text[own] == '/');
    }
    return 0;
}

static const char *parts_of(const char *name)
{
    const char *slash = strchr(name, '/');
    return slash != NULL ? slash + 1 : name + strlen(name);
}

static int all_have(char *const *names, size_t count, const char *part, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (!has_part(parts_of(names[i]), part, length))
            return 0;
    return 1;
}

static void append(char *text, const char *part, size_t length)
{
    if (*text != '\0')
        strcat(text, "/");
    strncat(text, part, length);
}

char *name_segments_common(char *const *names, size_t count)
{
    const char *part = count > 1 ? parts_of(names[0]) : "";
    char *text = calloc(strlen(part) + 2, 1);

    while (text != NULL && *part != '\0') {
        size_t length = strcspn(part, "/");
        if (all_have(names, count, part, length))
            append(text, part, length);
        part += length + (part[length] == '/');
    }
    return text;
}

char *name_segments_without(const char *name, const char *common)
{
    char *text = calloc(strlen(name) + 2, 1);

    if (text == NULL)
        return NULL;
    strncat(text, name, strcspn(name, "/"));
    for (const char *part = parts_of(name); *part != '\0';) {
        size_t length = strcspn(part, "/");
        if (!has_part(common, part, length))
            append(text, part, length);
        part += length + (part[length] == '/');
    }
    return text;
}

static char *group_of(const char *name)
{
    struct name parts;

    name_parse(name, &parts);
    if (parts.plain || parts.file.text == NULL)
        return strndup(name, parts.plain ? strcspn(name, "/") : parts.series.length);
    return name_segments_case(parts.series, parts.file, parts.sync, parts.axis);
}

size_t name_segments_group(struct arena *arena, char **groups, size_t *count, const char *name)
{
    char *own = group_of(name);
    size_t group = 0;

    while (own != NULL && group < *count && strcmp(groups[group], own) != 0)
        group++;
    if (own == NULL)
        arena->error = -ENOMEM;
    else if (group == *count && (groups[group] = arena_text(arena, own)) != NULL)
        ++*count;
    free(own);
    return group;
}
