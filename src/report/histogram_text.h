// A histogram drawn with characters.
#ifndef OCHE_REPORT_HISTOGRAM_TEXT_H_
#define OCHE_REPORT_HISTOGRAM_TEXT_H_

#include <cstddef>
#include <string>

#include "oche/result.h"

namespace oche::report {

enum class Characters { ascii, unicode };  // unicode: eighths of blocks, lines of boxes

// No line is wider than that; narrower than 20 is as 20.
struct Canvas {
  std::size_t columns = 80;
  Characters characters = Characters::unicode;
};

// Lines, each ended by a newline: the bars over an axis with round numbers, the mean and the
// symmetric coverage interval below it, the shares of the tails where they don't fit. An output
// that takes few values has a line for each. "" if the output has no histogram.
std::string draw_histogram(const OutputResult& output, const Canvas& canvas);

// All outputs of a result, of several each under its expression.
std::string draw_histograms(const Result& result, const Canvas& canvas);

}  // namespace oche::report

#endif  // OCHE_REPORT_HISTOGRAM_TEXT_H_
