// A result as guides to the expression of uncertainty in measurement have it: JCGM 100:2008 (the
// GUM) and JCGM 101:2008 (its Supplement 1, on Monte Carlo).
#ifndef OCHE_REPORT_GUM_H_
#define OCHE_REPORT_GUM_H_

#include <string>

#include "oche/job.h"
#include "oche/result.h"

namespace oche::report {

// Lines, each ended by a newline. Of each output: estimate y, standard uncertainty u(y), coverage
// intervals and factor, whether the number of trials is enough for the digits shown (JCGM 101:2008,
// 7.9.4), and the budget by input. Uncertainties have two significant digits, and what they belong
// to ends at the same place (JCGM 100:2008, 7.2.6). `job` is the one that was run: its definition
// says what the inputs are.
std::string to_gum(const Result& result, const oche::Job& job);

}  // namespace oche::report

#endif  // OCHE_REPORT_GUM_H_
