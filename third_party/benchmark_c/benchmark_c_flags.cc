// SPDX-License-Identifier: Apache-2.0
//
// Flags, context and main.
//
// The framework reads flags only from an argv, prints its help and exits with 0 over a value
// that it does not know, and adds the context of its flags again with every reading. Here values
// are checked first, and the context is put aside meanwhile.

#include "benchmark_c_private.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <sstream>

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

using Context = std::map<std::string, std::string>;

// ---- Values ----------------------------------------------------------------------------

bool is_number(const std::string &text, const char *suffix, double low)
{
    char *end = nullptr;
    errno = 0;
    double value = std::strtod(text.c_str(), &end);
    return end != text.c_str() && (*end == '\0' || std::strcmp(end, suffix) == 0) && errno == 0 &&
           std::isfinite(value) && value >= low;
}

bool is_count(const std::string &text, const char *suffix, long high)
{
    char *end = nullptr;
    errno = 0;
    long value = std::strtol(text.c_str(), &end, 10);
    return end != text.c_str() && std::strcmp(end, suffix) == 0 && errno == 0 && value >= 1 &&
           value <= high;
}

bool is_min_time(const std::string &v)
{
    return is_number(v, "s", 0) || is_count(v, "x", std::numeric_limits<long>::max());
}
bool is_warmup_time(const std::string &v) { return is_number(v, "", 0); }
bool is_repetitions(const std::string &v)
{
    return is_count(v, "", std::numeric_limits<int32_t>::max());
}
bool is_format(const std::string &v) { return v == "console" || v == "json" || v == "csv"; }
bool is_color(const std::string &v) { return !v.empty(); }
bool is_unit(const std::string &v)
{
    return v.empty() || v == "ns" || v == "us" || v == "ms" || v == "s";
}

// The flags with which a wrong value ends the process, or makes a run that cannot be.
struct Checked {
    const char *name;
    const char *standard;
    bool (*is_good)(const std::string &value);
};

constexpr const char min_time[] = "benchmark_min_time";

constexpr Checked checked_flags[] = {
    {"benchmark_format", "console", is_format},
    {"benchmark_out_format", "json", is_format},
    {"benchmark_color", "auto", is_color},
    {"benchmark_time_unit", "", is_unit},
    {"benchmark_repetitions", "1", is_repetitions},
    {min_time, "0.5", is_min_time},
    {"benchmark_min_warmup_time", "0", is_warmup_time},
};

// "--name=value": the value, or NULL for another flag. With `bare`, "--name" has the value "".
const char *value_of(const std::string &argument, const std::string &name, bool bare = false)
{
    const size_t length = name.size() + 2;
    if (argument.compare(0, length, "--" + name) != 0)
        return nullptr;
    if (argument[length] == '=')
        return argument.c_str() + length + 1;
    return bare && argument.size() == length ? argument.c_str() + length : nullptr;
}

bool is_good_argument(const std::string &argument)
{
    for (const Checked &flag : checked_flags) {
        const char *value = value_of(argument, flag.name);
        if (value)
            return flag.is_good(value);
    }
    return true;
}

