#include "wire/loop.h"

#include <utility>
#include <vector>

#include "wire/connection.h"
#include "wire/loop_impl.h"

namespace oche::wire {

Loop::Loop() : impl_(std::make_unique<Impl>()) {}

Loop::~Loop() {
  std::vector<std::shared_ptr<Connection>> left;
  for (const auto& [key, connection] : impl_->connections) {
    if (auto held = connection.lock()) left.push_back(std::move(held));
  }
  for (const auto& connection : left) connection->drop();
}

void Loop::run() {
  // An exception of a callback comes out of io.run(), which may be called again after it.
  impl_->io.run();
  impl_->io.restart();
}

void Loop::stop() { impl_->io.stop(); }

void Loop::post(std::function<void()> fn) { asio::post(impl_->io, std::move(fn)); }

Loop::TimerId Loop::after(Duration delay, std::function<void()> fn) {
  const TimerId id{impl_->next_timer++};
  auto timer = std::make_unique<asio::steady_timer>(impl_->io, delay);
  timer->async_wait([impl = impl_.get(), id, fn = std::move(fn)](std::error_code) {
    // Not there: cancelled, perhaps after it had expired.
    if (impl->timers.erase(id) > 0) fn();
  });
  impl_->timers.emplace(id, std::move(timer));
  return id;
}

const Traffic& Loop::traffic() const { return impl_->traffic; }

void Loop::cancel(TimerId timer) { impl_->timers.erase(timer); }

}  // namespace oche::wire
