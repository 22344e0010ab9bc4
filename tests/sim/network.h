// The simulated network: what carries messages between the manager and the workers, and what goes
// wrong with it.
#ifndef OCHE_SIM_NETWORK_H_
#define OCHE_SIM_NETWORK_H_

#include <functional>
#include <memory>
#include <string>

#include "sim/checker.h"
#include "sim/fault_model.h"
#include "sim/random.h"
#include "sim/timeline.h"
#include "sim/trace.h"
#include "wire/session.h"

namespace oche::sim {

// What all parts of a run share.
struct World {
  Timeline& timeline;
  Trace& trace;
  Random& random;
  const FaultModel& faults;
  Counters& counters;
  std::uint64_t runs = 0;  // of processes

  bool calm() const;  // the time of faults is over
};

// One end of a conversation between a worker and the manager. Its owner sets the callbacks; they
// are dropped after on_closed, close() and crash().
class Channel {
 public:
  std::function<void(const wire::Peer&)> on_open;
  std::function<void(wire::Message&&)> on_message;
  std::function<void(const wire::Closed&)> on_closed;

  virtual ~Channel() = default;
  virtual void send(const wire::Message& message) = 0;
  virtual void close(wire::GoodbyeReason reason) = 0;
  // The process is gone: with a word to the peer's system, or without one.
  virtual void crash_loudly() = 0;
  virtual void crash_silently() = 0;

 protected:
  void drop_callbacks() {
    on_open = nullptr;
    on_message = nullptr;
    on_closed = nullptr;
  }
};

class Network {
 public:
  // The manager's, who sets the callbacks of each channel that comes in.
  std::function<void(const std::shared_ptr<Channel>&)> on_accept;

  virtual ~Network() = default;
  // A worker's channel. The link's latency is the worker's own; it stays with its process.
  virtual std::shared_ptr<Channel> dial(const Process& worker, const std::string& name,
                                        unsigned slots) = 0;
  // Ends the worker's connections as a router does.
  virtual void reset(const Process& worker) = 0;
  // Nothing gets through to or from the worker until then.
  virtual void partition(const Process& worker, Instant until) = 0;
};

std::unique_ptr<Network> make_streams(World& world, const Process& manager);
std::unique_ptr<Network> make_datagrams(World& world, const Process& manager);

}  // namespace oche::sim

#endif  // OCHE_SIM_NETWORK_H_
