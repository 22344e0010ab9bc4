// One timer for all connections that tick at one period: a host has thousands, and a timer of each
// would keep it busier than all their heartbeats.
#ifndef OCHE_WIRE_TICKER_H_
#define OCHE_WIRE_TICKER_H_

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "wire/asio.h"

namespace oche::wire {

class Connection;

// Loop's thread only.
class Ticker {
 public:
  // `tick` says whether the connection goes on ticking at this period. It may add others.
  using Tick = std::function<bool(const std::shared_ptr<Connection>& connection)>;

  Ticker(asio::io_context& io, Duration period, Tick tick)
      : timer_(io), step_(period / kParts), tick_(std::move(tick)) {}

  // It is ticked within a period, and then once in each, as long as somebody else holds it.
  void add(const std::weak_ptr<Connection>& connection);

 private:
  // Each part has its turn once in a period, so that the loop is never held up by all at once.
  static constexpr std::size_t kParts = 8;

  void wait();
  void turn();

  asio::steady_timer timer_;
  const Duration step_;
  const Tick tick_;
  std::array<std::vector<std::weak_ptr<Connection>>, kParts> parts_;
  std::size_t next_part_ = 0;    // that has its turn
  std::size_t newest_part_ = 0;  // that the last one was added to
  std::size_t members_ = 0;
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_TICKER_H_
