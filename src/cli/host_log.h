// The lines of a host, on stderr, by a thread of their own: whoever reads them may stop to, and the
// host must not.
#ifndef OCHE_CLI_HOST_LOG_H_
#define OCHE_CLI_HOST_LOG_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace oche::cli {

// Thread-safe.
class HostLog {
 public:
  // lost makes the line that says how many are lost.
  explicit HostLog(std::function<std::string(std::size_t)> lost);
  // Waits a second for the lines that are still to be written, and no longer.
  ~HostLog();
  HostLog(const HostLog&) = delete;
  HostLog& operator=(const HostLog&) = delete;

  // Never waits. Where more than kMostLines wait to be written, the line is lost, and counted.
  void say(const std::string& line);
  // Lines that were lost so far.
  std::uint64_t lost() const;

 private:
  struct Lines;
  std::shared_ptr<Lines> lines_;
};

}  // namespace oche::cli

#endif  // OCHE_CLI_HOST_LOG_H_
