// The jobs and the workers of a host, as text and as JSON.
#ifndef OCHE_REPORT_LISTS_H_
#define OCHE_REPORT_LISTS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace oche::report {

struct JobLine {
  std::uint64_t job = 0;  // its number
  std::string state;      // queued, running, done, failed or cancelled
  int priority = 0;
  std::string client;
  std::string text;  // what is estimated, its beginning
  std::uint64_t samples = 0;
  unsigned workers = 0;
  double seconds = 0.0;  // since it began, or that it took
};

struct WorkerLine {
  std::string name, address;
  unsigned cores = 0;
  std::uint64_t job = 0;  // that it works on; 0: none
  std::uint64_t chunks = 0;
  double seconds = 0.0;  // since it came
  bool draining = false;
};

std::string to_text(const std::vector<JobLine>& jobs);
std::string to_text(const std::vector<WorkerLine>& workers);
// An array of objects, in one line without its end (docs/json.md).
std::string to_json(const std::vector<JobLine>& jobs);
std::string to_json(const std::vector<WorkerLine>& workers);

}  // namespace oche::report

#endif  // OCHE_REPORT_LISTS_H_
