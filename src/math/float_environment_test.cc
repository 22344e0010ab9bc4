#include "math/float_environment.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <limits>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace oche::math {
namespace {

TEST(FloatEnvironment, is_standard_after_it_was_set) {
  set_float_environment();
  EXPECT_TRUE(float_environment_is_standard());
}

TEST(FloatEnvironment, another_rounding_mode_is_noticed_and_repaired) {
  set_float_environment();
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    EXPECT_FALSE(float_environment_is_standard());
    set_float_environment();
    EXPECT_TRUE(float_environment_is_standard());
    volatile double one = 1.0, small = 0x1p-54;
    EXPECT_EQ(one + small, 1.0);
    EXPECT_EQ(one - small, 1.0);
  }
}

#if defined(__x86_64__)
TEST(FloatEnvironment, flushed_denormals_are_noticed_and_repaired) {
  set_float_environment();
  volatile double smallest = std::numeric_limits<double>::min();
  for (const unsigned bit : {1U << 15, 1U << 6}) {
    _mm_setcsr(_mm_getcsr() | bit);
    EXPECT_FALSE(float_environment_is_standard());
    set_float_environment();
    EXPECT_TRUE(float_environment_is_standard());
    EXPECT_GT(smallest / 2, 0.0);
  }
}

TEST(FloatEnvironment, of_a_caller_comes_back) {
  for (const unsigned bits : {1U << 15, 1U << 6, 3U << 13}) {
    set_float_environment();
    _mm_setcsr(_mm_getcsr() | bits);
    const unsigned before = _mm_getcsr();
    {
      const StandardFloatEnvironment standard;
      EXPECT_TRUE(float_environment_is_standard());
    }
    EXPECT_EQ(_mm_getcsr(), before);
  }
  set_float_environment();
}
#endif

}  // namespace
}  // namespace oche::math
