// Numbers in messages.
#ifndef OCHE_JOB_BRIEF_NUMBER_H_
#define OCHE_JOB_BRIEF_NUMBER_H_

#include <string>

namespace oche::job {

// To six significant digits, as a person reads it: "0.5", "1e+06", "inf", "nan".
std::string brief_number(double v);

}  // namespace oche::job

#endif  // OCHE_JOB_BRIEF_NUMBER_H_
