#include "cli/report_options.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "cli/new_file.h"
#include "cli/values.h"
#include "formula/formula_error.h"
#include "job/result.h"
#include "oche/error.h"
#include "report/csv.h"
#include "report/gum.h"
#include "report/histogram_text.h"
#include "report/json.h"
#include "report/svg.h"
#include "report/text.h"

namespace oche::cli {
namespace {

constexpr std::size_t kMostQuantiles = 1000;
constexpr std::uint64_t kMostBars = 100000;
constexpr char kHistogramFile[] = "a histogram";

enum class HistogramPlace { nowhere, terminal, csv, svg };

HistogramPlace histogram_place(const RunFlags& flags) {
  if (!flags.histogram) return HistogramPlace::nowhere;
  const std::string& where = *flags.histogram;
  if (where == "show") return HistogramPlace::terminal;
  if (where.ends_with(".csv")) return HistogramPlace::csv;
  if (where.ends_with(".svg")) return HistogramPlace::svg;
  throw Error(ErrorKind::usage,
              "--histogram " + formula::shown(where) +
                  " is no place for a histogram (it is drawn here with 'show', or "
                  "written to a file whose name ends in .csv or .svg); give one "
                  "of those");
}

std::string choice(const std::string& option, const std::string& given,
                   std::initializer_list<std::string_view> names) {
  if (std::find(names.begin(), names.end(), given) != names.end()) return given;
  std::string list;
  for (const std::string_view name : names) {
    list += (list.empty() ? "" : name == *(names.end() - 1) ? " and " : ", ") + std::string(name);
  }
  throw Error(ErrorKind::usage, option + " " + formula::shown(given) + " is not known (there are " +
                                    list + "); give one of those");
}

double probability(const std::string& option, const std::string& text, const char* example) {
  const double p = parse_number(option, text, example);
  if (p > 0 && p < 1) return p;
  throw Error(ErrorKind::usage, option + " " + formula::shown(text) +
                                    " is out of range (a probability between 0 and 1 is needed); "
                                    "give for example " +
                                    option + " " + example);
}

std::string without_blanks_around(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// "0.1,0.5,0.9", in ascending order and each once.
std::vector<double> parse_quantiles(const std::string& text) {
  constexpr char kExample[] = "0.025,0.5,0.975";
  std::vector<double> list;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string one = without_blanks_around(text.substr(begin, end - begin));
    if (one.empty()) {
      throw Error(ErrorKind::usage, "--quantiles '" + formula::shown(text) +
                                        "' has an empty place (numbers are needed, with a comma "
                                        "between any two); give for example --quantiles " +
                                        kExample);
    }
    list.push_back(probability("--quantiles", one, kExample));
    begin = end + 1;
  }
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  if (list.size() <= kMostQuantiles) return list;
  throw Error(ErrorKind::usage, "--quantiles are over " + std::to_string(kMostQuantiles) +
                                    " (the limit); give fewer");
}

// The option that needs a distribution of values, or "".
std::string option_of_distributions(const RunFlags& flags) {
  if (flags.quantiles) return "--quantiles";
  if (flags.coverage) return "--coverage";
  if (flags.bars) return "--bars";
  if (flags.histogram) return "--histogram";
  if (flags.report == "gum") return "--report gum";
  return "";
}

// Options that contradict one another.
void refuse_pairs(const RunFlags& flags) {
  const auto refuse = [](const std::string& one, const std::string& other, const char* why) {
    throw Error(ErrorKind::usage, one + " with " + other + " (" + why + "); leave one of them out");
  };
  const bool gum = flags.report == "gum";
  if (flags.json && (gum || histogram_place(flags) == HistogramPlace::terminal)) {
    refuse(gum ? "--report gum" : "--histogram show", "--json",
           "stdout is to hold one JSON object, which has the numbers");
  }
  if (gum && (flags.full || flags.quantiles)) {
    refuse(flags.full ? "--full" : "--quantiles", "--report gum",
           "that report has the numbers that the GUM asks for and no others");
  }
  if (flags.verbose && flags.quiet) {
    refuse("--verbose", "--quiet", "one asks for lines on stderr, the other for none");
  }
}

void check_report_file(const RunFlags& flags) {
  const HistogramPlace place = histogram_place(flags);
  if (place == HistogramPlace::csv || place == HistogramPlace::svg) {
    check_can_be_made(*flags.histogram, kHistogramFile);
  }
}

bool has_distribution(const Result& result) {
  return std::any_of(result.outputs.begin(), result.outputs.end(),
                     [](const OutputResult& output) { return output.distribution.has_value(); });
}

// As the locale's variables say, in the order in which they count.
report::Characters characters_of_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string locale(value);
    for (char& c : locale) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const bool utf8 = locale.find("UTF-8") != locale.npos || locale.find("UTF8") != locale.npos;
    return utf8 ? report::Characters::unicode : report::Characters::ascii;
  }
  return report::Characters::ascii;
}

report::Canvas canvas_of_stdout() {
  report::Canvas canvas;
  canvas.characters = characters_of_locale();
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) canvas.columns = size.ws_col;
  return canvas;
}

