#include "streams/words.h"

#include <cstddef>

namespace oche::streams {
namespace {

class OrderedWords final : public Words {
 public:
  OrderedWords(Map map, Order order, std::uint64_t seed) : map_(map), order_(order), seed_(seed) {}

  std::uint64_t next() override {
    constexpr std::uint64_t kInner = 1024;
    const std::uint64_t i = index_++;
    random::StreamKey key{seed_, 0, random::Domain::samples};
    switch (order_) {
      case Order::samples:
        return map_(key, i, 0);
      case Order::dimensions:
        return map_(key, i / kInner, static_cast<std::uint32_t>(i % kInner));
      case Order::seeds:
        key.seed += i;
        return map_(key, 0, 0);
      case Order::one_bit_seeds:
        if (i % 65 != 0) key.seed ^= std::uint64_t{1} << (i % 65 - 1);
        return map_(key, i / 65, 0);
      case Order::gray_seeds:
        key.seed ^= i ^ (i >> 1);
        return map_(key, 0, 0);
      case Order::passes:
        key.pass = static_cast<std::uint32_t>(i % kInner);
        return map_(key, i / kInner, 0);
    }
    return 0;
  }

 private:
  Map map_;
  Order order_;
  std::uint64_t seed_;
  std::uint64_t index_ = 0;
};

class EngineWords final : public Words {
 public:
  explicit EngineWords(std::uint64_t seed) : key_{seed, 0, random::Domain::samples} {}

  std::uint64_t next() override {
    if (position_ == kBlock * kDimensions) {
      random::fill_uniforms(key_, first_, kBlock, 0, kDimensions, uniforms_, kBlock);
      first_ += kBlock;
      position_ = 0;
    }
    // u = (k + 1/2) 2^-52; both steps are exact.
    return static_cast<std::uint64_t>((uniforms_[position_++] - 0x1p-53) * 0x1p52) << (64 - kBits);
  }

 private:
  static constexpr std::size_t kBlock = 512;
  static constexpr unsigned kDimensions = 6;

  random::StreamKey key_;
  std::uint64_t first_ = 0;
  std::size_t position_ = kBlock * kDimensions;
  alignas(64) double uniforms_[kBlock * kDimensions];
};

std::uint64_t reversed(std::uint64_t x) {
  std::uint64_t y = 0;
  for (int i = 0; i < 64; ++i) y |= ((x >> i) & 1) << (63 - i);
  return y;
}

class LowBitsOfLcg final : public Words {
 public:
  std::uint64_t next() override {
    x_ = 6364136223846793005 * x_ + 1442695040888963407;
    return reversed(x_);
  }

 private:
  std::uint64_t x_ = 1;
};

class LinearWords final : public Words {
 public:
  std::uint64_t next() override {
    const std::uint64_t high = step();
    return (high << 32) | step();
  }

 private:
  std::uint32_t step() {
    x_ ^= x_ << 13;
    x_ ^= x_ >> 17;
    return x_ ^= x_ << 5;
  }

  std::uint32_t x_ = 2463534242;
};

class WeylWords final : public Words {
 public:
  std::uint64_t next() override { return x_ += 0x9E3779B97F4A7C15; }

 private:
  std::uint64_t x_ = 0;
};

}  // namespace

const std::vector<NamedOrder>& orders() {
  static const std::vector<NamedOrder> list = {
      {"samples", Order::samples},       {"dimensions", Order::dimensions},
      {"seeds", Order::seeds},           {"one_bit_seeds", Order::one_bit_seeds},
      {"gray_seeds", Order::gray_seeds}, {"passes", Order::passes},
  };
  return list;
}

std::unique_ptr<Words> ordered_words(Map map, Order order, std::uint64_t seed) {
  return std::make_unique<OrderedWords>(map, order, seed);
}

std::unique_ptr<Words> uniforms_of_the_engine(std::uint64_t seed) {
  return std::make_unique<EngineWords>(seed);
}

std::unique_ptr<Words> low_bits_of_lcg() { return std::make_unique<LowBitsOfLcg>(); }
std::unique_ptr<Words> linear_words() { return std::make_unique<LinearWords>(); }
std::unique_ptr<Words> weyl_words() { return std::make_unique<WeylWords>(); }

}  // namespace oche::streams
