#include "integrand/constant_pool.h"

#include <bit>

#include "integrand/kernel.h"

namespace oche::integrand {

ConstantPool::ConstantPool() : words_(kLines * 8, 0) {
  const std::uint64_t distances[kLines] = {1, 8, 9, kKernelSamples};
  for (std::size_t line = 0; line < kLines; ++line) {
    for (std::size_t lane = 0; lane < 8; lane += 2) words_[8 * line + lane] = distances[line];
  }
}

std::int32_t ConstantPool::place_of(std::uint64_t bits) {
  const auto [place, is_new] =
      known_.emplace(bits, static_cast<std::int32_t>(words_.size() * sizeof bits));
  if (is_new) words_.push_back(bits);
  return place->second;
}

std::int32_t ConstantPool::place_of(double value) {
  return place_of(std::bit_cast<std::uint64_t>(value));
}

std::int32_t ConstantPool::line_of(double value) {
  words_.resize((words_.size() + 7) / 8 * 8);
  const auto place = static_cast<std::int32_t>(words_.size() * sizeof(std::uint64_t));
  words_.insert(words_.end(), 8, std::bit_cast<std::uint64_t>(value));
  return place;
}

}  // namespace oche::integrand
