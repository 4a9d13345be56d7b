// SPDX-License-Identifier: Apache-2.0
//
// Rows and reporters.

#include "benchmark_c_private.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <ostream>
#include <type_traits>
#include <utility>

namespace
{

using benchmark_c::BenchmarkReporter;
using benchmark_c::Run;

// 1.7 has error_occurred and error_message, later releases skipped and skip_message.
template <class R> auto error_of(const R &run, int) -> decltype(&run.skip_message)
{
    return run.skipped != decltype(run.skipped){} ? &run.skip_message : nullptr;
}

template <class R> auto error_of(const R &run, long) -> decltype(&run.error_message)
{
    return run.error_occurred ? &run.error_message : nullptr;
}

const std::string *error_of(const Run &run) { return error_of(run, 0); }

// Where it is a pointer, it points into what the framework frees before the report is written.
template <class R> void drop_memory_result(R &run)
{
    if constexpr (std::is_pointer_v<decltype(run.memory_result)>)
        run.memory_result = nullptr;
}

bool is_ratio(const Run &run)
{
    return run.run_type == Run::RT_Aggregate && run.aggregate_unit == benchmark::kPercentage;
}

using Names = std::set<std::string>;

// NaN and Infinity are no JSON: a counter that has no finite value is left out, and so is what
// is computed from it. The coefficient of variation of zeros is 0, as the framework says since
// 1.8; before, it divides by the mean.
void make_finite(Run &run, Names &endless)
{
    auto zero = [](double &value) { value = std::isnan(value) ? 0 : value; };
    auto &counters = run.counters;

    for (auto it = counters.begin(); it != counters.end();) {
        double &value = it->second.value;
        if (is_ratio(run) && !endless.count(it->first))
            zero(value);
        if (std::isfinite(value)) {
            ++it;
        } else {
            endless.insert(it->first);
            it = counters.erase(it);
        }
    }
    if (is_ratio(run)) {
        zero(run.real_accumulated_time);
        zero(run.cpu_accumulated_time);
    }
}

// A row as C sees it; it borrows from the Run.
struct View {
    std::string name;
    std::string run_name;
    std::vector<benchmark_counter> counters;
    const Run &run;

    explicit View(const Run &source)
        : name(source.benchmark_name()), run_name(source.run_name.str()), run(source)
    {
        for (const auto &counter : run.counters)
            counters.push_back({counter.first.c_str(), counter.second.value});
    }

    double seconds(double accumulated) const
    {
        return is_ratio(run) || run.iterations == 0
                   ? accumulated
                   : accumulated / static_cast<double>(run.iterations);
    }

    struct benchmark_run row() const
    {
        const bool aggregate = run.run_type == Run::RT_Aggregate;
        struct benchmark_run c = {};
        c.name = name.c_str();
        c.run_name = run_name.c_str();
        c.aggregate_name = aggregate ? run.aggregate_name.c_str() : nullptr;
        c.label = run.report_label.c_str();
        c.error = error_of(run) ? error_of(run)->c_str() : nullptr;
        c.repetition_index = aggregate ? -1 : run.repetition_index;
        c.repetitions = run.repetitions;
        c.iterations = run.iterations;
        c.threads = run.threads;
        c.real_time_s = seconds(run.real_accumulated_time);
        c.cpu_time_s = seconds(run.cpu_accumulated_time);
        c.is_ratio = is_ratio(run);
        c.counters = counters.data();
        c.counter_count = counters.size();
        return c;
    }
};

std::vector<Run> kept_of(const std::vector<Run> &runs, const benchmark_run_options &options)
{
    std::vector<Run> kept;
    Names endless;
    for (const Run &original : runs) {
        Run run = original;
        drop_memory_result(run);
        make_finite(run, endless);
        const View view(run);
        const struct benchmark_run row = view.row();
        if (!options.keep || options.keep(options.user, &row))
            kept.push_back(std::move(run));
    }
    return kept;
}

std::pair<int64_t, int64_t> place_of(const Run &run)
{
    return {run.family_index, run.per_family_instance_index};
}

// A reporter comes as a pointer until 1.9.5, as a std::unique_ptr later.
template <class Pointer> BenchmarkReporter *released(Pointer made)
{
    if constexpr (std::is_pointer_v<Pointer>)
        return made;
    else
        return made.release();
}

// The framework keeps one for all its life, and the first call fixes colour and table form.
BenchmarkReporter &console()
{
    static BenchmarkReporter *const reporter = [] {
        benchmark_c::apply_flags({"--benchmark_format=console"});
        BenchmarkReporter *made = released(benchmark::CreateDefaultDisplayReporter());
        benchmark_c::apply_flags({"--benchmark_format=" + benchmark_c::flag("format", "console")});
        return made;
    }();
    return *reporter;
}

std::unique_ptr<BenchmarkReporter> reporter_of(benchmark_format format)
{
    if (format == BENCHMARK_FORMAT_JSON)
        return std::make_unique<benchmark::JSONReporter>();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    if (format == BENCHMARK_FORMAT_CSV)
        return std::make_unique<benchmark::CSVReporter>();
#pragma GCC diagnostic pop
    return std::make_unique<benchmark::ConsoleReporter>(benchmark::ConsoleReporter::OO_None);
}

// A stream into memory of malloc(). The report may be larger than all else: it is made where it
// stays.
class Text : public std::streambuf
{
  public:
    Text() = default;
    ~Text() override;
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;
    char *release(size_t &bytes); // with a NUL behind it; nullptr without memory

