/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_TOOLS_COMMANDS_H
#define BENCH_MMAP_TOOLS_COMMANDS_H

#include "tool.h"

#define COMMAND(name) extern const struct tool_command command_##name;
#include "commands.def"
#undef COMMAND

#endif
