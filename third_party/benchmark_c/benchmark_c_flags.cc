// SPDX-License-Identifier: Apache-2.0
//
// Flags, and the variables of the environment.
//
// The framework reads flags only from an argv, prints its help and exits with 0 over a value
// that it does not know, and adds the context of its flags again with every reading. Here values
// are checked first, and the context is put aside meanwhile.

#include "benchmark_c_private.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>

#include <dlfcn.h>
#include <regex.h>

namespace
{

using Context = std::map<std::string, std::string>;
// A value by the name of a flag, which is looked for without a copy.
using Settings = std::map<std::string, std::string, std::less<>>;

// What a flag takes, and what is said of another value.
struct Kind {
    const char *takes; // an extended regular expression
    const char *problem;
    int flags = 0; // of regcomp()
};

// Whether all of the text is what the expression describes.
bool matches(const std::string &text, const Kind &kind)
{
    regex_t compiled;
    const std::string whole = "^(" + std::string(kind.takes) + ")$";
    if (regcomp(&compiled, whole.c_str(), REG_EXTENDED | REG_NOSUB | kind.flags))
        throw std::bad_alloc();
    errno = 0;
    const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
    // glibc's does not give REG_ESPACE.
    const bool is_short = !found && errno == ENOMEM;
    regfree(&compiled);
    if (is_short)
        throw std::bad_alloc();
    return found;
}

#define FALSE "0|f|n|no|off|false"
#define COUNT " *\\+?0*([1-9][0-9]{0,5}|1000000)"
#define SECONDS " *\\+?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]{1,2})?"
constexpr Kind a_text = {"", ""}; // any
constexpr Kind a_falsehood = {FALSE, "", REG_ICASE};
constexpr Kind a_truth = {FALSE "|1|t|y|yes|on|true", "neither true nor false", REG_ICASE};
constexpr Kind a_count = {COUNT, "not a number from 1 to 1000000"};
constexpr Kind a_time = {SECONDS, "not a number of seconds"};
constexpr Kind a_min_time = {SECONDS "s?|" COUNT "x",
                             "neither seconds (0.5, 0.5s) nor iterations (10x)"};
constexpr Kind a_format = {"console|json|csv", "not known; one of console, json, csv"};
constexpr Kind a_color = {"(.|\n)+", "empty"};
constexpr Kind a_unit = {"|ns|us|ms|s", "not known; one of ns, us, ms, s"};
constexpr Kind pairs = {"[^=,][^,]*=[^,]*(,[^=,][^,]*=[^,]*)*",
                        "not of the form KEY=VALUE,KEY=VALUE"};
constexpr Kind no_counters = {
    "", "this Google Benchmark is built without libpfm and has no such counters"};

struct Flag {
    const char *name; // behind "--benchmark_"
    const Kind *kind;
};

// All flags of the framework that may be given, as arguments or as variables of the environment. It
// ends the process over some of the values that are refused here, and aborts over others.
constexpr Flag all_flags[] = {
    {"list_tests", &a_truth},
    {"filter", &a_text},
    {"min_time", &a_min_time},
    {"min_warmup_time", &a_time},
    {"repetitions", &a_count},
    {"dry_run", &a_truth},
    {"enable_random_interleaving", &a_truth},
    {"report_aggregates_only", &a_truth},
    {"display_aggregates_only", &a_truth},
    {"format", &a_format},
    {"out", &a_text},
    {"out_format", &a_format},
    {"color", &a_color},
    {"counters_tabular", &a_truth},
    {"perf_counters", &no_counters},
    {"context", &pairs},
    {"time_unit", &a_unit},
};
constexpr size_t flag_count = sizeof(all_flags) / sizeof(all_flags[0]);

constexpr const char prefix[] = "--benchmark_";

// "--benchmark_NAME=VALUE", or something else.
struct Argument {
    std::string text;
    const Flag *flag = nullptr; // NULL: none of the table
    std::string value = "true"; // of a truth without a value
    bool has_value = false;