  private:
    int_type overflow(int_type c = traits_type::eof()) override;
    char *text_ = nullptr;
};

Text::~Text() { std::free(text_); }

char *Text::release(size_t &bytes)
{
    if (overflow() == traits_type::eof())
        return nullptr;
    *pptr() = '\0';
    bytes = static_cast<size_t>(pptr() - pbase());
    return std::exchange(text_, nullptr);
}

Text::int_type Text::overflow(int_type c)
{
    const auto used = static_cast<size_t>(pptr() - pbase());
    const auto room = static_cast<size_t>(epptr() - pbase());

    if (used == room) {
        const size_t larger = room == 0 ? 1 << 16 : 2 * room;
        char *moved = static_cast<char *>(std::realloc(text_, larger));
        if (!moved)
            return traits_type::eof();
        text_ = moved;
        setp(moved, moved + larger);
        for (size_t left = used; left > 0; left -= std::min<size_t>(left, INT_MAX))
            pbump(static_cast<int>(std::min<size_t>(left, INT_MAX)));
    }
    if (c != traits_type::eof())
        sputc(traits_type::to_char_type(c));
    return traits_type::not_eof(c);
}

} // namespace

namespace benchmark_c
{

Quiet::Quiet()
{
    SetOutputStream(&said_);
    SetErrorStream(&complained_);
}

Display::Display(const benchmark_run_options &options)
    : options_(options),
      console_(!options.display && options.display_format == BENCHMARK_FORMAT_CONSOLE ? &console()
                                                                                      : nullptr)
{
}

bool Display::ReportContext(const Context &context)
{
    if (options_.display && options_.display->begin)
        options_.display->begin(options_.display->user);
    return console_ ? console_->ReportContext(context) : true;
}

void Display::ReportRuns(const std::vector<Run> &runs)
{
    std::vector<Run> kept = kept_of(runs, options_);
    if (kept.empty())
        return;
    if (options_.display) {
        hand_over(kept);
    } else if (console_) {
        console_->ReportRuns(kept);
        console_->GetOutputStream().flush();
    } else {
        rows.insert(rows.end(), kept.begin(), kept.end());
    }
}

void Display::Finalize()
{
    if (options_.display && options_.display->end)
        options_.display->end(options_.display->user);
    if (console_)
        console_->Finalize();
}

void Display::hand_over(const std::vector<Run> &kept) const
{
    const std::vector<View> views(kept.begin(), kept.end());
    std::vector<struct benchmark_run> c_rows;
    for (const View &view : views)
        c_rows.push_back(view.row());
    if (options_.display->runs)
        options_.display->runs(options_.display->user, c_rows.data(), c_rows.size());
}

bool Collector::ReportContext(const Context &given)
{
    context.emplace(given);
    return true;
}

void Collector::ReportRuns(const std::vector<Run> &runs)
{
    for (const Run &run : runs) {
        if (run.run_type == Run::RT_Aggregate)
            aggregated_.insert(place_of(run));
    }
    for (Run &run : kept_of(runs, options_)) {
        if (error_of(run))
            error_runs++;
        if (options_.out_format != BENCHMARK_FORMAT_NONE)
            rows_.push_back(std::move(run));
    }
}

std::vector<Run> Collector::take_rows()
{
    if (flag("report_aggregates_only", "false") == "true") {
        auto hidden = [this](const Run &run) {
            return run.run_type != Run::RT_Aggregate && aggregated_.count(place_of(run));
        };
        rows_.erase(std::remove_if(rows_.begin(), rows_.end(), hidden), rows_.end());
    }
    return std::move(rows_);
}

// All rows in one call: the CSV reporter takes its columns from the first, and aborts over a
// counter that it meets later.
int render(benchmark_format format, std::vector<Run> &rows,
           const BenchmarkReporter::Context &context, char *&text, size_t &bytes)
{
    Text buffer;
    std::ostream report(&buffer);
    std::ostringstream ignored;
    auto reporter = reporter_of(format);

    std::stable_sort(rows.begin(), rows.end(),
                     [](const Run &a, const Run &b) { return place_of(a) < place_of(b); });
    reporter->SetOutputStream(&report);
    reporter->SetErrorStream(format == BENCHMARK_FORMAT_CONSOLE ? &report : &ignored);
    if (reporter->ReportContext(context))
        reporter->ReportRuns(rows);
    reporter->Finalize();
    text = report.good() ? buffer.release(bytes) : nullptr;
    return text ? 0 : -ENOMEM;
}

} // namespace benchmark_c
