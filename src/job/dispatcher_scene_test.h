// A dispatcher on a stage, for tests: with a clock that stands still unless it is moved.
#ifndef OCHE_JOB_DISPATCHER_SCENE_TEST_H_
#define OCHE_JOB_DISPATCHER_SCENE_TEST_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "job/dispatcher.h"
#include "job/whole_run_test.h"

namespace oche::job {

using sampling::Method;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr Duration kLeaseTarget = milliseconds(10);

inline std::shared_ptr<const Job> pi(Method method = Method::plain) {
  return Job::from_arguments({"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"}, method, 1);
}

template <class T>
std::vector<T> all_of(const Actions& actions) {
  std::vector<T> list;
  for (const Action& action : actions) {
    if (const auto* one = std::get_if<T>(&action)) list.push_back(*one);
  }
  return list;
}

// A dispatcher with a clock, that computes what it is told to.
class Scene {
 public:
  explicit Scene(const StopRule& rule, Method method = Method::plain,
                 DispatcherOptions options = {})
      : dispatcher(pi(method), rule, options) {}

  WorkerId join(const std::string& name, unsigned depth = 1) {
    return dispatcher.join(name, depth, kLeaseTarget, now, take());
  }
  void leave(WorkerId worker) { dispatcher.leave(worker, now, take()); }
  void offer(WorkerId worker, std::uint32_t pass, tally::Node node) {
    dispatcher.offer(worker, pass, node, take());
  }
  void tick() { dispatcher.tick(now, take()); }

  Verdict complete(WorkerId worker, const Lease& lease, tally::Tally tally) {
    return dispatcher.complete(worker, lease.id, lease.pass, lease.node, std::move(tally),
                               milliseconds(1), now, take());
  }
  Verdict complete(WorkerId worker, const Lease& lease) {
    return complete(worker, lease, right(lease));
  }

  tally::Tally right(const Lease& lease) { return computed(*pass_of(lease.pass), lease); }

  std::vector<Grant> grants() const { return all_of<Grant>(actions); }
  Lease only_lease() const {
    EXPECT_EQ(grants().size(), 1u);
    return grants().empty() ? Lease{} : grants().front().lease;
  }

  // Everything else is done by this worker, which has what `actions` holds.
  void finish_with(WorkerId worker) {
    while (!dispatcher.finished()) {
      const std::vector<Grant> mine = grants();
      ASSERT_FALSE(mine.empty());
      Actions later;
      for (const Grant& grant : mine) {
        ASSERT_EQ(grant.worker, worker);
        complete(worker, grant.lease);
        later.insert(later.end(), actions.begin(), actions.end());
      }
      actions = later;
    }
  }

  Dispatcher dispatcher;
  Instant now{};
  Actions actions;  // of the last event

 private:
  Actions& take() {
    remember_passes();
    actions.clear();
    return actions;
  }
  void remember_passes() {
    for (const BeginPass& begin : all_of<BeginPass>(actions)) passes_.push_back(begin.pass);
  }
  std::shared_ptr<const sampling::PassContext> pass_of(std::uint32_t pass) {
    remember_passes();
    for (const auto& context : passes_) {
      if (context->plan.pass == pass) return context;
    }
    ADD_FAILURE() << "no plan of pass " << pass << " was told";
    return nullptr;
  }
  std::vector<std::shared_ptr<const sampling::PassContext>> passes_;
};

inline CrewMember member(const Scene& scene, const std::string& name) {
  for (const CrewMember& m : scene.dispatcher.crew()) {
    if (m.name == name) return m;
  }
  ADD_FAILURE() << "no " << name;
  return {};
}

}  // namespace oche::job

#endif  // OCHE_JOB_DISPATCHER_SCENE_TEST_H_
