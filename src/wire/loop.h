// The thread that all sockets and timers of a process (or of a part of it) live on.
//
// All callbacks of a Loop, its Listeners and its Connections run on the thread that is in run(),
// one at a time. post() and stop() may be called from any thread; everything else of the wire only
// on that thread, or while no thread is in run().
#ifndef OCHE_WIRE_LOOP_H_
#define OCHE_WIRE_LOOP_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "wire/traffic.h"

namespace oche::wire {

class Loop {
 public:
  Loop();
  // Drops what is still pending, without calling it. Connections and Listeners must not be used
  // after.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until stop(). If a callback lets an exception escape, the loop stops and run() throws it
  // on its caller's thread. May be called again, and then goes on.
  void run();
  // Any thread. A stop() before run() makes that run() return at once.
  void stop();
  // Any thread. Runs fn on the loop's thread, in the order of the posts, never within post().
  void post(std::function<void()> fn);

  enum class TimerId : std::uint64_t {};
  // Runs fn once, after at least this time.
  TimerId after(Duration delay, std::function<void()> fn);
  // No effect if it has run.
  void cancel(TimerId timer);

  // Of all its connections, those that are gone included.
  const Traffic& traffic() const;

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_LOOP_H_