    explicit Argument(const std::string &given) : text(given)
    {
        if (text.compare(0, sizeof(prefix) - 1, prefix) != 0)
            return;
        const std::string rest = text.substr(sizeof(prefix) - 1);
        const size_t equals = rest.find('=');
        has_value = equals != std::string::npos;
        if (has_value)
            value = rest.substr(equals + 1);
        for (const Flag &candidate : all_flags) {
            if (rest.substr(0, equals) == candidate.name)
                flag = &candidate;
        }
    }

    bool is(const Kind &kind) const { return flag && flag->kind == &kind; }

    // What is kept of the value: of a truth one of two words.
    std::string plain_value() const
    {
        return !is(a_truth) ? value : matches(value, a_falsehood) ? "false" : "true";
    }

    // What is wrong with it, "" when nothing is.
    std::string problem() const
    {
        if (flag && !has_value && !is(a_truth))
            return "the value is missing; write " + text + "=VALUE";
        if (!flag || is(a_text) || (is(no_counters) && dlsym(RTLD_DEFAULT, "pfm_initialize")))
            return "";
        // Of a byte that is not UTF-8 a locale may say that it matches nothing.
        return matches(benchmark_c::printable(value.c_str()), *flag->kind) ? ""
                                                                           : flag->kind->problem;
    }

