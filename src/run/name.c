/* SPDX-License-Identifier: Apache-2.0 */
#include "name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum part { PART_FILE, PART_SYNC, PART_SIZE, PART_CHUNK, PART_THREADS, PART_IGNORED, PART_UNKNOWN };

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
    uint64_t number;

    switch (part) {
    case PART_FILE:
        parts->file = value;
        return 0;
    case PART_SYNC:
        parts->sync = value;
        return 0;
    case PART_SIZE:
        parts->size_bytes = whole(value);
        return parts->size_bytes == 0 ? -1 : 0;
    case PART_CHUNK:
        parts->chunk_bytes = whole(value);
        return parts->chunk_bytes == 0 ? -1 : 0;
    case PART_THREADS:
        number = whole(value);
        parts->threads = (unsigned)number;
        return number == 0 || number > 1000000 ? -1 : 0;
    case PART_IGNORED:
        return 0;
    case PART_UNKNOWN:
        break;
    }
    return -1;
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

int name_is_mapping(const struct name *parts)
{
    return parts->series.length >= 4 && memcmp(parts->series.text, "Mmap", 4) == 0;
}

int name_is_control(const struct name *parts) { return span_is(parts->file, "none"); }
