/* SPDX-License-Identifier: Apache-2.0 */
#include "name_segments.h"

#include "name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    char *text = NULL;

    name_parse(name, &parts);
    int length = (int)(parts.plain ? strcspn(name, "/") : parts.series.length);
    if (parts.plain || parts.file.text == NULL)
        return strndup(name, (size_t)length);
    if (asprintf(&text, "%.*s/file:%.*s/sync:%.*s", length, parts.series.text,
                 (int)parts.file.length, parts.file.text,
                 (int)(parts.sync.text != NULL ? parts.sync.length : 0),
                 parts.sync.text != NULL ? parts.sync.text : "") < 0)
        return NULL;
    return text;
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
