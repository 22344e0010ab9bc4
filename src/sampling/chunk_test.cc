#include "sampling/chunk.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "formula/oracle.h"
#include "math/simd.h"
#include "sampling/plausible.h"
#include "sampling/whole_pass_test.h"

namespace oche::sampling {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

tally::Tally node_tally(const PassContext& pass, tally::Node node, std::uint64_t end_sample = 0) {
  Workspace workspace;
  return compute_node(pass, node, end_sample, workspace, {});
}

Plan uneven_plan() {
  Plan plan;
  plan.pass = 3;
  plan.log2_cells = {2, 1};
  plan.allocation = {1300, 3, 5000, 512, 256, 0, 777, 2100};
  return plan;
}

TEST(ChunkSamples, are_a_power_of_two_within_limits) {
  EXPECT_EQ(chunk_samples(0), 16384u);
  EXPECT_EQ(chunk_samples(1), 16384u);
  EXPECT_EQ(chunk_samples(128), 16384u);
  EXPECT_EQ(chunk_samples(129), 8192u);  // 2^21/129 is 16257
  EXPECT_EQ(chunk_samples(8192), 256u);
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

class Plausible : public ::testing::TestWithParam<bool> {
 protected:
  Plausible()
      : f_(expression_of({"if(cos(1000*x)>0.9,1/0,x+y)", "x=0..1", "y=0..1"})),
        pass_(*f_, 4, 256, GetParam() ? uneven_plan() : Plan{}),
        end_sample_(GetParam() ? pass_.plan.samples() : 9000),
        tally_(node_tally(pass_, kNode, end_sample_)) {}

  bool accepts(const tally::Tally& tally) const {
    return plausible(pass_, kNode, end_sample_, tally);
  }

  static constexpr tally::Node kNode{2, 1};  // samples 1024 to 2047
  std::unique_ptr<integrand::Expression> f_;
  PassContext pass_;
  std::uint64_t end_sample_;
  tally::Tally tally_;
};

INSTANTIATE_TEST_SUITE_P(PlainAndStratified, Plausible, ::testing::Bool());

TEST_P(Plausible, accepts_the_true_tally_of_every_node) {
  for (std::uint32_t level = 0; level < 5; ++level) {
    for (std::uint64_t index = 0; (index << level) * 256 < end_sample_; ++index) {
      if (((index + 1) << level) * 256 >= end_sample_ + 256)
        continue;  // no chunk is beyond the end
      const tally::Node node{level, index};
      EXPECT_TRUE(plausible(pass_, node, end_sample_, node_tally(pass_, node, end_sample_)))
          << level << ", " << index;
    }
  }
}

TEST_P(Plausible, refuses_a_tally_of_other_samples) {
  EXPECT_TRUE(accepts(tally_));
  EXPECT_FALSE(accepts(tally::Tally{}));
  EXPECT_FALSE(accepts(node_tally(pass_, {1, 2}, end_sample_)));  // half of them
  EXPECT_FALSE(accepts(node_tally(pass_, {3, 0}, end_sample_)));  // more
  EXPECT_FALSE(accepts(node_tally(pass_, {2, 2}, end_sample_)));  // its neighbour's
  EXPECT_FALSE(accepts(merge(tally_, node_tally(pass_, {2, 2}, end_sample_))));
}

TEST_P(Plausible, refuses_every_field_that_cannot_be) {
  const auto broken = [&](auto change) {
    tally::Tally tally = tally_;
    change(tally.strata.back().moments);
    return tally;
  };
  using tally::Moments;
  ASSERT_GT(tally_.strata.back().moments.non_finite, 0u);
  EXPECT_FALSE(accepts(broken([](Moments& m) { ++m.count; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { --m.count; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { m.count = ~std::uint64_t{0}; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { ++m.non_finite; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { m.count += m.non_finite, m.non_finite = 0; })))
      << "a first non-finite sample, and none that is not finite";
  EXPECT_FALSE(
      accepts(broken([](Moments& m) { ++m.count, --m.non_finite, m.first_non_finite = 1023; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { m.first_non_finite = 2048; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { m.first_non_finite = tally::kNoSample; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { m.mean = kNaN; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { m.mean = m.maximum + 1e-6; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { m.mean = m.minimum - 1e-6; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { m.m2 = -1e-300; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { m.m2 = kNaN; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { m.minimum = kNaN; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { m.maximum = INFINITY; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { m.minimum = -INFINITY; })));
  EXPECT_FALSE(accepts(broken([](Moments& m) { std::swap(m.minimum, m.maximum); })));
  EXPECT_FALSE(accepts(broken([](Moments& m) {
    m.non_finite += m.count;
    m.count = 0;
  }))) << "moments of no value";
}

TEST_P(Plausible, refuses_strata_that_are_not_those_of_the_samples) {
  tally::Tally tally = tally_;
  tally.strata.back().stratum += 1;
  EXPECT_FALSE(accepts(tally));
  tally = tally_;
  tally.strata.push_back(tally.strata.back());
  EXPECT_FALSE(accepts(tally));
  tally = tally_;
  tally.strata.insert(tally.strata.begin(), tally.strata.front());
  EXPECT_FALSE(accepts(tally));
  tally = tally_;
  tally.strata.push_back({1000000, {}});
  EXPECT_FALSE(accepts(tally));
}

// A computer whose values overflow in the middle is not a liar.
TEST(PlausibleOverflow, is_accepted) {
  for (const char* text : {"if(x<0.5,1.7e308,-1.7e308)", "1.7e308*(x<0.5)"}) {
    const auto f = expression_of({text, "x=0..1"});
    const PassContext pass(*f, 1, 256, Plan{});
    for (const tally::Node node : {tally::Node{0, 0}, {3, 1}, {6, 0}}) {
      const tally::Tally tally = node_tally(pass, node);
      EXPECT_TRUE(std::isfinite(tally.total().mean));
      EXPECT_TRUE(plausible(pass, node, 0, tally));
    }
  }
}

}  // namespace
}  // namespace oche::sampling
