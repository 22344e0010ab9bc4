// Histograms as a table for other programs.
#ifndef OCHE_REPORT_CSV_H_
#define OCHE_REPORT_CSV_H_

#include <string>

#include "oche/result.h"

namespace oche::report {

// CSV (RFC 4180, lines end with CR LF): the header low,high,count,density, then a line for each
// bar. Of several outputs, each line begins with the output's expression, and the header with
// "output". Doubles are written so that they are read back as the same doubles; density is count /
// (all counts of the output * (high - low)). Outputs without a histogram have no lines.
std::string histogram_csv(const Result& result);

}  // namespace oche::report

#endif  // OCHE_REPORT_CSV_H_
