// A result as one JSON object.
#ifndef OCHE_REPORT_JSON_H_
#define OCHE_REPORT_JSON_H_

#include <cstdint>
#include <string>

#include "job/job.h"
#include "oche/result.h"

namespace oche::report {

// One line, no newline at its end. Keys as docs/json.md lists them, in that order; what does not
// exist or is not finite is null. Doubles are written so that they are read back as the same
// doubles.
std::string to_json(const Result& result);

// One sample: its number, the values of the inputs by name, and the integrand's.
std::string to_json(std::uint64_t sample, const job::SamplePoint& point);

}  // namespace oche::report

#endif  // OCHE_REPORT_JSON_H_
