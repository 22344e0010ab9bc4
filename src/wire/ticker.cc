#include "wire/ticker.h"

#include <algorithm>
#include <utility>

namespace oche::wire {

void Ticker::add(const std::weak_ptr<Connection>& connection) {
  newest_part_ = (newest_part_ + 1) % kParts;
  parts_[newest_part_].push_back(connection);
  if (++members_ > 1) return;
  timer_.expires_after(step_);  // ends a wait that there may be
  wait();
}

void Ticker::wait() {
  timer_.async_wait([this](std::error_code error) {
    if (error || members_ == 0) return;
    // A loop that is late, for it has much to do, makes up for all parts that are due, so that
    // nobody's heartbeat waits for eight turns of it; but for no more than one period.
    const auto now = std::chrono::steady_clock::now();
    auto next = timer_.expiry();
    std::size_t due = 0;
    for (; next <= now && due < kParts; ++due) next += step_;
    timer_.expires_at(std::max(next, now));
    wait();
    for (; due > 0; --due) turn();  // last: what it calls may throw
  });
}

void Ticker::turn() {
  next_part_ = (next_part_ + 1) % kParts;
  std::vector<std::weak_ptr<Connection>>& part = parts_[next_part_];
  for (std::size_t i = 0; i < part.size();) {
    const std::shared_ptr<Connection> connection = part[i].lock();
    if (connection && tick_(connection)) {
      ++i;
    } else {
      std::swap(part[i], part.back());
      part.pop_back();
      --members_;
    }
  }
}

}  // namespace oche::wire
