// SPDX-License-Identifier: Apache-2.0
//
// The context of a run, the framework's version, and text that any report can hold.

#include "benchmark_c_private.h"

#ifndef BENCHMARK_C_LIBRARY_VERSION
#define BENCHMARK_C_LIBRARY_VERSION "unknown"
#endif

// GetBenchmarkVersion() is there since 1.8.3. A template that takes nothing loses against a
// function that does the same, and wins where there is none.
namespace version_fallback
{
template <class Unused = void> std::string GetBenchmarkVersion() { return {}; }
} // namespace version_fallback

namespace version_probe
{
using namespace benchmark;
using namespace version_fallback;
static std::string get() { return GetBenchmarkVersion(); }
} // namespace version_probe

namespace
{

// The well-formed sequences of RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF.
size_t utf8_length(const unsigned char *s)
{
    auto tail = [s](size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
        return s[i] >= low && s[i] <= high;
    };
    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf)
        return tail(1) ? 2 : 0;
    if (s[0] >= 0xe0 && s[0] <= 0xef)
        return tail(1, s[0] == 0xe0 ? 0xa0 : 0x80, s[0] == 0xed ? 0x9f : 0xbf) && tail(2) ? 3 : 0;
    if (s[0] >= 0xf0 && s[0] <= 0xf4)
        return tail(1, s[0] == 0xf0 ? 0x90 : 0x80, s[0] == 0xf4 ? 0x8f : 0xbf) && tail(2) && tail(3)
                   ? 4
                   : 0;
    return 0;
}

} // namespace

std::string benchmark_c::printable(const char *text)
{
    std::string clean;
    for (const char *p = text; *p;) {
        const auto *bytes = reinterpret_cast<const unsigned char *>(p);
        const size_t length = utf8_length(bytes);
        const bool control = bytes[0] < 0x20 && bytes[0] != '\n' && bytes[0] != '\t';
        if (length == 0 || control)
            clean += '?';
        else
            clean.append(p, length);
        p += length ? length : 1;
    }
    return clean;
}

int benchmark_add_context(const char *key, const char *value) noexcept
{
    return benchmark_c::guarded([=] {
        if (!key || !*key || !value)
            return -EINVAL;
        const std::string name = benchmark_c::printable(key);
        const auto *context = benchmark::internal::GetGlobalContext();
        if (context && context->count(name))
            return -EEXIST;
        benchmark::AddCustomContext(name, benchmark_c::printable(value));
        return 0;
    });
}

const char *benchmark_library_version() noexcept
{
    static std::string version;
    int status = benchmark_c::guarded([] {
        std::string told = version_probe::get();
        if (!told.empty() && told[0] == 'v')
            told.erase(0, 1);
        // What the framework's build says where it had no repository to look into.
        if (told.empty() || told.rfind("0.0.0", 0) == 0)
            told = BENCHMARK_C_LIBRARY_VERSION;
        version = told;
        return 0;
    });
    return status ? "unknown" : version.c_str();
}
