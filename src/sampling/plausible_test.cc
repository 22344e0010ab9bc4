#include "sampling/plausible.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sampling/whole_pass_test.h"

namespace oche::sampling {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

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

// ---- Of jobs that measure more than the mean of one output ----

struct Joint {
  std::unique_ptr<integrand::Expression> f;
  PassContext pass;

  explicit Joint(const std::vector<std::string>& arguments,
                 integrand::Wanted wanted = integrand::Wanted::distribution)
      : f(expression_of(arguments, wanted)), pass(*f, 4, 256, Plan{}) {}
};

// Honest workers' tallies of all kinds: with tails of every weight, far from 0, constant, of an
// indicator beside another output, with some samples or all that are not finite, and whose moments
// or their sums are beyond the range of doubles.
TEST(PlausibleJoint, accepts_the_true_tally_of_every_node) {
  const std::vector<std::vector<std::string>> jobs = {
      {"x*y", "x~normal(0,1)", "y~uniform(1,2)"},
      {"exp(x); x+y; x>y", "x~normal(0,1)", "y~normal(1,2)", "corr(x,y)=0.4"},
      {"x", "x~cauchy(0,1)"},
      {"x^9", "x~lognormal(0,3)"},
      {"1e9+x", "x~normal(0,1e-3)"},
      {"1e15+x", "x~normal(0,1)"},
      {"x; 3", "x~normal(0,1)"},
      {"floor(3*x)", "x~uniform(0,1)"},
      {"if(cos(1000*x)>0.9,1/(x-x),x+y)", "x~uniform(0,1)", "y~uniform(0,1)"},
      {"log(x-2)", "x~uniform(0,1)"},
      {"1e-200*x", "x~normal(0,1)"},
      {"1e70*x", "x~normal(0,1)"},
      {"1e120*x", "x~normal(0,1)"},
      {"1e200*x; x", "x~normal(0,1)"},
      {"if(x<0,1.7e308,-1.7e308)+0*y", "x~normal(0,1)", "y~normal(0,1)"}};
  for (const auto& job : jobs) {
    for (const auto wanted : {integrand::Wanted::distribution, integrand::Wanted::sensitivity}) {
      if (wanted == integrand::Wanted::sensitivity && job.back().starts_with("corr")) continue;
      const Joint joint(job, wanted);
      for (const tally::Node node : {tally::Node{0, 0}, {0, 7}, {1, 3}, {3, 1}, {5, 0}}) {
        EXPECT_TRUE(plausible(joint.pass, node, 0, node_tally(joint.pass, node)))
            << job[0] << ", " << node.level << ", " << node.index;
      }
      for (const std::uint64_t end : {1025u, 1026u, 1300u}) {  // chunk 4 has one sample or two
        const tally::Node node{end == 1300 ? 1u : 0u, end == 1300 ? 2u : 4u};
        EXPECT_TRUE(plausible(joint.pass, node, end, node_tally(joint.pass, node, end)))
            << job[0] << ", " << end;
      }
    }
  }
}

// Quantities: x*y, x+y, then the inputs x and y.
class PlausibleLie : public ::testing::Test {
 protected:
  PlausibleLie()
      : joint_({"x*y; x+y", "x~normal(5,1)", "y~uniform(1,2)", "corr(x,y)=0.3"}),
        tally_(node_tally(joint_.pass, kNode)) {}

  bool accepts(const tally::Tally& tally) const { return plausible(joint_.pass, kNode, 0, tally); }
  template <class Change>
  bool accepts_with(Change change) const {
    tally::Tally tally = tally_;
    change(tally);
    return accepts(tally);
  }
  template <class Change>
  bool accepts_bins_with(Change change) const {
    return accepts_with([&](tally::Tally& t) { change(t.shapes[1].bins); });
  }
  // sqrt of the product of two quantities' second moments.
  double scale(std::size_t a, std::size_t b) const {
    return std::sqrt(tally_.quantity(a).m2) * std::sqrt(tally_.quantity(b).m2);
  }

