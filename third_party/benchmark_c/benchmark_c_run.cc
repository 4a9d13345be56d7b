// SPDX-License-Identifier: Apache-2.0
//
// Running benchmarks, reporting what they gave, and a main function that does it.
//
// JSON and CSV are the framework's own, written when all is measured: rows in the order of
// registration whatever order they were measured in, and the context as it is at the end.

#include "benchmark_c_private.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace
{

using benchmark_c::Collector;
using benchmark_c::Display;
using benchmark_c::Quiet;

int io_error(const char *what, int error, std::string &message)
{
    message = std::string(what) + ": " + std::generic_category().message(error);
    return -EIO;
}

int write_stdout(const char *text, size_t bytes, std::string &message)
{
    std::cout.flush();
    errno = 0;
    if (std::fwrite(text, 1, bytes, stdout) != bytes || std::fflush(stdout))
        return io_error("standard output", errno ? errno : EIO, message);
    return 0;
}

// The framework takes a file reporter only together with --benchmark_out, which it opens itself
// (and exits if it cannot); which rows are for the file is decided by Collector::take_rows().
class RunFlags
{
  public:
    explicit RunFlags(bool list)
    {
        const bool aggregates = benchmark_c::flag("report_aggregates_only", "false") == "true" ||
                                benchmark_c::flag("display_aggregates_only", "false") == "true";
        // Two programs in lockstep visit the cells in the same order.
        set(list ? "true" : "false", list ? "" : "/dev/null", "false",
            aggregates ? "true" : "false", benchmark_c::in_lockstep() ? "false" : interleaving());
    }
    ~RunFlags()
    {
        try {
            set(benchmark_c::flag("list_tests", "false"), benchmark_c::flag("out", ""),
                benchmark_c::flag("report_aggregates_only", "false"),
                benchmark_c::flag("display_aggregates_only", "false"), interleaving());
        } catch (...) {
        }
    }
    RunFlags(const RunFlags &) = delete;
    RunFlags &operator=(const RunFlags &) = delete;

  private:
    static std::string interleaving()
    {
        return benchmark_c::flag("enable_random_interleaving", "false");
    }
    static void set(const std::string &list, const std::string &out, const std::string &report,
                    const std::string &display, const std::string &interleaved)
    {
        benchmark_c::apply_flags({"--benchmark_list_tests=" + list, "--benchmark_out=" + out,
                                  "--benchmark_report_aggregates_only=" + report,
                                  "--benchmark_display_aggregates_only=" + display,
                                  "--benchmark_enable_random_interleaving=" + interleaved});
    }
};

struct Matches {
    size_t count = 0;
    std::string names; // a line each
};

// The framework returns 0 both where nothing matches and where the filter is no regular
// expression; only its words tell them apart. They may stand behind a warning about large families.
int find_matches(const std::string &filter, Matches &found, std::string &message)
{
    const RunFlags run_flags(true);
    Quiet quiet;

    found.count = benchmark::RunSpecifiedBenchmarks(&quiet, nullptr, filter);
    found.names = quiet.said();
    if (found.count > 0)
        return 0;

    std::istringstream lines(quiet.complained());
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("Could not compile", 0) == 0) {
            message = line + ": " + filter;
            return -EINVAL;
        }
        if (line.rfind("Failed to match", 0) == 0)
            message = line;
    }
    return -ENOENT;
}

bool is_deferred(benchmark_format format)
{
    return format == BENCHMARK_FORMAT_JSON || format == BENCHMARK_FORMAT_CSV;
}

int report(const benchmark_run_options &o, Display &display, Collector &collector,
           benchmark_outcome &outcome, std::string &message)
{
    const bool shown = !o.display && is_deferred(o.display_format);
    int status = 0;

    if (!collector.context)
        return 0;
    if (o.before_report && (shown || is_deferred(o.out_format) || o.also_json))
        o.before_report(o.user);
    if (o.out_format != BENCHMARK_FORMAT_NONE) {
        std::vector<benchmark_c::Run> rows = collector.take_rows();
        status = benchmark_c::render(o.out_format, rows, *collector.context, outcome.report,
                                     outcome.report_bytes);
        if (o.also_json && status == 0)
            status = benchmark_c::render(BENCHMARK_FORMAT_JSON, rows, *collector.context,
                                         outcome.json, outcome.json_bytes);
    }
    if (shown && status == 0) {
        char *text = nullptr;
        size_t bytes = 0;
        status =
            benchmark_c::render(o.display_format, display.rows, *collector.context, text, bytes);
        if (status == 0)
            status = write_stdout(text, bytes, message);
        std::free(text);
    }
    return status;
}

