#include "crew/thread_crew.h"

#include <stdexcept>

#include "crew/lease_queue.h"

namespace oche::crew {
namespace {

// Computing between two visits to the manager's lock: long enough that the lock costs nothing,
// short enough that the end of a run is not waited for.
constexpr Duration kLeaseTarget = std::chrono::milliseconds(40);

}  // namespace

class ThreadCrew::Member final : public WorkerSink {
 public:
  Member(Manager& manager, std::string name) : manager_(manager), name_(std::move(name)) {
    thread_ = std::thread([this] { run_safely(); });
  }
  ~Member() override {
    queue_.close();
    thread_.join();
  }

  void begin_pass(std::shared_ptr<const sampling::PassContext> pass) override {
    pass_ = std::move(pass);
  }
  void grant(const job::Lease& lease) override { queue_.push({lease, pass_, nullptr, nullptr}); }
  void withdraw(job::LeaseId lease) override { queue_.withdraw(lease); }

 private:
  void run_safely() {
    try {
      run();
    } catch (...) {
      manager_.fail(std::current_exception());
    }
  }

  void run() {
    const job::WorkerId id = manager_.join(name_, 1, kLeaseTarget, *this);
    sampling::Workspace workspace;
    while (const std::optional<Work> work = queue_.pop()) {
      Computed computed = compute(*work, workspace);
      queue_.done(*work);
      if (computed.tally.strata.empty()) continue;
      const job::Verdict verdict =
          manager_.complete(id, work->lease.id, work->lease.pass, work->lease.node,
                            std::move(computed.tally), computed.computing);
      // Of our own thread: waiting for better ones would be for ever.
      if (verdict == job::Verdict::rejected && !manager_.finished()) {
        throw std::logic_error(
            "the result of a thread is impossible; this is a defect of oche, "
            "please report it");
      }
    }
    manager_.leave(id, "the run is over");
  }

  Manager& manager_;
  std::string name_;
  std::shared_ptr<const sampling::PassContext> pass_;  // under the manager's lock
  LeaseQueue queue_;
  std::thread thread_;
};

ThreadCrew::ThreadCrew(Manager& manager, unsigned threads) {
  for (unsigned i = 1; i <= threads; ++i) {
    members_.push_back(std::make_unique<Member>(manager, "thread " + std::to_string(i)));
  }
}

ThreadCrew::~ThreadCrew() = default;

}  // namespace oche::crew
