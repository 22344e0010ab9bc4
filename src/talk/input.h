// Where the messages of a talker or a sender come from: a descriptor, or a text that is there.
//
// It gives a piece when it is asked for one, so that no more is in memory than may be sent. A
// descriptor is read by a thread of its own, since a read may wait for a person.
#ifndef OCHE_TALK_INPUT_H_
#define OCHE_TALK_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "wire/loop.h"

namespace oche::talk {

// How messages are cut out of the bytes of a descriptor.
enum class Cut {
  whole,  // one message, to the end of the input
  lines,  // one for each line, its newline included
};

// What to send.
struct Source {
  std::optional<std::string> text;  // one message; else what comes from the descriptor
  int descriptor = 0;
  Cut cut = Cut::whole;
};

struct InputPiece {
  std::string bytes;                   // at most as many as asked for; of one message
  bool ends_message = false;           // these are its last, or it has none
  bool ends_input = false;             // nothing comes after it
  std::optional<std::string> failure;  // why nothing more can be read
};

// Loop's thread only. The end of an Input waits for its thread, which doesn't wait for the
// descriptor.
class Input {
 public:
  virtual ~Input() = default;
  // Of the one message in bytes, where it is known before.
  virtual std::optional<std::uint64_t> size() const = 0;
  // Asks for the next piece, of at most so many bytes (at least 1). on_piece is called once for
  // each, never within ask(). Not before the last was given, nor after the end of the input.
  virtual void ask(std::size_t most) = 0;
  std::function<void(InputPiece&&)> on_piece;
};

// loop outlives it.
std::unique_ptr<Input> open_input(wire::Loop& loop, const Source& source);

}  // namespace oche::talk

#endif  // OCHE_TALK_INPUT_H_
