/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_TOOLS_COMMANDS_H
#define BENCH_MMAP_TOOLS_COMMANDS_H

#include "tool.h"

extern const struct tool_command command_show;
extern const struct tool_command command_advise;
extern const struct tool_command command_compare;
extern const struct tool_command command_ab;
extern const struct tool_command command_selftest;
extern const struct tool_command command_add;
extern const struct tool_command command_export;
extern const struct tool_command command_machines;
extern const struct tool_command command_bless;
extern const struct tool_command command_check;
extern const struct tool_command command_history;

#endif