    // Why the framework left it, although nothing is wrong with it.
    std::string unread() const
    {
        const std::string version = std::string("Google Benchmark ") + benchmark_library_version();
        if (!flag)
            return "not known; --help lists the flags";
        return version + (is(a_min_time) ? " knows seconds only" : " does not know it");
    }
};

// The framework reads the environment before main(), complains on its own about what it does not
// like, and does not say so to the program. Its variables are therefore taken away before it runs:
// the functions of .preinit_array come before the initialisers of every library. Nothing else is
// ready then, so this calls no library function, and no sanitizer may look at it.
#ifdef __clang__
#define UNWATCHED __attribute__((disable_sanitizer_instrumentation))
#else
#define UNWATCHED                                                                                  \
    __attribute__((no_sanitize("address"), no_sanitize("undefined"), no_sanitize("thread")))
#endif

char *taken[flag_count];
char *taken_lockstep;

UNWATCHED bool begins(const char *&text, const char *upper)
{
    for (; *upper; text++, upper++) {
        const char c = *upper >= 'a' && *upper <= 'z' ? static_cast<char>(*upper - 32) : *upper;
        if (*text != c)
            return false;
    }
    return true;
}

UNWATCHED void take_variables(int, char **, char **environment)
{
    char **kept = environment;
    for (char **entry = environment; *entry; entry++) {
        bool is_taken = false;
        for (size_t i = 0; i < flag_count && !is_taken; i++) {
            const char *rest = *entry;
            is_taken =
                begins(rest, "benchmark_") && begins(rest, all_flags[i].name) && *rest == '=';
            if (is_taken && !taken[i])
                taken[i] = *entry;
        }
        const char *lockstep = *entry;
        if (begins(lockstep, "BENCHMARK_LOCKSTEP=")) {
            taken_lockstep = *entry;
            is_taken = true;
        }
        if (!is_taken)
            *kept++ = *entry;
    }
    *kept = nullptr;
}

__attribute__((section(".preinit_array"),
               used)) void (*const take_variables_first)(int, char **, char **) = take_variables;

// argv[0] and the help function: the framework takes both anew with every reading of flags.
struct Program {
    std::string name;
    void (*print_help)() = benchmark::PrintDefaultHelp;
};

Program &program()
{
    static Program self;
    return self;
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

// What the flags are set to; one that nobody has set is absent.
Settings &settings()
{
    static Settings all;
    return all;
}

// The least time is a bare number in 1.7; since 1.8 it has a suffix, and each benchmark complains
// where it has none. Both forms are taken.
bool apply(const Argument &argument)
{
    std::string bare = argument.text;
    const bool seconds = argument.is(a_min_time) && bare.back() != 'x';
    if (seconds && bare.back() == 's')
        bare.pop_back();
    if (!(seconds && benchmark_c::apply_flags({bare + "s"}) == 0) &&
        benchmark_c::apply_flags({bare}) != 0)
        return false;
    if (argument.flag)
        settings()[argument.flag->name] = argument.plain_value();
    return true;
}

// What the user chose, and why something that he wanted was refused.
struct Choice {
    Settings values;
    std::string refusal;

    bool take(const Argument &argument, const std::string &shown)
    {
        std::string problem = argument.problem();
        if (problem.empty() && !apply(argument))
            problem = argument.unread();
        if (problem.empty() && argument.flag)
            values[argument.flag->name] = argument.plain_value();
        else if (refusal.empty() && !problem.empty())
            refusal = benchmark_c::printable((shown + ": " + problem).c_str());
        return problem.empty();
    }
};

Choice &choice()
{
    static Choice made;
    return made;
}

} // namespace

namespace benchmark_c
{

std::string flag(const char *name, const char *otherwise)
{
    const auto found = settings().find(name);
    return found == settings().end() ? otherwise : found->second;
}

size_t apply_flags(const std::vector<std::string> &arguments)
{
    std::vector<std::vector<char>> copies;
    for (const std::string &argument : arguments)
        copies.emplace_back(argument.c_str(), argument.c_str() + argument.size() + 1);
    std::vector<char *> argv(1, program().name.data());
    for (std::vector<char> &copy : copies)
        argv.push_back(copy.data());

    Mute mute;
    read_arguments(argv);
    return argv.size() - 1;
}

} // namespace benchmark_c

// 0, or -ENOMEM: then arguments may have been left out.
static int initialized;

// The framework throws where nobody catches: what was to be done at the exit is still done.
[[noreturn]] static void give_up()
{
    std::fputs("benchmark: memory is short\n", stderr);
    std::exit(1);
}

void benchmark_initialize(int *argc, char **argv, void (*print_help)(void)) noexcept
{
    std::set_terminate(give_up);
    initialized = benchmark_c::guarded([=] {
        program().print_help = print_help ? print_help : benchmark::PrintDefaultHelp;
        choice() = Choice();
        if (!argc || *argc < 1 || !argv)
            return 0;
        if (argv[0])
            program().name = benchmark_c::printable(argv[0]);
        // Arguments overrule the environment: they are read later.
        for (size_t i = 0; i < flag_count; i++) {
            if (!taken[i])
                continue;
            const std::string value = std::strchr(taken[i], '=');
            (void)choice().take(Argument(prefix + std::string(all_flags[i].name) + value),
                                std::string(taken[i]) + " in the environment");
        }
        int kept = 1;
        for (int i = 1; i < *argc; i++) {
            if (!choice().take(Argument(argv[i]), argv[i]))
                argv[kept++] = argv[i];
        }
        *argc = kept;
        // It ends the process over files of /sys that it cannot read: rather now than later.
        (void)benchmark::CPUInfo::Get();
        benchmark_c::lockstep_join(std::exchange(taken_lockstep, nullptr));
        return 0;
    });
}

const char *benchmark_refusal() noexcept
{
    if (initialized)
        return "memory is short";
    return choice().refusal.empty() ? nullptr : choice().refusal.c_str();
}

const char *benchmark_flag(const char *name) noexcept
{
    const auto found = choice().values.find(name ? name : "");
    return found == choice().values.end() ? nullptr : found->second.c_str();
}

int benchmark_set_flag(const char *name, const char *value) noexcept
{
    return benchmark_c::guarded([=] {
        if (!name || !value)
            return -EINVAL;
        const Argument argument(prefix + std::string(name) + "=" + value);
        return argument.flag && argument.problem().empty() && apply(argument) ? 0 : -EINVAL;
    });
}

void benchmark_print_default_help() noexcept { benchmark::PrintDefaultHelp(); }
