// From a job as a user states it to one that is checked.
#ifndef OCHE_JOB_ORDER_H_
#define OCHE_JOB_ORDER_H_

#include <cstddef>
#include <memory>

#include "job/distribution.h"
#include "job/job.h"
#include "job/stop_rule.h"
#include "oche/job.h"

namespace oche::job {

// A checked job with its stop rule. Without target and caps it is --rel-error 1e-3, at most 10 s.
struct Order {
  std::shared_ptr<const Job> job;
  StopRule rule;
  Show show;
};

inline constexpr std::size_t kMostQuantiles = 1000;
inline constexpr unsigned kMostBars = 100000;

// Throws Error (usage) naming every option that makes no sense.
Order make_order(const oche::Job& job);
// The rule alone, and without one that nobody asked for. Throws Error (usage).
StopRule make_rule(const oche::Job& job);

}  // namespace oche::job

#endif  // OCHE_JOB_ORDER_H_
