// The constants that the loops of a kernel read.
#ifndef OCHE_INTEGRAND_CONSTANT_POOL_H_
#define OCHE_INTEGRAND_CONSTANT_POOL_H_

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace oche::integrand {

inline constexpr std::size_t kVectorBytes = 64;

// The constants of a kernel: whole lines of 64 bytes first, then numbers.
class ConstantPool {
 public:
  // How far the counters of the four vectors of blocks are from the first, and how far the next
  // are.
  enum Line : unsigned { odd, second, second_odd, step };
  static constexpr std::size_t kLines = 4;

  ConstantPool();
  // Where a double with these bits is, in bytes from the begin; equal bits have one place.
  std::int32_t place_of(std::uint64_t bits);
  std::int32_t place_of(double value);
  // The place of a line that has the value in each lane: an operand of a function over arrays.
  std::int32_t line_of(double value);
  static std::int32_t place_of(Line line) { return static_cast<std::int32_t>(line * kVectorBytes); }
  const std::vector<std::uint64_t>& words() const { return words_; }

 private:
  std::vector<std::uint64_t> words_;
  std::unordered_map<std::uint64_t, std::int32_t> known_;
};

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_CONSTANT_POOL_H_
