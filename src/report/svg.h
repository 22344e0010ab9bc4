// Histograms as a picture.
#ifndef OCHE_REPORT_SVG_H_
#define OCHE_REPORT_SVG_H_

#include <string>

#include "oche/result.h"

namespace oche::report {

// One SVG document without references to anything outside; light or dark as its viewer prefers. For
// each output with a histogram a panel: bars scaled to density (of an output that takes few
// values, to their shares), round numbers on both axes, the mean, and the symmetric coverage
// interval. Tails that don't fit are told at the edges.
std::string histogram_svg(const Result& result);

}  // namespace oche::report

#endif  // OCHE_REPORT_SVG_H_
