/* SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include <stdio.h>
#include <string.h>

enum {
    CALL = 1 << ASPECT_CALL,
    COPY = 1 << ASPECT_COPY,
    FAULT = 1 << ASPECT_FAULT,
    FILES = 1 << ASPECT_FILE,
    PROCESSOR = CALL | COPY | FAULT,
    ALL = PROCESSOR | FILES,
};

#define CONTEXT_FIELD(key, name, in_machine_key, layer, explains)                                  \
    {#key, name, in_machine_key, LAYER_##layer, explains},
#define CONTEXT_OF_FRAMEWORK CONTEXT_FIELD
#define CONTEXT_RECORD(key)
#define CONTEXT_RECORD_AFTER(key)
const struct context_key context_keys[] = {
#include "context_fields.def"
};

const size_t context_key_count = sizeof context_keys / sizeof context_keys[0];

const char *context_value_or_unknown(const char *value)
{
    return value == NULL ? "unknown" : value;
}

void context_machine(const struct run *run, char text[CONTEXT_MACHINE_MAX])
{
    static const struct {
        const char *key, *before, *after;
    } parts[] = {{"file_system", "", ""},    {"block_device", " on ", ""},
                 {"kernel", ", Linux ", ""}, {"cpu_model", ", ", ""},
                 {"cores", ", ", " cores"},  {"machine_key", ", machine ", ""}};
    size_t at = 0;
    double cpus = run_context_number(run, "num_cpus", 0);

    text[0] = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && at < CONTEXT_MACHINE_MAX; i++) {
        const char *value = run_context(run, parts[i].key);
        if (value != NULL && *value != '\0') /* of the kernel the release, not the build */
            at += (size_t)snprintf(
                text + at, CONTEXT_MACHINE_MAX - at, "%s%.*s%s", at > 0 ? parts[i].before : "",
                strcmp(parts[i].key, "kernel") == 0 ? (int)strcspn(value, " ") : 60, value,
                parts[i].after);
    }
    if (at == 0 && cpus > 0)
        snprintf(text, CONTEXT_MACHINE_MAX, "%.0f processors", cpus);
}
