#include "sampling/chunk.h"

#include <gtest/gtest.h>

#include <cmath>

#include "formula/oracle.h"
#include "math/simd.h"
#include "sampling/whole_pass_test.h"

namespace oche::sampling {
namespace {

TEST(ChunkSamples, are_a_power_of_two_within_limits) {
  EXPECT_EQ(chunk_samples(0), 16384u);
  EXPECT_EQ(chunk_samples(1), 16384u);
  EXPECT_EQ(chunk_samples(256), 16384u);
  EXPECT_EQ(chunk_samples(257), 8192u);  // 2^22/257 is 16320
  EXPECT_EQ(chunk_samples(8192), 512u);
  EXPECT_EQ(chunk_samples(16384), 256u);
  EXPECT_EQ(chunk_samples(~std::uint64_t{0}), 256u);
}

// A chunk's tally against the scalar oracle, one sample at a time: same counts and ends, and a mean
// within the rounding of 1000 additions.
TEST(Chunk, is_what_the_oracle_says_of_its_samples) {
  const auto f = expression_of({"if(x<0.01,1/0,exp(x)*y)", "x=0..1", "y~normal(0,1)"});
  for (const Plan& plan : {Plan{}, uneven_plan()}) {
    const PassContext pass(*f, 11, 1024, plan);
    for (const std::uint64_t chunk : {0u, 1u, 5u}) {
      Workspace workspace;
      const tally::Tally tally = compute_chunk(pass, chunk, 1000, workspace);
      long double sum = 0;
      double minimum = INFINITY;
      double maximum = -INFINITY;
      std::uint64_t finite = 0;
      std::uint64_t first_non_finite = tally::kNoSample;
      for (std::uint64_t i = chunk * 1024; i < chunk * 1024 + 1000; ++i) {
        const double v = formula::evaluate(f->program(), uniforms_at(pass, i))[0];
        if (!std::isfinite(v)) {
          first_non_finite = std::min(first_non_finite, i);
          continue;
        }
        ++finite;
        sum += v;
        minimum = std::min(minimum, v);
        maximum = std::max(maximum, v);
      }
      const tally::Moments m = tally.total();
      EXPECT_EQ(m.count, finite);
      EXPECT_EQ(m.samples(), 1000u);
      EXPECT_EQ(m.first_non_finite, first_non_finite);
      EXPECT_EQ(m.minimum, minimum);
      EXPECT_EQ(m.maximum, maximum);
      EXPECT_NEAR(m.mean, static_cast<double>(sum / static_cast<long double>(finite)), 1e-14);
    }
  }
}

// An indicator is counted, not averaged: against the oracle, one sample at a time.
TEST(Chunk, of_an_indicator_has_the_oracles_hits) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"},
           {"x*y>0.3", "x=0..1", "y=0..1"},
           {"(exp(x)<=1.5)*-2", "x=0..1"},
           {"sqrt(0.5-x)<0.3", "x=0..1"}}) {  // half of its comparisons are with NaN: 0
    const auto f = expression_of(arguments);
    const PassContext pass(*f, 11, 1024, Plan{});
    for (const std::string& target : math::supported_simd_targets()) {
      math::select_simd_target(target);
      for (const std::uint64_t length : {1u, 7u, 513u, 1001u}) {
        Workspace workspace;
        const tally::Moments m = compute_chunk(pass, 3, length, workspace).total();
        double sum = 0;
        for (std::uint64_t i = 3072; i < 3072 + length; ++i) {
          sum += formula::evaluate(f->program(), uniforms_at(pass, i))[0];
        }
        EXPECT_EQ(m.count, length);
        EXPECT_EQ(m.mean, sum / static_cast<double>(length)) << arguments[0] << ", " << target;
      }
    }
  }
  math::select_simd_target("auto");
}

TEST(Node, is_the_merge_of_its_children) {
  const auto f = expression_of({"exp(-x*y)", "x=0..1", "y=0..1"});
  for (const Plan& plan : {Plan{}, uneven_plan()}) {
    const PassContext pass(*f, 2, 256, plan);
    for (const tally::Node node : {tally::Node{1, 0}, {1, 3}, {2, 1}, {3, 1}, {4, 0}, {5, 0}}) {
      EXPECT_TRUE(identical(node_tally(pass, node),
                            merge(node_tally(pass, node.left()), node_tally(pass, node.right()))))
          << node.level << ", " << node.index;
    }
  }
}

TEST(Node, ends_where_the_run_ends) {
  const auto f = expression_of({"x", "x=0..1"});
  const PassContext pass(*f, 2, 256, Plan{});
  // Chunks 2 and 3, of which the last has 10 samples.
  const tally::Tally cut = node_tally(pass, {1, 1}, 3 * 256 + 10);
  EXPECT_EQ(cut.samples(), 266u);
  Workspace workspace;
  EXPECT_TRUE(identical(
      cut, merge(compute_chunk(pass, 2, 256, workspace), compute_chunk(pass, 3, 10, workspace))));
  // A run's end changes nothing before it.
  EXPECT_TRUE(identical(node_tally(pass, {1, 0}, 3 * 256 + 10), node_tally(pass, {1, 0})));
}

TEST(Node, depends_on_seed_and_pass) {
  const auto f = expression_of({"x", "x=0..1"});
  Plan second;
  second.pass = 1;
  const tally::Tally tally = node_tally(PassContext(*f, 1, 256, Plan{}), {0, 0});
  EXPECT_TRUE(identical(node_tally(PassContext(*f, 1, 256, Plan{}), {0, 0}), tally));
  EXPECT_FALSE(identical(node_tally(PassContext(*f, 2, 256, Plan{}), {0, 0}), tally));
  EXPECT_FALSE(identical(node_tally(PassContext(*f, 1, 256, second), {0, 0}), tally));
}

TEST(Node, has_the_same_bits_on_every_target) {
  const auto f = expression_of({"sin(9*x)*log(y)+z^2.5", "x=0..1", "y=0..1", "z~normal(0,1)"});
  for (const Plan& plan : {Plan{}, uneven_plan()}) {
    const PassContext pass(*f, 9, 256, plan);
    math::select_simd_target("portable");
    const tally::Tally expected = node_tally(pass, {5, 0}, 9000);
    for (const std::string& target : math::supported_simd_targets()) {
      math::select_simd_target(target);
      EXPECT_TRUE(identical(node_tally(pass, {5, 0}, 9000), expected)) << target;
    }
  }
  math::select_simd_target("auto");
}

TEST(Node, is_empty_when_cancelled) {
  const auto f = expression_of({"x", "x=0..1"});
  const PassContext pass(*f, 2, 256, Plan{});
  Workspace workspace;
  int asked = 0;
  const tally::Tally tally = compute_node(pass, {3, 0}, 0, workspace, [&] { return ++asked == 4; });
  EXPECT_TRUE(tally.strata.empty());
  EXPECT_EQ(asked, 4);
}

}  // namespace
}  // namespace oche::sampling