int measure(const benchmark_run_options &o, const std::string &filter, benchmark_outcome &outcome,
            std::string &message)
{
    Collector collector(o);

    // The framework ends the process where it cannot open it.
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0)
        return io_error("/dev/null", errno, message);
    close(null);
    benchmark_c::forget_failures();
    std::cout.clear();

    Display display(o);
    {
        const RunFlags run_flags(false);
        benchmark::RunSpecifiedBenchmarks(&display, &collector, filter);
    }
    outcome.error_runs = collector.error_runs;

    int status = report(o, display, collector, outcome, message);
    if (status == 0 && !o.display && o.display_format == BENCHMARK_FORMAT_CONSOLE &&
        (!std::cout || std::fflush(stdout)))
        return io_error("standard output", EIO, message);
    return status;
}

int run(const benchmark_run_options &o, benchmark_outcome &outcome, std::string &message)
{
    if (!benchmark_c::is_within(o.display_format, BENCHMARK_FORMAT_CSV) ||
        !benchmark_c::is_within(o.out_format, BENCHMARK_FORMAT_CSV)) {
        message = "unknown report format";
        return -EINVAL;
    }
    const std::string filter = o.filter ? o.filter : benchmark::GetBenchmarkFilter();
    Matches found;
    int status = find_matches(filter, found, message);
    outcome.matched = found.count;
    if (status)
        return status;
    if (benchmark_c::flag("list_tests", "false") == "true")
        return write_stdout(found.names.data(), found.names.size(), message);
    return measure(o, filter, outcome, message);
}

} // namespace

int benchmark_run(const benchmark_run_options *options, benchmark_outcome *outcome) noexcept
{
    const benchmark_run_options none = {};
    benchmark_outcome own = {};
    int status = benchmark_c::guarded([&] {
        std::string message;
        int result;
        try {
            result = run(options ? *options : none, own, message);
        } catch (const std::bad_alloc &) {
            throw;
        } catch (const std::exception &e) {
            message = e.what();
            result = -ECANCELED;
        }
        if (result)
            std::snprintf(own.message, sizeof(own.message), "%s", message.c_str());
        return result;
    });
    if (status || !outcome) {
        std::free(own.report);
        std::free(own.json);
        own.report = own.json = nullptr;
    }
    if (outcome)
        *outcome = own;
    return status;
}

int benchmark_list(const char *filter, void (*name)(void *user, const char *name),
                   void *user) noexcept
{
    return benchmark_c::guarded([=] {
        if (!name)
            return -EINVAL;
        Matches found;
        std::string message;
        int status = find_matches(filter ? filter : "", found, message);
        if (status && status != -ENOENT)
            return status;
        std::istringstream lines(found.names);
        for (std::string line; std::getline(lines, line);)
            name(user, line.c_str());
        return 0;
    });
}

namespace
{

// Opened before the first measurement, so that a path that cannot be is known at once; emptied
// only when there is a report to take the place of what it holds.
std::FILE *open_file(const std::string &path)
{
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    return fd < 0 ? nullptr : fdopen(fd, "w");
}

bool write_file(std::FILE *file, const benchmark_outcome &outcome)
{
    struct stat status;
    return fstat(fileno(file), &status) == 0 &&
           (!S_ISREG(status.st_mode) || ftruncate(fileno(file), 0) == 0) &&
           std::fwrite(outcome.report, 1, outcome.report_bytes, file) == outcome.report_bytes &&
           std::fflush(file) == 0;
}

benchmark_format format_of(const std::string &name)
{
    if (name == "json")
        return BENCHMARK_FORMAT_JSON;
    return name == "csv" ? BENCHMARK_FORMAT_CSV : BENCHMARK_FORMAT_CONSOLE;
}

int main_with(int argc, char **argv)
{
    const char *name = argc > 0 && argv && argv[0] ? argv[0] : "benchmark";

    benchmark_initialize(&argc, argv, nullptr);
    if (benchmark_refusal()) {
        std::fprintf(stderr, "%s: %s\n", name, benchmark_refusal());
        return 1;
    }

    const std::string path = benchmark_c::flag("out", "");
    std::FILE *file = path.empty() ? nullptr : open_file(path);
    benchmark_run_options options = {};
    benchmark_outcome outcome = {};
    std::string message;
    options.display_format = format_of(benchmark_c::flag("format", "console"));
    if (file)
        options.out_format = format_of(benchmark_c::flag("out_format", "json"));
    int status = path.empty() || file ? 0 : io_error(path.c_str(), errno, message);
    if (status == 0) {
        status = benchmark_run(&options, &outcome);
        message = outcome.message[0] ? outcome.message : std::strerror(-status);
    }
    if (outcome.report && !write_file(file, outcome))
        status = io_error(path.c_str(), errno, message);
    if (file)
        std::fclose(file);
    std::free(outcome.report);
    if (status < 0)
        std::fprintf(stderr, "%s: %s\n", name, message.c_str());
    return status < 0 || outcome.error_runs > 0 ? 1 : 0;
}

} // namespace

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
