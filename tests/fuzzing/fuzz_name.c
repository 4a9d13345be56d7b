/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer target: every name is taken apart into parts that lie within it. */
#include "src/base/number.h"
#include "src/run/name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void lies_within(struct span span, const char *name, size_t length)
{
    if (span.text == NULL
            ? span.length != 0
            : span.text < name || span.length > length || span.text + span.length > name + length)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct name parts;
    uint64_t bytes;
    char *name = malloc(size + 1);

    if (name == NULL)
        return 0;
    memcpy(name, data, size);
    name[size] = '\0';
    name_parse(name, &parts);
    lies_within(parts.series, name, strlen(name));
    lies_within(parts.file, name, strlen(name));
    lies_within(parts.sync, name, strlen(name));
    if (parts.plain != (parts.chunk_bytes == 0) || parts.threads == 0)
        abort();
    (void)name_is_mapping(&parts);
    (void)name_is_control(&parts);
    (void)number_parse_bytes(name, &bytes);
    free(name);
    return 0;
}
