// The frame decoder and the parsers behind it, on hostile bytes.
//
// The first byte picks the limit and how the rest is cut into pieces. Checked: the decoder yields
// the same frames and the same problem for the bytes cut and at once; it never holds more than it
// was fed; and what it yields encodes to the bytes that it came from.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "wire/frame.h"
#include "wire/message.h"

namespace {

using oche::wire::Frame;
using oche::wire::FrameDecoder;

void check(bool condition) {
  if (!condition) std::abort();
}

void drain(FrameDecoder& decoder, std::vector<Frame>& frames) {
  while (auto frame = decoder.next()) frames.push_back(*std::move(frame));
}

void parse(const Frame& frame) {
  const auto message = oche::wire::decode(frame);
  if (!message) return;
  check(oche::wire::frame_type_of(*message) == frame.type);
  const auto bytes = oche::wire::encode(*message);
  // A parsed message is never longer than what it was parsed from, but for fields that were sent in
  // pieces or in another order; so it can be sent on.
  if (!bytes) return;
  FrameDecoder again(oche::wire::kMaxFrame);
  again.feed(*bytes);
  const auto back = again.next();
  check(back && oche::wire::decode(*back).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::uint32_t limit =
      (bytes[0] & 1) != 0 ? oche::wire::kMaxFrame : oche::wire::kMaxOpeningFrame;
  const std::size_t piece = 1 + (bytes[0] >> 1);
  const std::string_view stream(reinterpret_cast<const char*>(bytes) + 1, size - 1);

  FrameDecoder cut(limit);
  std::vector<Frame> frames;
  std::size_t fed = 0;
  for (std::string_view rest = stream; !rest.empty();) {
    const std::string_view next = rest.substr(0, piece);
    rest.remove_prefix(next.size());
    cut.feed(next);
    fed += next.size();
    check(cut.held() <= fed);
    drain(cut, frames);
  }
  FrameDecoder whole(limit);
  whole.feed(stream);
  std::vector<Frame> same;
  drain(whole, same);

  check(frames == same);
  check(cut.held() == whole.held());
  check(cut.problem().has_value() == whole.problem().has_value());
  std::string sent;
  for (const Frame& frame : frames) {
    sent += oche::wire::encode_frame(frame.type, frame.payload);
    parse(frame);
  }
  check(stream.starts_with(sent));
  if (cut.problem()) {
    check(cut.problem()->fault == whole.problem()->fault);
    check(!cut.problem()->text().empty());
  } else {
    check(sent.size() + cut.held() == stream.size());
  }
  return 0;
}
