/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/utf8.h"
#include "tool.h"

#include <locale.h>

static const struct tool_command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "commands.def"
#undef COMMAND
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *out)
{
    char lead[32];

    fprintf(out, "Usage: bench_results COMMAND ...\n\nReads the runs of benchmark programs.\n\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        snprintf(lead, sizeof lead, "  %s", commands[i]->name);
        option_help_fold(out, lead, 13, commands[i]->summary);
    }
    fputs("\nbench_results COMMAND --help says more; --version tells the version.\n", out);
    option_help_fold(out, "", 0,
                     "Exit status: 0 all is well, 1 an error or bad input, 3 something became "
                     "slower, 4 it cannot be told.");
}

/* What was printed may still wait in the buffer: a full disk shows only now. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return status;
    if (status == TOOL_OK)
        fprintf(stderr, "bench_results: the output could not be written.\n");
    return TOOL_ERROR;
}

int main(int argc, char **argv)
{
    struct nearest nearest;
    char meant[OPTION_MEANT];

    /* The encoding of characters only: numbers stay as they are under every locale. */
    (void)setlocale(LC_CTYPE, "");
    if (argc < 2) {
        print_help(stderr);
        return TOOL_ERROR;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return finish(TOOL_OK);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("bench_results %s\n", BENCH_MMAP_VERSION);
        return finish(TOOL_OK);
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return finish(tool_run(commands[i], argc - 1, argv + 1));
    nearest_begin(&nearest, argv[1]);
    for (size_t i = 0; i < COMMANDS; i++)
        nearest_try(&nearest, commands[i]->name);
    utf8_printf(stderr,
                "bench_results: there is no command '%s'; %sbench_results --help lists them.\n",
                argv[1], option_meant(&nearest, meant));
    return TOOL_ERROR;
}
