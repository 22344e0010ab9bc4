// From the end of a run to what its user is told.
#ifndef OCHE_JOB_RESULT_H_
#define OCHE_JOB_RESULT_H_

#include "job/dispatcher.h"
#include "oche/job.h"
#include "oche/result.h"

namespace oche::job {

// A checked job with its stop rule. Without target and caps it is --rel-error 1e-3, at most 10 s.
struct Order {
  std::shared_ptr<const Job> job;
  StopRule rule;
};
// Throws Error (usage) naming every option that makes no sense.
Order make_order(const oche::Job& job);

// The result of a finished dispatcher, but for `seconds`.
oche::Result make_result(const Dispatcher& dispatcher, const StopRule& rule);

}  // namespace oche::job

#endif  // OCHE_JOB_RESULT_H_
