// The file in which a run is kept, so that it survives its computer: the job, when it stops, and
// the nodes of the tree that are done (docs/CHECKPOINT.md). An SQLite database; each of its rows
// has a SHA-256 of what it says and of whose it is, so that a damaged row is never taken for a
// result.
#ifndef OCHE_JOB_CHECKPOINT_FILE_H_
#define OCHE_JOB_CHECKPOINT_FILE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "job/dispatcher.h"
#include "job/job.h"
#include "job/standing.h"
#include "job/stop_rule.h"

namespace oche::job {

// The number of the layout below, of which the file keeps a copy.
inline constexpr std::uint32_t kCheckpointFormat = 1;

// What a file holds.
struct RunRecord {
  std::shared_ptr<const Job> job;
  StopRule rule;
  std::optional<ChunkRange> range;   // of a shard
  std::optional<StopReason> reason;  // of a run that is over
  Standing standing;
};

// How many samples are done.
std::uint64_t samples_of(const RunRecord& record);

// All functions throw Error (file), with the file's name and what to do: for a file that can't be
// read or written, is no such file, of another format or of another numerics number, damaged, or
// in use. A transaction that fails leaves the file as it was.
class CheckpointFile {
 public:
  // Makes a file of a run that is about to begin; there must be none of that name.
  static CheckpointFile create(const std::string& path, const Job& job, const StopRule& rule,
                               const std::optional<ChunkRange>& range);
  // To go on with it; nobody else may have it open for that.
  static CheckpointFile open(const std::string& path);
  // What is in a file, which is left as it is.
  static RunRecord read(const std::string& path);

  ~CheckpointFile();
  CheckpointFile(CheckpointFile&&) noexcept;
  CheckpointFile& operator=(CheckpointFile&&) = delete;

  RunRecord record() const;
  std::vector<Delivery> deliveries() const;

  // Durable when it returns: all of it, or, after a failure, nothing.
  void save(const Changes& changes, std::optional<StopReason> reason);
  // The run is to stop elsewhere: it is no longer over, and a last chunk that was cut short is
  // forgotten. Throws Error (usage) where less is asked for than is there.
  void extend(const StopRule& rule);

 private:
  struct Impl;
  explicit CheckpointFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace oche::job

#endif  // OCHE_JOB_CHECKPOINT_FILE_H_
