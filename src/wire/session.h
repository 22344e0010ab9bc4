// One connection's life: handshake, messages and heartbeats both ways, and one reason for its end.
//
// Pure: bytes and the time go in; messages, bytes to send and the reason come out. The shell
// (connection.h) or a simulator moves the bytes and calls tick().
//
//   handshake ──Welcome──> open ──close()──────────> closed (the shell flushes take_output())
//       └──────Refusal, deadline, …, Goodbye, silence, bad frame ──^
//
// Time: all deadlines are measured on a clock of our own that stands still while we are stalled.
// Each call adds the time since the call before, but if that is above kStallTicks tick periods, one
// tick period; and the first tick() after such a stall judges nobody. So a process that was stopped
// for a minute finds its peers as alive as before, and has a chance to read what they sent
// meanwhile. A peer can't hold that clock up: only we can.
#ifndef OCHE_WIRE_SESSION_H_
#define OCHE_WIRE_SESSION_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "wire/frame.h"
#include "wire/handshake.h"
#include "wire/limits.h"
#include "wire/message.h"
#include "wire/traffic.h"

namespace oche::wire {

inline constexpr int kStallTicks = 4;

// Numbers as in oche.proto.
enum class GoodbyeReason : std::uint8_t {
  finished = 1,
  stopping = 2,
  protocol_error = 3,
  overloaded = 4,
  turned_away = 5,
};
std::string_view to_string(GoodbyeReason reason);

// Why a connection ended, or never came to be.
enum class CloseReason {
  // Said, by one end or the other.
  closed_here,      // close() was called; see Closed::goodbye_said
  goodbye,          // the peer's Goodbye; see Closed::goodbye
  refused_here,     // we refused the peer's handshake; see Closed::refusal
  refused_by_peer,  // it refused ours; see Closed::refusal
  probed,           // the peer only wanted to see whether it would be let in
  // The network.
  host_not_found,
  cannot_connect,
  peer_gone,         // the stream ended without a Goodbye
  connection_error,  // the system's error
  // Time and limits.
  connect_timeout,
  handshake_timeout,
  lost,           // silent for too long
  write_timeout,  // took no bytes for too long
  queue_full,     // too many bytes wait for it
  crowded_out,    // too many handshakes at once, and this was the oldest
  too_many,       // of one source, before its handshake (gate.h)
  // Keys.
  wrong_key,  // one of the ends didn't prove that it has the key
  // The peer broke the protocol.
  stranger,  // it speaks another protocol
  frame_too_long,
  empty_frame,
  unknown_frame,
  wrong_frame,        // a frame that has no place here: in this state, service or direction
  malformed_message,  // the payload isn't the message that the type announces
  // Ourselves.
  no_memory,  // for a message of the peer, or for what was to be done with it
};
inline constexpr std::size_t kCloseReasons = static_cast<std::size_t>(CloseReason::no_memory) + 1;
std::string_view to_string(CloseReason reason);

struct Closed {
  CloseReason reason = CloseReason::closed_here;
  std::string text;                             // one line for people, without the peer's address
  std::optional<GoodbyeReason> goodbye;         // with goodbye
  std::optional<RefusalReason> refusal;         // with refused_here and refused_by_peer
  std::optional<GoodbyeReason> goodbye_said{};  // with closed_here, of an accepted session
};

enum class SendResult {
  queued,
  not_open,    // the handshake isn't done, or the session is closed
  too_long,    // above its type's max_payload(); nothing was queued
  queue_full,  // above kMaxQueuedBytes; the session is closed now
};

// Not thread-safe. now must not go back between calls. Copies are independent.
class Session {
 public:
  static Session dial(DialTerms terms, Instant now);
  // terms outlives all its sessions by being shared with them.
  static Session accept(std::shared_ptr<const ListenTerms> terms, Instant now);

  // ---- Events ----
  // At a listener, before the first receive().
  void set_caller(Caller caller) { caller_ = std::move(caller); }
  // Where its frames are counted, from now on; outlives it.
  void count_in(Traffic& traffic) { traffic_ = &traffic; }
  void receive(std::string_view bytes, Instant now);
  // The peer ended its stream, or the system failed (reason connection_error and the like).
  void end_of_stream(Instant now);
  void fail(CloseReason reason, std::string text);
  // Call at least every tick_period().
  void tick(Instant now);
  // n bytes that take_output() gave have left.
  void written(std::size_t n, Instant now);

  // ---- Verbs ----
  SendResult send(const Message& message, Instant now);
  // Says goodbye and closes; nothing more is received or sent. During the handshake a listener
  // refuses with the text (reason finished, if that is it, else not_admitted), a dialler just
  // closes. No effect on a closed session.
  void close(GoodbyeReason reason, std::string_view text, Instant now);

  // ---- Actions ----
  // The next bytes for the peer, at most max; empty if there are none. They count as queued until
  // written(). To be called on a closed session too: the goodbye or the refusal is among them.
  std::string take_output(std::size_t max);
  // The next message of the peer, in order. Messages that came before the peer's end are given even
  // after it; none after our own close().
  std::optional<Message> next_message();

  // ---- State ----
  bool open() const { return state_ == State::open; }
  // Set when the handshake is done, and kept.
  const std::optional<Peer>& peer() const { return peer_; }
  // Set once, at the end.
  const std::optional<Closed>& closed() const { return closed_; }
  // The end was ours to tell: what take_output() still gives says why, and is worth sending.
  bool has_last_words() const { return last_words_; }
  bool has_output() const { return output_.size() > output_read_; }
  std::size_t queued_bytes() const { return output_.size() - output_read_ + in_flight_; }
  Duration tick_period() const;

 private:
  enum class State { handshake, open, closed };

  Session(std::variant<DialTerms, std::shared_ptr<const ListenTerms>> terms, Instant now);
  bool listening() const { return terms_.index() == 1; }
  void advance(Instant now);
  void take_frame(const Frame& frame);
  void take_hello(const Frame& frame);
  void take_answer(const Frame& frame);
  void take_refusal(const Frame& frame);
  void take_goodbye(const Frame& frame);
  void take_heartbeat(const Frame& frame);
  void take_open(const Frame& frame);
  void take_problem(const FrameProblem& problem);
  void accept_peer(Peer peer);
  void refuse(CloseReason reason, const Refused& refused);
  void protocol_error(CloseReason reason, std::string text);
  void finish(Closed closed);
  bool may_receive(FrameType type) const;
  void queue(std::string_view bytes);
  void queue_last_words(std::string_view bytes);
  void drop_output();
  void judge_time();

  std::variant<DialTerms, std::shared_ptr<const ListenTerms>> terms_;
  State state_ = State::handshake;
  Caller caller_;
  Traffic* traffic_ = nullptr;
  std::optional<Peer> peer_;
  std::optional<Closed> closed_;
  bool last_words_ = false;

  FrameDecoder decoder_{kMaxOpeningFrame};
  std::deque<Message> inbox_;

  std::string output_;
  std::size_t output_read_ = 0;  // bytes of output_ already taken
  std::size_t in_flight_ = 0;    // taken, not yet written

  Instant now_;           // the caller's clock, at the last call
  Instant said_;          // on that clock: when we last queued anything
  bool stalled_ = false;  // since the last tick(), a call came too late
  bool spared_ = false;   // the last tick() judged nobody, because of that
  Duration awake_{0};     // our own clock
  Duration heard_{0};     // on our own clock: when the peer last sent anything
  Duration moved_{0};     // when the peer last took bytes, or when none waited
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_SESSION_H_