  static constexpr tally::Node kNode{2, 1};
  Joint joint_;
  tally::Tally tally_;
};

TEST_F(PlausibleLie, refuses_parts_that_are_missing_or_too_many) {
  ASSERT_TRUE(accepts(tally_));
  ASSERT_EQ(tally_.others.size(), 3u);
  ASSERT_EQ(tally_.shapes.size(), 2u);
  ASSERT_FALSE(tally_.co_moments.empty());
  EXPECT_FALSE(accepts_with([](auto& t) { t.others.pop_back(); }));
  EXPECT_FALSE(accepts_with([](auto& t) { t.others.push_back(t.others.back()); }));
  EXPECT_FALSE(accepts_with([](auto& t) { t.others.clear(); }));
  EXPECT_FALSE(accepts_with([](auto& t) { t.co_moments.pop_back(); }));
  EXPECT_FALSE(accepts_with([](auto& t) { t.co_moments.push_back(t.co_moments.back()); }));
  EXPECT_FALSE(accepts_with([](auto& t) { t.shapes.pop_back(); }));
  EXPECT_FALSE(accepts_with([](auto& t) { t.shapes.push_back(t.shapes.back()); }));
  // Parts of a job that measures none.
  const auto f = expression_of({"x*y", "x=0..1", "y=0..1"});
  const PassContext simple(*f, 4, 256, Plan{});
  tally::Tally tally = node_tally(simple, kNode);
  ASSERT_TRUE(plausible(simple, kNode, 0, tally));
  tally.others.push_back(tally.strata.front().moments);
  EXPECT_FALSE(plausible(simple, kNode, 0, tally));
}

TEST_F(PlausibleLie, refuses_other_quantities_that_cannot_be) {
  const auto with = [&](auto change) {
    return accepts_with([&](tally::Tally& t) { change(t.others[2]); });
  };
  using tally::Moments;
  EXPECT_FALSE(with([](Moments& m) { --m.count; }));
  EXPECT_FALSE(with([](Moments& m) { ++m.count; }));
  EXPECT_FALSE(with([](Moments& m) { --m.count, ++m.non_finite, m.first_non_finite = 3; }))
      << "samples that are not finite count in none";
  EXPECT_FALSE(with([](Moments& m) { m.first_non_finite = 1024; }));
  EXPECT_FALSE(with([](Moments& m) { m.mean = kNaN; }));
  EXPECT_FALSE(with([](Moments& m) { m.mean = m.maximum + 1e-3; }));
  EXPECT_FALSE(with([](Moments& m) { m.m2 = -1; }));
  EXPECT_FALSE(with([](Moments& m) { m.m2 *= 10; })) << "more than the range allows";
  EXPECT_FALSE(with([](Moments& m) { m.m2 = 0; })) << "less than the ends alone make";
  EXPECT_FALSE(with([](Moments& m) { m.maximum = kInfinity; }));
  EXPECT_FALSE(with([](Moments& m) { m.minimum = kNaN; }));
  EXPECT_FALSE(with([](Moments& m) { std::swap(m.minimum, m.maximum); }));
}

TEST_F(PlausibleLie, refuses_co_moments_of_other_pairs_and_of_impossible_size) {
  for (std::size_t p = 0; p < tally_.co_moments.size(); ++p) {
    const auto with = [&](auto change) {
      return accepts_with([&](tally::Tally& t) { change(t.co_moments[p]); });
    };
    const double most = scale(tally_.co_moments[p].a, tally_.co_moments[p].b);
    using tally::CoMoment;
    EXPECT_FALSE(with([](CoMoment& c) { ++c.a; })) << p;
    EXPECT_FALSE(with([](CoMoment& c) { ++c.b; })) << p;
    EXPECT_FALSE(with([](CoMoment& c) { c.b = 4'000'000'000; })) << p;
    EXPECT_TRUE(with([&](CoMoment& c) { c.value = -0.999 * most; })) << p;
    EXPECT_FALSE(with([&](CoMoment& c) { c.value = 1.001 * most; })) << p;
    EXPECT_FALSE(with([&](CoMoment& c) { c.value = -1.001 * most; })) << p;
    EXPECT_FALSE(with([](CoMoment& c) { c.value = kInfinity; })) << p;
    EXPECT_FALSE(with([](CoMoment& c) { c.value = kNaN; })) << "where nothing overflows, " << p;
  }
  EXPECT_FALSE(accepts_with([](auto& t) { std::swap(t.co_moments[0], t.co_moments[1]); }));
}

TEST_F(PlausibleLie, refuses_higher_moments_that_cannot_be) {
  const tally::Moments& m = tally_.quantity(1);
  const tally::HigherMoments true_ones = tally_.shapes[1].higher;
  const double range = m.maximum - m.minimum;
  const auto with = [&](double m3, double m4) {
    return accepts_with([&](tally::Tally& t) { t.shapes[1].higher = {m3, m4}; });
  };
  ASSERT_TRUE(with(true_ones.m3, true_ones.m4));
  EXPECT_FALSE(with(true_ones.m3, -1e-3 * true_ones.m4));
  EXPECT_FALSE(with(true_ones.m3, -kInfinity));
  EXPECT_FALSE(with(true_ones.m3, kInfinity));
  EXPECT_FALSE(with(kInfinity, true_ones.m4));
  EXPECT_FALSE(with(0, 0)) << "M4 is at least M2^2/n";
  EXPECT_FALSE(with(0, 0.99 * m.m2 * (m.m2 / static_cast<double>(m.count))));
  EXPECT_TRUE(with(0, 1.01 * m.m2 * (m.m2 / static_cast<double>(m.count))));
  EXPECT_TRUE(with(0.999 * std::sqrt(m.m2 * true_ones.m4), true_ones.m4));
  EXPECT_FALSE(with(1.001 * std::sqrt(m.m2 * true_ones.m4), true_ones.m4));
  EXPECT_FALSE(with(-1.001 * std::sqrt(m.m2 * true_ones.m4), true_ones.m4));
  EXPECT_TRUE(with(true_ones.m3, 0.999 * m.m2 * (range * range)));
  EXPECT_FALSE(with(true_ones.m3, 1.001 * m.m2 * (range * range)));
  // What may be a NaN hides nothing else, and may only be one where sums can overflow.
  EXPECT_FALSE(with(kNaN, true_ones.m4));
  EXPECT_FALSE(with(true_ones.m3, kNaN));
  EXPECT_FALSE(with(kNaN, kNaN));
  EXPECT_FALSE(with(1e300, kNaN));
}

TEST_F(PlausibleLie, refuses_bins_that_cannot_be) {
  using tally::Bins;
  const Bins& bins = tally_.shapes[1].bins;
  ASSERT_GT(bins.size(), 10u);
  EXPECT_FALSE(accepts_bins_with([](Bins& b) { b.clear(); }));
  EXPECT_FALSE(accepts_bins_with([](Bins& b) { ++b[3].count; })) << "a sample too many";
  EXPECT_FALSE(accepts_bins_with([](Bins& b) { b.erase(b.begin() + 3); })) << "too few";
  EXPECT_FALSE(accepts_bins_with([](Bins& b) { b[3].count += b[4].count, b[4].count = 0; }));
  EXPECT_FALSE(accepts_bins_with([](Bins& b) { std::swap(b[3], b[4]); })) << "out of order";
  EXPECT_FALSE(accepts_bins_with([](Bins& b) { b[4].index = b[3].index; })) << "twice the same";
  EXPECT_FALSE(accepts_bins_with([](Bins& b) { b[0].index -= 1; })) << "below the minimum";
  EXPECT_FALSE(accepts_bins_with([](Bins& b) { b.back().index += 1; })) << "above the maximum";
  EXPECT_FALSE(accepts_bins_with([](Bins& b) {
    b[3].count += b[0].count;
    b.erase(b.begin());
  })) << "not where the minimum is";
  EXPECT_FALSE(accepts_bins_with([](Bins& b) {
    b[3].count += b.back().count;
    b.pop_back();
  })) << "not where the maximum is";
  EXPECT_FALSE(accepts_bins_with([](Bins& b) { b.back().index = 0xFFFFFFFF; }));
  // Counts whose sum comes round to the right one.
  EXPECT_FALSE(accepts_bins_with([](Bins& b) {
    b[3].count += std::uint64_t{1} << 63;
    b[4].count += std::uint64_t{1} << 63;
  }));
}

// Fourth powers are beyond the range, third ones are not.
TEST(PlausibleJoint, bounds_the_third_moment_where_the_fourth_overflows) {
  const Joint joint({"1e80*x", "x~normal(0,1)"});
  const tally::Node node{1, 1};
  tally::Tally tally = node_tally(joint.pass, node);
  ASSERT_TRUE(std::isnan(tally.shapes[0].higher.m4));
  ASSERT_TRUE(std::isfinite(tally.shapes[0].higher.m3));
  EXPECT_TRUE(plausible(joint.pass, node, 0, tally));
  const tally::Moments& m = tally.quantity(0);
  tally.shapes[0].higher.m3 = 1.001 * m.m2 * (m.maximum - m.minimum);
  EXPECT_FALSE(plausible(joint.pass, node, 0, tally));
  tally.shapes[0].higher.m3 = kNaN;
  EXPECT_FALSE(plausible(joint.pass, node, 0, tally));
}

// Of no finite value everything is 0 and empty.
TEST(PlausibleJoint, refuses_moments_and_bins_of_no_value) {
  const Joint joint({"log(x-2)", "x~uniform(0,1)"});
  const tally::Node node{1, 1};
  const tally::Tally tally = node_tally(joint.pass, node);
  ASSERT_EQ(tally.strata.front().moments.count, 0u);
  const auto accepts_with = [&](auto change) {
    tally::Tally changed = tally;
    change(changed);
    return plausible(joint.pass, node, 0, changed);
  };
  ASSERT_TRUE(accepts_with([](auto&) {}));
  EXPECT_FALSE(accepts_with([](auto& t) { t.shapes[0].higher.m3 = 1e-310; }));
  EXPECT_FALSE(accepts_with([](auto& t) { t.shapes[0].higher.m4 = kNaN; }));
  EXPECT_FALSE(accepts_with([](auto& t) { t.co_moments[0].value = 1; }));
  EXPECT_FALSE(accepts_with([](auto& t) { t.others[0].mean = 1; }));
  EXPECT_FALSE(accepts_with([](auto& t) { t.shapes[0].bins = {{5, 0}}; }));
  EXPECT_FALSE(accepts_with([](auto& t) { t.shapes[0].bins = {{5, 1}}; }));
}

TEST_P(Plausible, judges_a_prefix_by_its_number_of_samples) {
  const std::uint64_t samples = GetParam() ? end_sample_ : 5000;
  const tally::Tally prefix = tally_of(pass_, samples);
  EXPECT_TRUE(plausible_prefix(pass_, samples, prefix));
  EXPECT_FALSE(plausible_prefix(pass_, samples + 1, prefix));
  EXPECT_FALSE(plausible_prefix(pass_, samples - 1, prefix));
  EXPECT_FALSE(plausible_prefix(pass_, 0, prefix));
  EXPECT_FALSE(plausible_prefix(pass_, kMaxSamples + 1, prefix));
  EXPECT_FALSE(plausible_prefix(pass_, samples, {}));
}

}  // namespace
}  // namespace oche::sampling
