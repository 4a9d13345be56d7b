/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the shim share. C++17, not installed, not part of the interface.
 */
#ifndef BENCHMARK_C_PRIVATE_H
#define BENCHMARK_C_PRIVATE_H

#include "benchmark_c.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <vector>

namespace benchmark_c
{

/* The framework's flags that decide what the shim itself does. The framework keeps its own
 * copies private, so these follow what the user chose and benchmark_set_flags(). */
struct Flags {
    void note(const std::string &name, const std::string &value);

    std::string out;
    std::string out_format = "json";
    std::string format = "console";
    bool list_tests = false;
    bool report_aggregates_only = false;
    bool display_aggregates_only = false;
};
Flags &flags();

/* Hands arguments to the framework without a trace in flags(), in the context or on stderr.
 * Returns how many it did not know. */
size_t apply_flags(const std::vector<std::string> &arguments);

/* The framework's JSON escapes neither control characters nor broken UTF-8: a question mark
 * stands in for both, so that a report can always be read back. */
std::string printable(const char *text);

/* A benchmark that failed fails in its later repetitions too, until the next run. */
void forget_failures();

enum benchmark_format format_of(const std::string &name);

/* An enum that C has filled with another number cannot be looked at as an enum. */
template <class Enum> bool is_within(const Enum &value, Enum last)
{
    unsigned number;
    static_assert(sizeof(number) == sizeof(value), "C has enums of the size of an int");
    std::memcpy(&number, &value, sizeof(number));
    return number <= static_cast<unsigned>(last);
}

template <class Body> int guarded(Body &&body) noexcept
{
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return -ENOMEM;
    } catch (...) {
        return -ECANCELED;
    }
}

} // namespace benchmark_c

#endif
