/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines of bench_results: a word a line, the first byte says the sub-command. They are read
 * and not obeyed. */
#include "tests/fuzzing/fuzz.h"
#include "tools/tool.h"

enum { WORDS_MOST = 64 };

static const struct tool_command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "tools/commands.def"
#undef COMMAND
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* What was read must be readable. */
static int look(const struct tool_command *command, const struct tool_words *words, void *values)
{
    size_t length = 0;

    require(values != NULL && words->count >= command->words.least &&
            words->count <= command->words.most);
    for (size_t i = 0; i < words->count; i++)
        length += strlen(words->items[i]);
    return length > 0 ? TOOL_OK : TOOL_UNSURE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct tool_command command = *commands[*data % COMMANDS];
    char *text = text_of(data + 1, size - 1), *rest = text;
    char *argv[WORDS_MOST + 1] = {(char *)(uintptr_t)command.name};
    int argc = 1;

    while (argc < WORDS_MOST && (argv[argc] = strsep(&rest, "\n")) != NULL)
        argc++;
    argv[argc] = NULL;
    command.run = look;
    int status = tool_run(&command, argc, argv);
    require(status == TOOL_OK || status == TOOL_ERROR || status == TOOL_UNSURE);
    free(text);
    return 0;
}
