// A host: the always-on process that workers and clients dial. One port; the service is named in
// the handshake.
#ifndef OCHE_HOST_HOST_H_
#define OCHE_HOST_HOST_H_

#include <atomic>
#include <functional>
#include <string>

#include "host/limits.h"
#include "wire/handshake.h"

namespace oche::host {

struct HostOptions {
  std::string listen = "0.0.0.0:11267";
  HostLimits limits;
  wire::Admission admission;
  // How long jobs may go on after `interrupt`.
  Duration drain = std::chrono::seconds(30);
  // On the caller's thread; must not block and not throw.
  std::function<void(const std::string& endpoint)> on_listen;
  std::function<void(const std::string& line)> on_event;   // comings, goings, jobs
  std::function<void(const std::string& line)> on_result;  // each result of a worker
  // When it is set, no more jobs are taken, those that run may end, and then all are told goodbye.
  const std::atomic<bool>* interrupt = nullptr;
};

// Returns when all have been told goodbye. Throws Error (usage or network) when it can't listen.
void run_host(const HostOptions& options);

}  // namespace oche::host

#endif  // OCHE_HOST_HOST_H_
