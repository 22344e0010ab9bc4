#include "sampling/pilot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "formula/oracle.h"
#include "random/stream.h"
#include "sampling/whole_pass_test.h"

namespace oche::sampling {
namespace {

constexpr std::size_t kBlock = integrand::kBlock;

// The finite values of the first output in the pilot's samples, one by one, sorted.
std::vector<double> pilot_values(const integrand::Expression& f, std::uint64_t seed) {
  std::vector<double> values;
  constexpr std::size_t kStride = 8;
  Workspace workspace;
  double* const uniforms = workspace.doubles(f.dimensions() * kStride);
  std::vector<double> u(f.dimensions());
  for (std::uint64_t i = 0; i < kBlock; ++i) {
    random::fill_uniforms({seed, 0, random::Domain::pilot}, i, 1, 0, f.dimensions(), uniforms,
                          kStride);
    for (std::size_t d = 0; d < u.size(); ++d) u[d] = uniforms[d * kStride];
    const double v = formula::evaluate(f.program(), u)[0];
    if (std::isfinite(v)) values.push_back(v);
  }
  std::ranges::sort(values);
  return values;
}

// The value at the share of the way from the first to the last, rounded down.
double at(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

TEST(Pilot, centres_are_lower_medians_of_the_finite_values) {
  for (const std::string text : {"exp(x)", "x^3", "if(x>1,1/(y-y),x*y)", "if(x<0.5,log(x),-2)"}) {
    const auto f = expression_of({text, "x~normal(0,1)", "y~uniform(1,2)"});
    for (const std::uint64_t seed : {1u, 2u}) {
      const Pilot pilot = pilot_of(*f, seed);
      ASSERT_EQ(pilot.centres.size(), 1u);
      EXPECT_EQ(pilot.centres[0], at(pilot_values(*f, seed), 0.5)) << text;
      EXPECT_TRUE(pilot.origins.empty()) << "no shape is measured";
    }
  }
}

TEST(Pilot, has_a_centre_for_each_quantity_and_an_origin_for_each_output) {
  const auto f = expression_of({"100+x*y; x", "x~normal(3,1)", "y~uniform(1,2)"},
                               integrand::Wanted::distribution);
  const Pilot pilot = pilot_of(*f, 1);
  ASSERT_EQ(pilot.centres.size(), 4u);
  EXPECT_EQ(pilot.origins.size(), 2u);
  EXPECT_EQ(pilot.centres[1], pilot.centres[2]) << "the second output is the first input";
  // Medians of 512 values are within five of their errors, 1.25/sqrt(512) and 0.5/sqrt(512).
  EXPECT_NEAR(pilot.centres[2], 3, 0.28);
  EXPECT_NEAR(pilot.centres[3], 1.5, 0.12);
}

// Means around where the decision turns.
TEST(Pilot, moves_the_origin_where_the_spread_is_below_a_quarter_of_the_median) {
  int moved = 0;
  int stayed = 0;
  for (int tenths = -60; tenths <= 60; ++tenths) {
    const auto f = expression_of({std::to_string(tenths) + "/10+x", "x~normal(0,1)"},
                                 integrand::Wanted::distribution);
    const std::vector<double> values = pilot_values(*f, 7);
    const double spread = (at(values, 0.84) - at(values, 0.16)) / 2;
    const double median = at(values, 0.5);
    const double expected = spread < 0.25 * std::fabs(median) ? median : 0;
    EXPECT_EQ(pilot_of(*f, 7).origins.at(0), expected) << tenths;
    ++(expected == 0 ? stayed : moved);
  }
  EXPECT_GT(moved, 20);
  EXPECT_GT(stayed, 20);
}

TEST(Pilot, of_one_value_has_it_as_centre_and_origin) {
  for (const char* const value : {"3", "-1e-300", "1.7e308"}) {
    const auto f = expression_of({std::string("if(x<2,") + value + ",x)", "x~uniform(0,1)"},
                                 integrand::Wanted::distribution);
    const Pilot pilot = pilot_of(*f, 1);
    EXPECT_EQ(pilot.centres[0], std::stod(value));
    EXPECT_EQ(pilot.origins[0], std::stod(value));
  }
}

TEST(Pilot, of_no_finite_value_or_of_minus_zero_is_zero) {
  for (const std::string text : {"log(x-2)", "-(x-x)", "-floor(x)"}) {
    const auto f = expression_of({text, "x~uniform(0,1)"}, integrand::Wanted::distribution);
    const Pilot pilot = pilot_of(*f, 1);
    EXPECT_EQ(pilot.centres[0], 0);
    EXPECT_FALSE(std::signbit(pilot.centres[0])) << text;
    EXPECT_FALSE(std::signbit(pilot.origins[0])) << text;
  }
}

}  // namespace
}  // namespace oche::sampling
