// A result, and a run under way, as text for people.
#ifndef OCHE_REPORT_TEXT_H_
#define OCHE_REPORT_TEXT_H_

#include <cstdint>
#include <string>

#include "job/job.h"
#include "oche/result.h"
#include "oche/run.h"

namespace oche::report {

// "3.14159 ± 0.00012": the value to the second digit of its half-width. A half-width of 0 gives the
// value's shortest text; one that is not finite gives "± inf".
std::string value_and_error(double value, double half_width);

// One sample: a line for each input, and one for the integrand's value, to the last digit.
std::string to_text(const job::SamplePoint& point);

// 1234567 as "1,234,567".
std::string grouped(std::uint64_t n);

// Seconds as "0.5 s", "12 s", "3 min 20 s", "2 h 5 min".
std::string duration(double seconds);

// Several lines, each ended by a newline: the estimate with its interval, what it took, why it
// ended, the digest, the crew if there were workers, the warnings. `name` is "" or what is
// estimated ("pi").
std::string to_text(const Result& result, const std::string& name);

// One line without a newline, at most `width` columns.
std::string progress_line(const Progress& progress, std::size_t width);

}  // namespace oche::report

#endif  // OCHE_REPORT_TEXT_H_
