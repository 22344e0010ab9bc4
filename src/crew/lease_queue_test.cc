#include "crew/lease_queue.h"

#include <gtest/gtest.h>

namespace oche::crew {
namespace {

Work lease(std::uint64_t id) { return {{job::LeaseId{id}, 0, {}, 0}, nullptr, nullptr, nullptr}; }

TEST(LeaseQueue, gives_what_was_pushed_in_its_order) {
  LeaseQueue queue(2);
  EXPECT_EQ(queue.push(lease(7)), Pushed::queued);
  EXPECT_EQ(queue.push(lease(3)), Pushed::queued);
  EXPECT_EQ(queue.pop()->lease.id, job::LeaseId{7});
  EXPECT_EQ(queue.pop()->lease.id, job::LeaseId{3});
}

TEST(LeaseQueue, takes_no_more_than_may_wait) {
  LeaseQueue queue(2);
  EXPECT_EQ(queue.push(lease(1)), Pushed::queued);
  EXPECT_EQ(queue.push(lease(2)), Pushed::queued);
  EXPECT_EQ(queue.push(lease(3)), Pushed::full);
  // What is being computed doesn't wait.
  EXPECT_TRUE(queue.pop());
  EXPECT_EQ(queue.push(lease(3)), Pushed::queued);
}

TEST(LeaseQueue, takes_a_lease_once_while_it_waits_or_is_computed) {
  LeaseQueue queue(2);
  EXPECT_EQ(queue.push(lease(1)), Pushed::queued);
  EXPECT_EQ(queue.push(lease(1)), Pushed::known);
  const auto running = queue.pop();
  EXPECT_EQ(queue.push(lease(1)), Pushed::known);
  queue.done(*running);
  EXPECT_EQ(queue.push(lease(1)), Pushed::queued);
}

TEST(LeaseQueue, takes_a_lease_of_a_new_session_while_one_of_the_old_is_being_given_up) {
  LeaseQueue queue(2);
  EXPECT_EQ(queue.push(lease(1)), Pushed::queued);
  const auto running = queue.pop();
  queue.clear();
  EXPECT_TRUE(*running->cancelled);
  EXPECT_EQ(queue.push(lease(1)), Pushed::queued);
  queue.done(*running);
  EXPECT_EQ(queue.pop()->lease.id, job::LeaseId{1});
}

}  // namespace
}  // namespace oche::crew
