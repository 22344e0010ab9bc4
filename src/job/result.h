// From the end of a run to what its user is told.
#ifndef OCHE_JOB_RESULT_H_
#define OCHE_JOB_RESULT_H_

#include "job/dispatcher.h"
#include "job/order.h"
#include "oche/result.h"

namespace oche::job {

// The result of a finished dispatcher, but for `seconds`.
oche::Result make_result(const Dispatcher& dispatcher, const StopRule& rule, const Show& show);

}  // namespace oche::job

#endif  // OCHE_JOB_RESULT_H_
