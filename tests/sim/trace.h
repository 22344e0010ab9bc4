// What happened in a simulated run, line by line: its hash says whether two runs were the same, its
// tail what led to a violation.
#ifndef OCHE_SIM_TRACE_H_
#define OCHE_SIM_TRACE_H_

#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "sim/timeline.h"

namespace oche::sim {

// An invariant doesn't hold.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void require(bool holds, const std::string& otherwise) {
  if (!holds) throw Violation(otherwise);
}

// FNV-1a (G. Fowler, L. C. Noll, P. Vo), 64 bits.
inline constexpr std::uint64_t kFnvBasis = 0xcbf29ce484222325;
inline std::uint64_t fnv1a(std::string_view bytes, std::uint64_t hash = kFnvBasis) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

class Trace {
 public:
  Trace(const Timeline& timeline, std::size_t kept) : timeline_(timeline), kept_(kept) {}

  void add(std::string_view what) {
    const auto since = timeline_.now().time_since_epoch() - std::chrono::seconds(1000);
    std::string line = std::to_string(since.count() / 1000) + " us  ";
    line += what;
    hash_ = fnv1a(line, hash_);
    lines_.push_back(std::move(line));
    if (lines_.size() > kept_) lines_.pop_front();
  }
  std::uint64_t hash() const { return hash_; }
  std::string tail() const {
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }

 private:
  const Timeline& timeline_;
  std::size_t kept_;
  std::uint64_t hash_ = kFnvBasis;
  std::deque<std::string> lines_;
};

}  // namespace oche::sim

#endif  // OCHE_SIM_TRACE_H_
