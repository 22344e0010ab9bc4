#include "sampling/strata.h"

#include <algorithm>
#include <cmath>

namespace oche::sampling {
namespace {

// The largest double below 1: what a cell's upper edge is rounded to.
constexpr double kBelowOne = 1.0 - 0x1p-53;

}  // namespace

std::uint32_t stratum_of(const PassContext& pass, std::uint64_t sample) {
  const auto& first = pass.first_sample;
  const auto after = std::upper_bound(first.begin(), first.end() - 1, sample);
  return static_cast<std::uint32_t>(after - first.begin() - 1);
}

void move_into_stratum(const Plan& plan, std::uint32_t stratum, double* u, std::size_t stride,
                       std::size_t n) {
  std::uint32_t rest = stratum;
  for (std::size_t j = 0; j < plan.log2_cells.size(); ++j) {
    const unsigned log2 = plan.log2_cells[j];
    const double cell = static_cast<double>(rest & ((1u << log2) - 1));
    const double width = std::ldexp(1.0, -static_cast<int>(log2));
    rest >>= log2;
    double* const x = u + j * stride;
    for (std::size_t i = 0; i < n; ++i) {
      const double moved = (cell + x[i]) * width;
      x[i] = moved < kBelowOne ? moved : kBelowOne;
    }
  }
}

void split_block(const PassContext& pass, std::uint64_t first, std::size_t n,
                 std::vector<Segment>& segments) {
  segments.clear();
  std::uint32_t stratum = stratum_of(pass, first);
  for (std::size_t begin = 0; begin < n; ++stratum) {
    const std::uint64_t stratum_end = pass.first_sample[stratum + 1];
    const std::size_t end =
        static_cast<std::size_t>(std::min<std::uint64_t>(n, stratum_end - first));
    if (end > begin) segments.push_back({stratum, begin, end});
    begin = std::max(begin, end);
  }
}

void StrataMerger::add(std::uint32_t stratum, const tally::Moments& moments) {
  if (started_ && stratum != stratum_) flush();
  stratum_ = stratum;
  started_ = true;
  merger_.add(moments);
}

tally::Tally StrataMerger::finish() {
  if (started_) flush();
  return std::move(tally_);
}

void StrataMerger::flush() {
  tally_.strata.push_back({stratum_, merger_.result()});
  merger_ = {};
}

}  // namespace oche::sampling
