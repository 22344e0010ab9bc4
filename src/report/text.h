// A result, and a run under way, as text for people.
#ifndef OCHE_REPORT_TEXT_H_
#define OCHE_REPORT_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "job/job.h"
#include "oche/result.h"
#include "oche/run.h"
#include "report/distribution_text.h"

namespace oche::report {

// One sample: a line for each input, and one for the integrand's value, to the last digit. Of
// several values each has its label, of which there are as many.
std::string to_text(const job::SamplePoint& point, const std::vector<std::string>& labels);

// 1234567 as "1,234,567".
std::string grouped(std::uint64_t n);

// Seconds as "0.5 s", "12 s", "3 min 20 s", "2 h 5 min".
std::string duration(double seconds);

// Several lines, each ended by a newline: the estimate with its interval and its distribution (of
// several outputs, a section for each), what it took, why it ended, the digest, the crew if there
// were workers, the warnings. `name` is "" or what is estimated ("pi"), where that is one value.
std::string to_text(const Result& result, const std::string& name, const TextOptions& options = {});

// What it took and why it ended, the digest, the crew, the warnings: the end of to_text().
std::string run_text(const Result& result);

// One line without a newline, at most `width` columns.
std::string progress_line(const Progress& progress, std::size_t width);

}  // namespace oche::report

#endif  // OCHE_REPORT_TEXT_H_
