// A session at either end against a hostile peer: handshake, messages and time.
//
// The input is a script. Its first byte picks the end and the service; then come steps of one byte
// for the verb (its low three bits) and what the verb takes:
//   0  a length byte, and so many raw bytes from the peer
//   1  a type byte, a length byte and a payload: the peer sends it as a frame
//   2  the peer sends the right next message (a hello, a welcome, a heartbeat)
//   3  a byte: time passes, in units of 100 ms, and tick()
//   4  we send a message
//   5  a byte: so many bytes leave, and are written
//   6  the peer ends its stream
//   7  we close
// Checked: what goes out is a sequence of valid frames; an end is final and has a text; nothing is
// received before the handshake; the queue keeps its limit.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "wire/session.h"

namespace {

using namespace oche::wire;

void check(bool condition) {
  if (!condition) std::abort();
}

class Script {
 public:
  Script(const std::uint8_t* bytes, std::size_t size)
      : rest_(reinterpret_cast<const char*>(bytes), size) {}
  bool done() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::string_view bytes() {
    const std::size_t length = byte();
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

class Play {
 public:
  explicit Play(std::uint8_t choice) {
    dial_.service = static_cast<Service>(1 + (choice >> 1) % 4);
    dial_.numerics = 3;
    auto listen = std::make_shared<ListenTerms>();
    listen->services = {Service::work, Service::talk, Service::send};
    listen->numerics = 3;
    listen_ = listen;
    listening_ = (choice & 1) != 0;
    session_ = std::make_unique<Session>(listening_ ? Session::accept(listen_, now_)
                                                    : Session::dial(dial_, now_));
  }

  void step(Script& script) {
    const bool was_closed = session_->closed().has_value();
    switch (script.byte() & 7) {
      case 0:
        session_->receive(script.bytes(), now_);
        break;
      case 1: {
        std::string frame(4, '\0');
        const std::uint8_t type = script.byte();
        const std::string_view payload = script.bytes();
        frame[0] = static_cast<char>(payload.size() + 1);
        frame[1] = static_cast<char>((payload.size() + 1) >> 8);
        frame.push_back(static_cast<char>(type));
        frame.append(payload);
        session_->receive(frame, now_);
        break;
      }
      case 2:
        session_->receive(right_message(), now_);
        break;
      case 3:
        now_ += std::chrono::milliseconds(100 * script.byte());
        session_->tick(now_);
        break;
      case 4: {
        const bool open = session_->open();
        check(open == (session_->send(Lease{}, now_) != SendResult::not_open));
        break;
      }
      case 5:
        take(script.byte());
        break;
      case 6:
        session_->end_of_stream(now_);
        break;
      default:
        session_->close(GoodbyeReason::stopping, "closing", now_);
    }
    check_state(was_closed);
  }

  void finish() {
    while (session_->has_output()) take(1000);
    // After our own end the stream is whole; it may be cut where the peer is gone.
    check(!sent_.problem());
    if (session_->has_last_words()) check(sent_.held() == 0);
  }

 private:
  std::string right_message() const {
    if (session_->open()) return encode(Heartbeat{});
    if (listening_) return encode(make_hello(dial_));
    Peer peer;
    peer.version = 1;
    peer.name = "fuzz";
    return encode(make_welcome(peer, *listen_));
  }

  void take(std::size_t max) {
    const std::string bytes = session_->take_output(max);
    check(bytes.size() <= max);
    session_->written(bytes.size(), now_);
    sent_.feed(bytes);
    while (sent_.next()) {
    }
  }

  void check_state(bool was_closed) {
    const auto& closed = session_->closed();
    check(!was_closed || closed.has_value());
    if (closed) {
      check(!session_->open());
      check(!to_string(closed->reason).empty() && !closed->text.empty());
      if (was_closed) check(closed->text == end_);
      end_ = closed->text;
    }
    while (const auto message = session_->next_message()) check(session_->peer().has_value());
    check(session_->queued_bytes() <= kMaxQueuedBytes + kMaxOpeningFrame);
    check(session_->tick_period() > oche::Duration::zero());
    if (session_->peer()) {
      const Peer& peer = *session_->peer();
      check(!peer.name.empty() && peer.name.size() <= kMaxNameBytes);
      check(peer.heartbeat >= kMinHeartbeatPeriod && peer.heartbeat <= kMaxHeartbeatPeriod);
    }
  }

  oche::Instant now_{};
  DialTerms dial_;
  std::shared_ptr<const ListenTerms> listen_;
  bool listening_ = false;
  std::unique_ptr<Session> session_;
  FrameDecoder sent_{kMaxFrame};
  std::string end_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  Play play(bytes[0]);
  Script script(bytes + 1, size - 1);
  while (!script.done()) play.step(script);
  play.finish();
  return 0;
}
