// Where the messages that arrive go: a descriptor, written by a thread of its own, since a write
// may wait for whoever reads it.
#ifndef OCHE_TALK_OUTPUT_H_
#define OCHE_TALK_OUTPUT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "wire/loop.h"

namespace oche::talk {

struct Sink {
  int descriptor = 1;
  bool terminal = false;  // show text that can't command it, and end each message's line
};

// Loop's thread only. The end of an Output waits for its thread, which doesn't wait for the
// descriptor: what isn't written by then is lost.
class Output {
 public:
  // loop outlives it.
  Output(wire::Loop& loop, const Sink& sink);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // In the order of the calls. on_written gets the cost when the bytes are written.
  void write(std::string bytes, std::uint64_t cost);
  // The message's bytes are all there.
  void end_message(std::uint64_t cost);

  std::function<void(std::uint64_t cost)> on_written;
  // Why nothing more can be written. Once.
  std::function<void(const std::string& why)> on_failed;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oche::talk

#endif  // OCHE_TALK_OUTPUT_H_
