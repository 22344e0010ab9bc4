// Parses jobs that peers send, on a thread of its own: some take many seconds (a thousand truncated
// distributions, each with its table), in which the sessions of a loop would fall silent and be
// lost.
#ifndef OCHE_CREW_JOB_PARSER_H_
#define OCHE_CREW_JOB_PARSER_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>

#include "job/job.h"
#include "wire/loop.h"

namespace oche::crew {

// The job, or in one line why there is none.
using ParsedJob = std::variant<std::shared_ptr<const job::Job>, std::string>;

class JobParser {
 public:
  // The loop outlives it.
  explicit JobParser(wire::Loop& loop);
  // Waits for the job that is being parsed.
  ~JobParser();
  JobParser(const JobParser&) = delete;
  JobParser& operator=(const JobParser&) = delete;

  // Job::from_canonical(text, data). One job after the other, in their order; done is called on the
  // loop's thread, later. The caller bounds how many wait.
  void parse(std::string text, std::string data, std::function<void(ParsedJob)> done);

 private:
  struct Wish {
    std::string text, data;
    std::function<void(ParsedJob)> done;
  };
  void run();

  wire::Loop& loop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Wish> waiting_;
  bool closed_ = false;
  std::thread thread_;  // from the first job on
};

}  // namespace oche::crew

#endif  // OCHE_CREW_JOB_PARSER_H_
