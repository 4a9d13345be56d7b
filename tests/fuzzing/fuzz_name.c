/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer target: every name is taken apart into parts that lie within it. */
#include "src/run/name.h"
#include "tests/fuzzing/fuzz.h"

static void lies_within(struct span span, const char *name, size_t length)
{
    require(span.text == NULL ? span.length == 0
                              : span.text >= name && span.length <= length &&
                                    span.text + span.length <= name + length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct name parts;
    char *name = text_of(data, size);

    name_parse(name, &parts);
    lies_within(parts.series, name, strlen(name));
    lies_within(parts.file, name, strlen(name));
    lies_within(parts.sync, name, strlen(name));
    require(parts.plain == (parts.chunk_bytes == 0) && parts.threads != 0);
    (void)name_is_mapping(&parts);
    (void)name_is_control(&parts);
    free(name);
    return 0;
}
