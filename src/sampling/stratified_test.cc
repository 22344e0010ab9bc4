#include "sampling/stratified.h"

#include <gtest/gtest.h>

#include <numeric>

#include "sampling/whole_pass_test.h"

namespace oche::sampling {
namespace {

std::uint64_t sum(const std::vector<std::uint64_t>& parts) {
  return std::accumulate(parts.begin(), parts.end(), std::uint64_t{0});
}

// A root tally in which stratum h showed the standard deviation spread[h].
tally::Tally root_with(const std::vector<double>& spread) {
  tally::Tally root;
  for (std::uint32_t h = 0; h < spread.size(); ++h) {
    tally::Moments m;
    m.count = 16;
    m.m2 = spread[h] * spread[h] * 15;
    m.minimum = -1;
    m.maximum = 1;
    root.strata.push_back({h, m});
  }
  return root;
}

TEST(FirstPlan, of_plain_has_no_strata_and_no_end) {
  const Plan plan = first_plan(Method::plain, 5);
  EXPECT_FALSE(plan.stratified());
  EXPECT_EQ(plan.samples(), 0u);
  EXPECT_EQ(plan.pass, 0u);
}

TEST(FirstPlan, cuts_dimensions_in_turn) {
  EXPECT_EQ(first_plan(Method::stratified, 1).log2_cells, (std::vector<std::uint8_t>{10}));
  EXPECT_EQ(first_plan(Method::stratified, 3).log2_cells, (std::vector<std::uint8_t>{4, 3, 3}));
  EXPECT_EQ(first_plan(Method::stratified, 50).log2_cells, std::vector<std::uint8_t>(10, 1));
  for (std::uint32_t d : {1u, 2u, 3u, 7u, 10u, 50u}) {
    const Plan plan = first_plan(Method::stratified, d);
    EXPECT_EQ(plan.allocation, std::vector<std::uint64_t>(1024, kPilotSamplesPerStratum));
    EXPECT_TRUE(Plan::from_bytes(plan.bytes(), d));
  }
  EXPECT_EQ(first_plan(Method::stratified, 0).allocation.size(), 1u);
}

// J. Neyman (1934): n_h proportional to s_h, beside the defensive share.
TEST(NextPlan, allots_in_proportion_to_the_spread) {
  const Plan pilot = first_plan(Method::stratified, 2);
  std::vector<double> spread(1024, 1.0);
  for (std::size_t h = 0; h < 512; ++h) spread[h] = 3.0;
  spread[1023] = 0.0;
  const Plan plan = next_plan(pilot, root_with(spread), 0, false).value();
  EXPECT_EQ(plan.pass, 1u);
  EXPECT_EQ(plan.log2_cells, pilot.log2_cells);
  EXPECT_EQ(plan.samples(), std::uint64_t{1} << 17);
  // Every stratum has a half of 2^17 / 2^10 = 128, that is 64; the other 64 of each are divided by
  // 3 : 1 : 0, total weight 3 * 512 + 511.
  const double unit = 64.0 * 1024 / (3 * 512 + 511);
  for (std::size_t h = 0; h < 512; ++h)
    EXPECT_NEAR(static_cast<double>(plan.allocation[h]), 64 + 3 * unit, 1);
  for (std::size_t h = 512; h < 1023; ++h)
    EXPECT_NEAR(static_cast<double>(plan.allocation[h]), 64 + unit, 1);
  EXPECT_NEAR(static_cast<double>(plan.allocation[1023]), 64, 1);
}

TEST(NextPlan, divides_evenly_when_there_is_nothing_to_go_by) {
  const Plan pilot = first_plan(Method::stratified, 2);
  for (const double s : {0.0, 5.0}) {
    const Plan plan = next_plan(pilot, root_with(std::vector<double>(1024, s)), 0, false).value();
    EXPECT_EQ(plan.allocation, std::vector<std::uint64_t>(1024, 128)) << s;
  }
  // The spread of values of 1e200 overflows.
  tally::Tally root = root_with(std::vector<double>(1024, 1.0));
  root.strata[5].moments.m2 = std::numeric_limits<double>::infinity();
  EXPECT_EQ(next_plan(pilot, root, 0, false)->allocation, std::vector<std::uint64_t>(1024, 128));
}

TEST(NextPlan, doubles_from_pass_to_pass) {
  Plan plan = first_plan(Method::stratified, 1);
  const tally::Tally root = root_with(std::vector<double>(1024, 1.0));
  for (std::uint32_t pass = 1; pass <= 31; ++pass) {
    plan = next_plan(plan, root, 0, false).value();
    EXPECT_EQ(plan.pass, pass);
    EXPECT_EQ(plan.samples(), std::uint64_t{1} << (16 + pass));
  }
}

// Whatever --samples says, the passes end with exactly so many, and no pass is too small to have
// two samples in each stratum.
TEST(NextPlan, uses_up_any_number_of_samples_exactly) {
  std::vector<double> spread(1024);
  for (std::size_t h = 0; h < spread.size(); ++h) spread[h] = 1.0 / static_cast<double>(1 + h * h);
  const tally::Tally root = root_with(spread);
  const std::uint64_t least = least_samples(Method::stratified, 3);
  std::vector<std::uint64_t> totals = {least,          least + 1, 16384 + 131072,
                                       16384 + 131073, 1000000,   12345678};
  for (std::uint64_t i = 0; i < 40; ++i) totals.push_back(least + i * i * 2111);
  // Around where the next pass would have too few.
  for (std::uint64_t extra = 4094; extra < 4100; ++extra) totals.push_back(16384 + 131072 + extra);
  for (const std::uint64_t total : totals) {
    Plan plan = first_plan(Method::stratified, 3);
    std::uint64_t drawn = plan.samples();
    while (const auto next = next_plan(plan, root, total - drawn, true)) {
      plan = *next;
      drawn += plan.samples();
      ASSERT_EQ(sum(plan.allocation), plan.samples());
      ASSERT_LE(drawn, total);
      for (const std::uint64_t n : plan.allocation) ASSERT_GE(n, 2u) << total;
    }
    EXPECT_EQ(drawn, total);
  }
}

TEST(NextPlan, of_plain_does_not_exist) {
  EXPECT_FALSE(next_plan(first_plan(Method::plain, 2), {}, 0, false));
}

TEST(Stratified, puts_the_samples_of_each_stratum_into_its_box) {
  const auto f = expression_of({"x+2*y", "x=0..1", "y=0..1"});
  Plan plan;
  plan.pass = 1;
  plan.log2_cells = {1, 2};
  plan.allocation = {300, 2, 0, 999, 1, 512, 700, 33};
  const PassContext pass(*f, 5, 256, plan);
  const tally::Tally tally = tally_of(pass, plan.samples());
  ASSERT_EQ(tally.strata.size(), 7u);  // all but the empty one
  for (const tally::StratumMoments& s : tally.strata) {
    EXPECT_EQ(s.moments.count, plan.allocation[s.stratum]);
    // Stratum s: bit 0 is the half of x, bits 1 and 2 the quarter of y.
    const double x = 0.5 * (s.stratum & 1);
    const double y = 0.25 * (s.stratum >> 1);
    EXPECT_GE(s.moments.minimum, x + 2 * y);
    EXPECT_LE(s.moments.maximum, x + 0.5 + 2 * (y + 0.25));
    // Uniform in the box: variance (1/2)^2/12 + (2/4)^2/12 = 1/24, five errors of the mean.
    const double n = static_cast<double>(s.moments.count);
    EXPECT_NEAR(s.moments.mean, x + 0.25 + 2 * (y + 0.125), 5 * std::sqrt(1.0 / 24 / n));
  }
}

TEST(Stratified, keeps_every_coordinate_inside_its_box) {
  const auto f = expression_of({"x", "x=0..1"});
  const Plan plan = first_plan(Method::stratified, 1);
  const PassContext pass(*f, 1, 256, plan);
  for (std::uint64_t i = 0; i < plan.samples(); ++i) {
    const double u = uniforms_at(pass, i).at(0);
    const std::uint64_t stratum = i / kPilotSamplesPerStratum;
    const double h = static_cast<double>(stratum);
    ASSERT_GE(u, h / 1024);
    ASSERT_LE(u, (h + 1) / 1024);
    ASSERT_GT(u, 0.0);
    ASSERT_LT(u, 1.0);
  }
}

// Theory: for f = x on one dimension with 1024 strata, the variance falls by 1024^2 (Cochran,
// section 5.6, with s_h = s/1024 in each). The pilot doesn't count.
TEST(Stratified, has_the_gain_of_theory) {
  const auto f = expression_of({"x", "x=0..1"});
  const Estimate e = stratified_estimate(*f, 1, 3);
  EXPECT_EQ(e.samples, 16384u + 131072u);
  const double plain = std::sqrt(1.0 / 12 / 131072);
  EXPECT_NEAR(e.standard_error / (plain / 1024), 1, 0.05);
  EXPECT_NEAR(e.value, 0.5, 5 * e.standard_error);
}

}  // namespace
}  // namespace oche::sampling