// The framework's reading of a truth value.
bool is_true(std::string value)
{
    if (value.size() == 1)
        return std::isalnum(static_cast<unsigned char>(value[0])) &&
               !std::strchr("0fFnN", value[0]);
    std::transform(value.begin(), value.end(), value.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return value != "false" && value != "no" && value != "off";
}

const char *environment_of(std::string name)
{
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return std::getenv(name.c_str());
}

// ---- What outlives a call ----------------------------------------------------------------

// argv[0] and the help function: the framework takes both anew with every reading of flags.
struct Program {
    std::unique_ptr<char[]> name;
    void (*print_help)() = benchmark::PrintDefaultHelp;
};

Program &program()
{
    static Program self;
    return self;
}

void set_program_name(const char *name)
{
    const std::string clean = benchmark_c::printable(name);
    auto copy = std::make_unique<char[]>(clean.size() + 1);
    std::memcpy(copy.get(), clean.c_str(), clean.size() + 1);
    program().name = std::move(copy);
}

// Nothing is said on std::cerr while one of these lives.
class Mute
{
  public:
    Mute() : before_(std::cerr.rdbuf(sink_.rdbuf())) {}
    ~Mute() { std::cerr.rdbuf(before_); }
    Mute(const Mute &) = delete;
    Mute &operator=(const Mute &) = delete;

  private:
    std::ostringstream sink_;
    std::streambuf *before_;
};

// Lets the framework read arguments with no context to add to, and puts back the old one. What
// --benchmark_context added is merged in: a key that is there already keeps its value.
void read_arguments(std::vector<char *> &arguments)
{
    Context *&context = benchmark::internal::GetGlobalContext();
    Context *before = std::exchange(context, nullptr);
    int count = static_cast<int>(arguments.size());

    benchmark::Initialize(&count, arguments.data(), program().print_help);
    arguments.resize(static_cast<size_t>(count));

    std::unique_ptr<Context> added(std::exchange(context, before));
    if (!added)
        return;
    for (const auto &pair : *added)
        (void)benchmark_add_context(pair.first.c_str(), pair.second.c_str());
}

// The framework has taken its defaults from the environment as they are.
void overrule_bad_environment()
{
    static bool done = false;
    if (std::exchange(done, true))
        return;
    std::vector<std::string> corrections;
    for (const Checked &flag : checked_flags) {
        const char *value = environment_of(flag.name);
        if (value && !flag.is_good(value))
            corrections.push_back(std::string("--") + flag.name + "=" + flag.standard);
    }
    if (!corrections.empty())
        benchmark_c::apply_flags(corrections);
}

// The least time is a bare number in 1.7; since 1.8 it has a suffix, and each benchmark complains
// where it has none. Both forms are taken.
bool apply_one(const std::string &argument)
{
    const char *value = value_of(argument, min_time);
    if (!value || argument.back() == 'x')
        return benchmark_c::apply_flags({argument}) == 0;
    std::string bare = argument;
    if (bare.back() == 's')
        bare.pop_back();
    return benchmark_c::apply_flags({bare + "s"}) == 0 || benchmark_c::apply_flags({bare}) == 0;
}

void complain(const char *name, const char *what, const char *which)
{
    std::fprintf(stderr, "%s: %s%s\n", name, what, which);
}

int main_with(int argc, char **argv)
{
    const char *name = argc > 0 && argv && argv[0] ? argv[0] : "benchmark";

    benchmark_initialize(&argc, argv, nullptr);
    for (int i = 1; i < argc; i++)
        complain(name, "unknown argument or bad value: ", argv[i]);
    if (argc > 1)
        return 1;

    const benchmark_c::Flags &f = benchmark_c::flags();
    benchmark_run_options options = {};
    benchmark_outcome outcome = {};
    options.display_format = benchmark_c::format_of(f.format);
    options.out_format = benchmark_c::format_of(f.out_format);
    options.out_path = f.out.empty() ? nullptr : f.out.c_str();
    int status = benchmark_run(&options, &outcome);
    if (status < 0)
        complain(name, "", outcome.message[0] ? outcome.message : std::strerror(-status));
    return status < 0 || outcome.error_runs > 0 ? 1 : 0;
}

} // namespace

