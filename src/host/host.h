// A host: the always-on process that workers and clients dial. One port; the service is named in
// the handshake.
#ifndef OCHE_HOST_HOST_H_
#define OCHE_HOST_HOST_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/limits.h"
#include "host/log.h"
#include "wire/address_range.h"
#include "wire/handshake.h"

namespace oche::host {

enum class Detail : std::uint8_t {
  usual,
  // Each result of a worker, and each failed handshake, however many there are.
  full,
};

struct MetricsOptions {
  std::string listen;  // "ADDR:PORT"; empty: nobody is told any
  // Who may read them; empty: programs of this computer.
  std::vector<wire::AddressRange> allow;
};

struct HostOptions {
  std::string listen = "0.0.0.0:11267";
  HostLimits limits;
  wire::Admission admission;
  // How long jobs may go on after `interrupt`.
  Duration drain = std::chrono::seconds(30);
  // On the caller's thread; must not block and not throw.
  std::function<void(const std::string& endpoint)> on_listen;
  std::function<void(const std::string& endpoint)> on_metrics;
  Log log;
  Detail detail = Detail::usual;
  MetricsOptions metrics;
  std::string version;                        // of the program, for the metrics
  std::function<std::uint64_t()> lines_lost;  // of the log, so far; may be empty
  // When it is set, no more jobs are taken, those that run may end, and then all are told goodbye.
  const std::atomic<bool>* interrupt = nullptr;
};

// Returns when all have been told goodbye. Throws Error (usage or network) when it can't listen.
void run_host(const HostOptions& options);

}  // namespace oche::host

#endif  // OCHE_HOST_HOST_H_
