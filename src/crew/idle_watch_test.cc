#include "crew/idle_watch.h"

#include <gtest/gtest.h>

namespace oche::crew {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// A computer whose others use so many cores, looked at every second.
class Scene {
 public:
  explicit Scene(Duration idle_after = seconds(60)) : watch_(0.3, idle_after) {}

  void pass(int n, double cores, std::optional<Duration> since_input = std::nullopt) {
    for (int i = 0; i < n; ++i) {
      now_ += seconds(1);
      used_ += cores;
      watch_.see({used_, since_input}, now_);
    }
  }
  bool idle() const { return watch_.idle(); }
  double others() const { return watch_.others(); }

 private:
  IdleWatch watch_;
  Instant now_{};
  double used_ = 1e6;
};

TEST(IdleWatch, is_idle_when_others_have_used_little_for_long_enough) {
  Scene scene;
  scene.pass(60, 0.1);
  EXPECT_FALSE(scene.idle());
  scene.pass(1, 0.1);
  EXPECT_TRUE(scene.idle());
  EXPECT_NEAR(scene.others(), 0.1, 1e-6);
}

TEST(IdleWatch, sees_use_at_once_and_forgets_it_after_the_whole_time) {
  Scene scene;
  scene.pass(61, 0.0);
  ASSERT_TRUE(scene.idle());
  scene.pass(1, 1.0);
  EXPECT_TRUE(scene.idle()) << "a fifth of a core over five seconds";
  scene.pass(1, 1.0);
  EXPECT_FALSE(scene.idle());
  EXPECT_NEAR(scene.others(), 0.4, 1e-6);
  scene.pass(3, 1.0);
  EXPECT_NEAR(scene.others(), 1.0, 1e-6);
  // Four seconds until the window has but a fifth of a core, and then the whole time.
  scene.pass(4, 0.0);
  EXPECT_NEAR(scene.others(), 0.2, 1e-6);
  scene.pass(59, 0.0);
  EXPECT_FALSE(scene.idle());
  scene.pass(1, 0.0);
  EXPECT_TRUE(scene.idle());
}

TEST(IdleWatch, sees_who_types) {
  Scene scene;
  scene.pass(61, 0.0, hours(1));
  ASSERT_TRUE(scene.idle());
  scene.pass(1, 0.0, seconds(0));
  EXPECT_FALSE(scene.idle());
  scene.pass(100, 0.0, seconds(59));
  EXPECT_FALSE(scene.idle());
  scene.pass(61, 0.0, seconds(61));
  EXPECT_TRUE(scene.idle());
}

TEST(IdleWatch, looks_at_this_computer) {
  const auto before = look_at_others();
  ASSERT_TRUE(before);
  EXPECT_GT(before->core_seconds, 0.0);
  // What this process computes isn't the others'. In ticks of a hundredth of a second.
  double own = 0;
  while (own < 2e6) own += 1.0;
  const auto after = look_at_others();
  ASSERT_TRUE(after);
  EXPECT_GE(after->core_seconds, before->core_seconds - 0.05);
}

}  // namespace
}  // namespace oche::crew