namespace benchmark_c
{

Flags::Flags()
{
    for (const char *name :
         {"benchmark_out", "benchmark_out_format", "benchmark_format", "benchmark_list_tests",
          "benchmark_report_aggregates_only", "benchmark_display_aggregates_only"}) {
        const char *value = environment_of(name);
        const std::string argument = std::string("--") + name + "=" + (value ? value : "");
        if (value && is_good_argument(argument))
            note(argument);
    }
}

void Flags::note(const std::string &argument)
{
    auto text = [&argument](const char *name, std::string &value) {
        const char *given = value_of(argument, name);
        if (given)
            value = given;
    };
    auto truth = [&argument](const char *name, bool &value) {
        const char *given = value_of(argument, name, true);
        if (given)
            value = is_true(given);
    };
    text("benchmark_out", out);
    text("benchmark_out_format", out_format);
    text("benchmark_format", format);
    truth("benchmark_list_tests", list_tests);
    truth("benchmark_report_aggregates_only", report_aggregates_only);
    truth("benchmark_display_aggregates_only", display_aggregates_only);
}

Flags &flags()
{
    static Flags all;
    return all;
}

size_t apply_flags(const std::vector<std::string> &arguments)
{
    overrule_bad_environment();
    std::vector<std::vector<char>> copies;
    for (const std::string &argument : arguments)
        copies.emplace_back(argument.c_str(), argument.c_str() + argument.size() + 1);
    std::vector<char *> argv(1, program().name.get());
    for (std::vector<char> &copy : copies)
        argv.push_back(copy.data());

    Mute mute;
    read_arguments(argv);
    return argv.size() - 1;
}

// The well-formed sequences of RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF.
static size_t utf8_length(const unsigned char *s)
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

std::string printable(const char *text)
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

benchmark_format format_of(const std::string &name)
{
    if (name == "json")
        return BENCHMARK_FORMAT_JSON;
    return name == "csv" ? BENCHMARK_FORMAT_CSV : BENCHMARK_FORMAT_CONSOLE;
}

} // namespace benchmark_c

void benchmark_initialize(int *argc, char **argv, void (*print_help)(void)) noexcept
{
    (void)benchmark_c::guarded([=] {
        program().print_help = print_help ? print_help : benchmark::PrintDefaultHelp;
        if (!argc || *argc < 1 || !argv)
            return 0;
        if (argv[0])
            set_program_name(argv[0]);
        benchmark_c::flags();
        overrule_bad_environment();

        std::vector<char *> rest(1, program().name.get());
        std::vector<char *> refused;
        for (int i = 1; i < *argc; i++) {
            const bool time = value_of(argv[i], min_time);
            if (!is_good_argument(argv[i]) || (time && !apply_one(argv[i])))
                refused.push_back(argv[i]);
            else if (!time)
                rest.push_back(argv[i]);
        }
        read_arguments(rest);
        rest.erase(rest.begin());

        // Both are subsequences of argv.
        auto unread = rest.begin();
        auto bad = refused.begin();
        int kept = 1;
        for (int i = 1; i < *argc; i++) {
            if (unread != rest.end() && *unread == argv[i])
                argv[kept++] = *unread++;
            else if (bad != refused.end() && *bad == argv[i])
                argv[kept++] = *bad++;
            else
                benchmark_c::flags().note(argv[i]);
        }
        *argc = kept;
        return 0;
    });
}

int benchmark_set_flags(const char *const *flags, size_t count) noexcept
{
    return benchmark_c::guarded([=] {
        int status = count && !flags ? -EINVAL : 0;
        for (size_t i = 0; i < count && flags; i++) {
            // One that the framework would answer by exiting, and those that it does not know.
            if (!flags[i] || value_of(flags[i], "help", true) || !is_good_argument(flags[i]) ||
                !apply_one(flags[i]))
                status = -EINVAL;
            else
                benchmark_c::flags().note(flags[i]);
        }
        return status;
    });
}

void benchmark_print_default_help() noexcept { benchmark::PrintDefaultHelp(); }

int benchmark_add_context(const char *key, const char *value) noexcept
{
    return benchmark_c::guarded([=] {
        if (!key || !*key || !value)
            return -EINVAL;
        const std::string name = benchmark_c::printable(key);
        const Context *context = benchmark::internal::GetGlobalContext();
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

int benchmark_main(int argc, char **argv) noexcept
{
    int status = benchmark_c::guarded([=] { return main_with(argc, argv); });
    benchmark_shutdown();
    return status < 0 ? 1 : status;
}

void benchmark_shutdown() noexcept
{
    benchmark_clear_registered();
    // Shutdown() frees the context and leaves the pointer.
    benchmark::Shutdown();
    benchmark::internal::GetGlobalContext() = nullptr;
}
