// A run on this computer's cores, and on workers that connect, from wherever it stands to its end.
#ifndef OCHE_CREW_RUN_TO_END_H_
#define OCHE_CREW_RUN_TO_END_H_

#include "job/checkpoint_file.h"
#include "job/result.h"
#include "oche/run.h"

namespace oche::crew {

// Where there is a file, all of it is kept there: what was computed before the last second at any
// time, the end when this returns. options.checkpoint isn't looked at. Throws as oche::run().
job::Answer run_to_end(job::RunRecord run, const RunOptions& options, job::CheckpointFile* file);

}  // namespace oche::crew

#endif  // OCHE_CREW_RUN_TO_END_H_
