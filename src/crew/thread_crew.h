// Workers that are threads of this process.
#ifndef OCHE_CREW_THREAD_CREW_H_
#define OCHE_CREW_THREAD_CREW_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "crew/manager.h"

namespace oche::crew {

// Starts `threads` threads, named "thread 1" and so on, each a worker of the manager. The
// destructor ends and joins them. The manager outlives it.
class ThreadCrew {
 public:
  ThreadCrew(Manager& manager, unsigned threads);
  ~ThreadCrew();
  ThreadCrew(const ThreadCrew&) = delete;
  ThreadCrew& operator=(const ThreadCrew&) = delete;

 private:
  class Member;
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace oche::crew

#endif  // OCHE_CREW_THREAD_CREW_H_
