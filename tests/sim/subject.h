// The dispatcher as the simulator sees it. A planted bug is a Subject that does one thing wrong.
#ifndef OCHE_SIM_SUBJECT_H_
#define OCHE_SIM_SUBJECT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "job/dispatcher.h"

namespace oche::sim {

class Subject {
 public:
  Subject(std::shared_ptr<const job::Job> job, const job::StopRule& rule,
          const job::DispatcherOptions& options)
      : real_(std::move(job), rule, options) {}
  virtual ~Subject() = default;

  virtual job::WorkerId join(const std::string& name, unsigned depth, Duration lease_target,
                             Instant now, job::Actions& out, job::ProcessId process) {
    return real_.join(name, depth, lease_target, now, out, process);
  }
  virtual void leave(job::WorkerId worker, Instant now, job::Actions& out, job::Departure why) {
    real_.leave(worker, now, out, why);
  }
  virtual job::Verdict complete(job::WorkerId worker, job::LeaseId lease, std::uint32_t pass,
                                tally::Node node, tally::Tally tally, Duration computing,
                                Instant now, job::Actions& out) {
    return real_.complete(worker, lease, pass, node, std::move(tally), computing, now, out);
  }
  virtual void offer(job::WorkerId worker, std::uint32_t pass, tally::Node node,
                     job::Actions& out) {
    real_.offer(worker, pass, node, out);
  }
  virtual void tick(Instant now, job::Actions& out) { real_.tick(now, out); }
  virtual void interrupt(Instant now, job::Actions& out) { real_.interrupt(now, out); }
  virtual std::vector<job::CrewMember> crew() const { return real_.crew(); }
  virtual std::vector<sampling::PassResult> answer() const { return real_.answer(); }

  const std::vector<sampling::PassResult>& real_answer() const { return real_.answer(); }
  std::optional<Instant> next_tick() const { return real_.next_tick(); }
  bool has_suspects() const { return real_.has_suspects(); }
  bool finished() const { return real_.finished(); }
  std::optional<job::StopReason> reason() const { return real_.reason(); }
  std::uint64_t samples_done() const { return real_.samples_done(); }
  std::optional<Instant> begun() const { return real_.begun(); }
  std::size_t leases_out() const { return real_.leases_out(); }
  std::size_t nodes_held() const { return real_.nodes_held(); }

 protected:
  job::Dispatcher real_;
};

}  // namespace oche::sim

#endif  // OCHE_SIM_SUBJECT_H_
