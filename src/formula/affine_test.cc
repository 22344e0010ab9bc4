#include "formula/affine.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace oche::formula {
namespace {

Affine whole(double n) { return {n, {}}; }

TEST(Affine, adds_and_multiplies_term_by_term) {
  const Affine a{1, {{0, 2}, {2, 3}}};
  const Affine b{4, {{1, 5}, {2, -3}}};
  EXPECT_EQ(a + b, (Affine{5, {{0, 2}, {1, 5}}}));
  EXPECT_EQ(a * -2.0, (Affine{-2, {{0, -4}, {2, -6}}}));
  EXPECT_EQ(a * 0.0, whole(0));
  EXPECT_EQ(a / 2.0, (Affine{0.5, {{0, 1}, {2, 1.5}}}));
  EXPECT_EQ(evaluate(a, std::vector{10.0, 100.0, 1000.0}), 3021);
}

TEST(Affine, is_whole_if_all_its_numbers_are) {
  EXPECT_TRUE(is_whole({-3, {{0, 2}}}));
  EXPECT_FALSE(is_whole({0.5, {{0, 2}}}));
  EXPECT_FALSE(is_whole({1, {{0, 0.5}}}));
  EXPECT_FALSE(is_whole(whole(std::numeric_limits<double>::quiet_NaN())));
}

// Against all iterations of i = 1..4, j = i..2i, k = j-i..5.
TEST(Affine, extent_covers_all_iterations_of_loops_that_depend_on_each_other) {
  const std::vector<Loop> loops = {{0, 0, whole(1), whole(4), 4},
                                   {0, 0, {0, {{0, 1}}}, {0, {{0, 2}}}, 5},
                                   {0, 0, {0, {{0, -1}, {1, 1}}}, whole(5), 6}};
  for (const Affine& a : {Affine{0, {{0, 1}}}, Affine{1, {{0, 1}, {1, -2}}},
                          Affine{-7, {{0, -1}, {1, 1}, {2, 3}}}, Affine{2, {{2, -1}}}}) {
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (double i = 1; i <= 4; ++i) {
      for (double j = i; j <= 2 * i; ++j) {
        for (double k = j - i; k <= 5; ++k) {
          const double value = evaluate(a, std::vector{i, j, k});
          least = std::min(least, value);
          most = std::max(most, value);
        }
      }
    }
    EXPECT_EQ(extent(a, loops).least, least);
    EXPECT_EQ(extent(a, loops).most, most);
  }
}

TEST(Affine, extent_of_no_iteration_is_crossed) {
  const std::vector<Loop> loops = {{0, 0, whole(1), whole(0), 0}};
  const Extent reach = extent({0, {{0, 1}}}, loops);
  EXPECT_GT(reach.least, reach.most);
}

}  // namespace
}  // namespace oche::formula
