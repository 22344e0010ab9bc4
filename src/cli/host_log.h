// The lines of a host, on stderr, by a thread of their own: whoever reads them may stop to, and the
// host must not.
#ifndef OCHE_CLI_HOST_LOG_H_
#define OCHE_CLI_HOST_LOG_H_

#include <memory>
#include <string>

namespace oche::cli {

// Thread-safe.
class HostLog {
 public:
  HostLog();
  // Waits a second for the lines that are still to be written, and no longer.
  ~HostLog();
  HostLog(const HostLog&) = delete;
  HostLog& operator=(const HostLog&) = delete;

  // Never waits. Where more than kMostLines wait to be written, the line is lost, and counted.
  void say(const std::string& line);

 private:
  struct Lines;
  std::shared_ptr<Lines> lines_;
};

}  // namespace oche::cli

#endif  // OCHE_CLI_HOST_LOG_H_
