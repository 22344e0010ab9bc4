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

TEST(LeaseQueue, goes_on_with_what_is_computed_when_its_session_has_ended) {
  LeaseQueue queue(2);
  EXPECT_EQ(queue.push(lease(1)), Pushed::queued);
  EXPECT_EQ(queue.push(lease(2)), Pushed::queued);
  const auto running = queue.pop();
  EXPECT_EQ(running->session, queue.session());
  queue.end_session();
  EXPECT_NE(running->session, queue.session());
  EXPECT_FALSE(*running->cancelled);
  // The identities begin anew, and what waited is gone.
  EXPECT_EQ(queue.push(lease(1)), Pushed::queued);
  queue.withdraw(job::LeaseId{1});
  EXPECT_FALSE(*running->cancelled) << "that was the new one";
  EXPECT_EQ(queue.push(lease(3)), Pushed::queued);
  EXPECT_EQ(queue.pop()->lease.id, job::LeaseId{3});
}

TEST(LeaseQueue, cancels_what_is_left_of_earlier_sessions) {
  LeaseQueue queue(2);
  EXPECT_EQ(queue.push(lease(1)), Pushed::queued);
  const auto old = queue.pop();
  queue.end_session();
  EXPECT_EQ(queue.push(lease(1)), Pushed::queued);
  const auto current = queue.pop();
  queue.cancel_earlier_sessions();
  EXPECT_TRUE(*old->cancelled);
  EXPECT_FALSE(*current->cancelled);
}

}  // namespace
}  // namespace oche::crew
