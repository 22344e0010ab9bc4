// Inside of a Loop, for the other shells of this folder.
#ifndef OCHE_WIRE_LOOP_IMPL_H_
#define OCHE_WIRE_LOOP_IMPL_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>

#include "wire/asio.h"
#include "wire/limits.h"
#include "wire/loop.h"
#include "wire/ticker.h"

namespace oche::wire {

class Connection;

struct Loop::Impl {
  // The hint says that one thread runs it; posting from others stays allowed.
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};

  std::uint64_t next_timer = 1;
  std::map<TimerId, std::unique_ptr<asio::steady_timer>> timers;

  // By period; there are few of them.
  std::map<Duration, Ticker> tickers;
  void tick_later(const std::shared_ptr<Connection>& connection);
  Traffic traffic;

  // Where all connections read into: a reading is used up before the next, and a thousand idle
  // sessions need no buffers.
  std::array<char, kReadBytes> scratch;

  // All that aren't closed, so that the loop's end can cut the cycles that their callbacks make.
  std::unordered_map<const Connection*, std::weak_ptr<Connection>> connections;
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_LOOP_IMPL_H_