// Of options that the answer has nothing for; put_histogram() tells of its own.
void note_what_is_not_shown(const RunFlags& flags, const Result& result) {
  if (flags.quiet) return;
  if (flags.bars && !flags.histogram && !flags.json) {
    std::fputs("oche: --bars changes nothing (no histogram is asked for); add --histogram show\n",
               stderr);
  }
  if (!result.estimate || has_distribution(result)) return;
  for (const auto& [given, what] : {std::pair{flags.quantiles.has_value(), "quantiles"},
                                    std::pair{flags.coverage.has_value(), "coverage intervals"}}) {
    if (given) std::fprintf(stderr, "oche: no %s (no output has more than two values)\n", what);
  }
}

void put_histogram(const RunFlags& flags, const Result& result, HistogramPlace place) {
  if (!result.estimate || !has_distribution(result)) {
    const char* const why =
        result.estimate ? "no output has more than two values" : "there is no estimate";
    std::fprintf(stderr, "oche: no histogram (%s)\n", why);
    return;
  }
  if (place == HistogramPlace::terminal) {
    std::fputs(report::draw_histograms(result, canvas_of_stdout()).c_str(), stdout);
  } else {
    write_new_file(*flags.histogram, kHistogramFile,
                   place == HistogramPlace::csv ? report::histogram_csv(result)
                                                : report::histogram_svg(result));
  }
}

}  // namespace

void add_display_options(CLI::App& command, RunFlags& flags) {
  command
      .add_option("--quantiles", flags.quantiles,
                  "Of each output, where all inputs are distributions or constants (default "
                  "0.025,0.25,0.5,0.75,0.975)")
      ->type_name("P,P,…");
  command
      .add_option("--coverage", flags.coverage,
                  "Probability that coverage intervals hold (default 0.95)")
      ->type_name("P");
  command
      .add_option("--histogram", flags.histogram,
                  "Draw it here (show), or write it to a new file: FILE.csv, FILE.svg")
      ->type_name("WHERE");
  command.add_option("--bars", flags.bars, "Of a histogram, at most (default 60)")->type_name("N");
  command
      .add_option("--report", flags.report,
                  "text; or gum: an uncertainty and its budget as the GUM writes them")
      ->type_name("NAME");
  command.add_flag("--full", flags.full, "Say all that is known of each output and input");
}

void add_distribution_options(CLI::App& command, RunFlags& flags) {
  add_display_options(command, flags);
  command.add_flag("--sensitivity", flags.sensitivity,
                   "Sobol' indices of the inputs; a sample costs 2 + the number of inputs "
                   "evaluations");
  command
      .add_option("--non-finite", flags.non_finite,
                  "What a NaN or an infinite value does: fail (default), skip (the sample is left "
                  "out), zero (it counts as 0)")
      ->type_name("POLICY");
}

void apply_distribution_flags(const RunFlags& flags, Job& job) {
  static_cast<void>(histogram_place(flags));
  if (flags.report) static_cast<void>(choice("--report", *flags.report, {"text", "gum"}));
  if (flags.non_finite) {
    job.non_finite = choice("--non-finite", *flags.non_finite, {"fail", "skip", "zero"});
  }
  if (flags.quantiles) job.quantiles = parse_quantiles(*flags.quantiles);
  if (flags.coverage) job.coverage = probability("--coverage", *flags.coverage, "0.95");
  if (flags.bars)
    job.bars = static_cast<unsigned>(parse_count("--bars", *flags.bars, 1, kMostBars));
  if (flags.sensitivity) job.sensitivity = true;
}

void check_report_flags(const RunFlags& flags, const Job& job) {
  refuse_pairs(flags);
  if (option_of_distributions(flags).empty()) return check_report_file(flags);
  check_report_flags(flags, *job::make_order(job).job);
}

void check_report_flags(const RunFlags& flags, const job::Job& job) {
  refuse_pairs(flags);
  const std::string option = option_of_distributions(flags);
  if (!option.empty() && !job.is_expectation() && job.is_constant()) {
    throw Error(ErrorKind::usage,
                option +
                    " of a constant (the value is the same at every sample, and no input has a "
                    "distribution); write x~normal(m,u) for what is uncertain, or leave " +
                    option + " out");
  }
  if (!option.empty() && (!job.is_expectation() || job.method() != sampling::Method::plain)) {
    throw Error(ErrorKind::usage,
                option +
                    " of what has no distribution (values have one where every input is a "
                    "distribution or a constant, and the method is plain); write x~uniform(a,b) "
                    "for x=a..b, or leave " +
                    option + " out");
  }
  check_report_file(flags);
}

void print_report(const RunFlags& flags, const Job& job, const Result& result,
                  const std::string& name) {
  if (flags.json) {
    std::printf("%s\n", report::to_json(result).c_str());
  } else if (flags.report == "gum") {
    std::fputs(report::to_gum(result, job).c_str(), stdout);
  } else {
    const report::TextOptions options{flags.full, flags.quantiles.has_value()};
    std::fputs(report::to_text(result, name, options).c_str(), stdout);
  }
  note_what_is_not_shown(flags, result);
  const HistogramPlace place = histogram_place(flags);
  if (place != HistogramPlace::nowhere) put_histogram(flags, result, place);
}

}  // namespace oche::cli
