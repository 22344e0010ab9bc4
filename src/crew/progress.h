// How a run stands, for people.
#ifndef OCHE_CREW_PROGRESS_H_
#define OCHE_CREW_PROGRESS_H_

#include "job/dispatcher.h"
#include "oche/run.h"

namespace oche::crew {

Progress progress_of(const job::Dispatcher& dispatcher, const job::StopRule& rule, Instant now);

}  // namespace oche::crew

#endif  // OCHE_CREW_PROGRESS_H_
