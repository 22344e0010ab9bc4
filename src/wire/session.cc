#include "wire/session.h"

#include <algorithm>
#include <utility>

namespace oche::wire {
namespace {

using namespace std::chrono_literals;

static_assert(static_cast<int>(GoodbyeReason::finished) == Goodbye::FINISHED);
static_assert(static_cast<int>(GoodbyeReason::stopping) == Goodbye::STOPPING);
static_assert(static_cast<int>(GoodbyeReason::protocol_error) == Goodbye::PROTOCOL_ERROR);
static_assert(static_cast<int>(GoodbyeReason::overloaded) == Goodbye::OVERLOADED);
static_assert(static_cast<int>(GoodbyeReason::turned_away) == Goodbye::TURNED_AWAY);

constexpr Duration kLongestTick = 250ms;

std::string seconds_text(Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  if (ms % 1000 == 0) return std::to_string(ms / 1000) + " s";
  return std::to_string(ms) + " ms";
}

CloseReason close_reason(FrameFault fault) {
  switch (fault) {
    case FrameFault::too_long:
      return CloseReason::frame_too_long;
    case FrameFault::empty:
      return CloseReason::empty_frame;
    case FrameFault::unknown_type:
      return CloseReason::unknown_frame;
  }
  return CloseReason::unknown_frame;
}

std::string encode_goodbye(GoodbyeReason reason, std::string_view text) {
  Goodbye goodbye;
  goodbye.set_reason(static_cast<Goodbye::Reason>(reason));
  goodbye.set_text(printable(text, kMaxTextBytes));
  return encode(goodbye);
}

}  // namespace

std::string_view to_string(GoodbyeReason reason) {
  switch (reason) {
    case GoodbyeReason::finished:
      return "finished";
    case GoodbyeReason::stopping:
      return "stopping";
    case GoodbyeReason::protocol_error:
      return "protocol_error";
    case GoodbyeReason::overloaded:
      return "overloaded";
    case GoodbyeReason::turned_away:
      return "turned_away";
  }
  return {};
}

std::string_view to_string(CloseReason reason) {
  switch (reason) {
    case CloseReason::closed_here:
      return "closed_here";
    case CloseReason::goodbye:
      return "goodbye";
    case CloseReason::refused_here:
      return "refused_here";
    case CloseReason::refused_by_peer:
      return "refused_by_peer";
    case CloseReason::probed:
      return "probed";
    case CloseReason::host_not_found:
      return "host_not_found";
    case CloseReason::cannot_connect:
      return "cannot_connect";
    case CloseReason::peer_gone:
      return "peer_gone";
    case CloseReason::connection_error:
      return "connection_error";
    case CloseReason::connect_timeout:
      return "connect_timeout";
    case CloseReason::handshake_timeout:
      return "handshake_timeout";
    case CloseReason::lost:
      return "lost";
    case CloseReason::write_timeout:
      return "write_timeout";
    case CloseReason::queue_full:
      return "queue_full";
    case CloseReason::crowded_out:
      return "crowded_out";
    case CloseReason::too_many:
      return "too_many";
    case CloseReason::wrong_key:
      return "wrong_key";
    case CloseReason::stranger:
      return "stranger";
    case CloseReason::frame_too_long:
      return "frame_too_long";
    case CloseReason::empty_frame:
      return "empty_frame";
    case CloseReason::unknown_frame:
      return "unknown_frame";
    case CloseReason::wrong_frame:
      return "wrong_frame";
    case CloseReason::malformed_message:
      return "malformed_message";
    case CloseReason::no_memory:
      return "no_memory";
  }
  return {};
}

Session::Session(std::variant<DialTerms, std::shared_ptr<const ListenTerms>> terms, Instant now)
    : terms_(std::move(terms)), now_(now), said_(now) {}

Session Session::dial(DialTerms terms, Instant now) {
  const std::string hello = encode(make_hello(terms));
  Session session(std::move(terms), now);
  session.queue(hello);
  return session;
}

Session Session::accept(std::shared_ptr<const ListenTerms> terms, Instant now) {
  return Session(std::move(terms), now);
}

// ---- Time ----

Duration Session::tick_period() const {
  if (!open()) return kLongestTick;
  return std::min<Duration>(kLongestTick, peer_->heartbeat / 4);
}

void Session::advance(Instant now) {
  const Duration gap = std::max(now - now_, Duration::zero());
  if (gap > kStallTicks * tick_period()) {
    stalled_ = true;
    awake_ += tick_period();
  } else {
    awake_ += gap;
  }
  now_ = std::max(now, now_);
}

void Session::tick(Instant now) {
  advance(now);
  // Spared once only: where every tick is late, time must pass all the same.
  const bool spare = stalled_ && !spared_;
  stalled_ = false;
  spared_ = spare;
  if (!spare) judge_time();
  if (open() && queued_bytes() == 0 && now_ - said_ >= peer_->heartbeat) queue(encode(Heartbeat{}));
}

void Session::judge_time() {
  if (state_ == State::handshake && awake_ >= kHandshakeDeadline) {
    const std::string text =
        "no complete handshake within " + seconds_text(kHandshakeDeadline) + " of the connection";
    if (listening()) return refuse(CloseReason::handshake_timeout, {RefusalReason::too_slow, text});
    return fail(CloseReason::handshake_timeout,
                text + " (what listens there may not be oche); check the address and the port");
  }
  if (!open()) return;
  const Duration patience = kMissedHeartbeats * Duration(peer_->heartbeat);
  if (awake_ - heard_ >= patience) {
    return fail(CloseReason::lost, "the peer was silent for " + seconds_text(patience) + " (" +
                                       std::to_string(kMissedHeartbeats) + " heartbeats)");
  }
  if (queued_bytes() > 0 && awake_ - moved_ >= kWriteDeadline) {
    fail(CloseReason::write_timeout, "the peer took no bytes for " + seconds_text(kWriteDeadline) +
                                         " (" + std::to_string(queued_bytes()) + " wait for it)");
  }
}

// ---- Bytes and messages in ----

void Session::receive(std::string_view bytes, Instant now) {
  advance(now);
  if (state_ == State::closed) return;
  heard_ = awake_;
  decoder_.feed(bytes);
  while (state_ != State::closed) {
    const std::optional<Frame> frame = decoder_.next();
    if (!frame) break;
    if (traffic_ != nullptr) ++traffic_->frames_received;
    take_frame(*frame);
  }
  if (state_ != State::closed && decoder_.problem()) take_problem(*decoder_.problem());
}

void Session::take_frame(const Frame& frame) {
  if (state_ == State::open) return take_open(frame);
  if (listening()) return take_hello(frame);
  take_answer(frame);
}

void Session::take_hello(const Frame& frame) {
  Hello hello;
  if (frame.type != FrameType::hello) {
    return refuse(CloseReason::wrong_frame,
                  {RefusalReason::bad_hello, "the first frame is of type " +
                                                 std::string(to_string(frame.type)) +
                                                 " (the dialling end must begin with hello)"});
  }
  if (!hello.ParseFromString(frame.payload)) {
    return refuse(CloseReason::malformed_message,
                  {RefusalReason::bad_hello, "the payload of the hello isn't a Hello message"});
  }
  const ListenTerms& terms = *std::get<1>(terms_);
  std::variant<Peer, Refused> verdict = judge_hello(hello, terms, caller_);
  if (const auto* refused = std::get_if<Refused>(&verdict)) {
    return refuse(CloseReason::refused_here, *refused);
  }
  Peer& peer = std::get<Peer>(verdict);
  if (peer.probe) {
    queue(encode(make_welcome(peer, terms)));
    queue_last_words(encode_goodbye(GoodbyeReason::finished, "the probe is answered"));
    return finish({CloseReason::probed, "answered the probe of '" + peer.name + "'", {}, {}});
  }
  accept_peer(std::move(peer));
  queue(encode(make_welcome(*peer_, terms)));
}

void Session::take_answer(const Frame& frame) {
  if (frame.type == FrameType::refusal) return take_refusal(frame);
  Welcome welcome;
  if (frame.type != FrameType::welcome) {
    return refuse(CloseReason::wrong_frame,
                  {RefusalReason::bad_hello, "the answer to the hello is of type " +
                                                 std::string(to_string(frame.type)) +
                                                 " (it must be welcome or refusal)"});
  }
  if (!welcome.ParseFromString(frame.payload)) {
    return refuse(CloseReason::malformed_message,
                  {RefusalReason::bad_hello, "the payload of the welcome isn't a Welcome message"});
  }
  std::variant<Peer, Refused> verdict = judge_welcome(welcome, std::get<0>(terms_));
  if (const auto* refused = std::get_if<Refused>(&verdict)) {
    return refuse(CloseReason::refused_here, *refused);
  }
  accept_peer(std::get<Peer>(std::move(verdict)));
}

void Session::accept_peer(Peer peer) {
  peer_ = std::move(peer);
  state_ = State::open;
  const auto* const dialled = std::get_if<DialTerms>(&terms_);
  const bool is_worker = dialled != nullptr && dialled->service == Service::work;
  decoder_.set_limit(is_worker ? kMaxJobFrame : kMaxFrame);
}

void Session::take_refusal(const Frame& frame) {
  Refusal refusal;
  if (!refusal.ParseFromString(frame.payload)) {
    return protocol_error(CloseReason::malformed_message,
                          "the payload of the refusal isn't a Refusal message");
  }
  const Refused refused = read_refusal(refusal);
  finish({CloseReason::refused_by_peer, "the peer refused: " + refused.text, {}, refused.reason});
  drop_output();
}

void Session::take_goodbye(const Frame& frame) {
  Goodbye goodbye;
  if (!goodbye.ParseFromString(frame.payload)) {
    return protocol_error(CloseReason::malformed_message,
                          "the payload of the goodbye isn't a Goodbye message");
  }
  // A reason that we don't know is none to end with success.
  const bool known =
      Goodbye::Reason_IsValid(goodbye.reason()) && goodbye.reason() != Goodbye::REASON_UNSPECIFIED;
  const auto reason =
      known ? static_cast<GoodbyeReason>(goodbye.reason()) : GoodbyeReason::stopping;
  std::string text = printable(goodbye.text(), kMaxTextBytes);
  if (text.empty()) text = to_string(reason);
  finish({CloseReason::goodbye, "the peer said goodbye: " + text, reason, {}});
  drop_output();
}

void Session::take_heartbeat(const Frame& frame) {
  Heartbeat heartbeat;
  if (heartbeat.ParseFromString(frame.payload)) return;
  protocol_error(CloseReason::malformed_message,
                 "the payload of the heartbeat isn't a Heartbeat message");
}

void Session::take_open(const Frame& frame) {
  if (frame.type == FrameType::heartbeat) return take_heartbeat(frame);
  if (frame.type == FrameType::goodbye) return take_goodbye(frame);
  // The dialler may not like our Welcome.
  if (frame.type == FrameType::refusal && listening()) return take_refusal(frame);
  const std::string name(to_string(frame.type));
  if (!may_receive(frame.type)) {
    return protocol_error(CloseReason::wrong_frame,
                          "a frame of type " + name + " (not one for this end of the service '" +
                              std::string(to_string(peer_->service)) + "')");
  }
  std::optional<Message> message = decode(frame);
  if (!message) {
    return protocol_error(CloseReason::malformed_message,
                          "a frame of type " + name + " (its payload isn't such a message)");
  }
  inbox_.push_back(*std::move(message));
}

bool Session::may_receive(FrameType type) const {
  switch (type) {
    case FrameType::job:
    case FrameType::plan:
    case FrameType::lease:
    case FrameType::revoke:
    case FrameType::accepted:
      return peer_->service == Service::work && !listening();
    case FrameType::result:
    case FrameType::job_refused:
    case FrameType::offer:
      return peer_->service == Service::work && listening();
    case FrameType::talk_join:
      return peer_->service == Service::talk && listening();
    case FrameType::talk_ready:
    case FrameType::talk_broken:
      return peer_->service == Service::talk && !listening();
    case FrameType::input_end:
      return peer_->service == Service::talk;
    case FrameType::message_begin:
    case FrameType::message_piece:
    case FrameType::message_end:
    case FrameType::credit:
      return peer_->service == Service::talk || peer_->service == Service::send;
    case FrameType::send_to:
    case FrameType::receive_as:
      return peer_->service == Service::send && listening();
    case FrameType::send_ready:
      return peer_->service == Service::send && !listening();
    case FrameType::receipt:
      return peer_->service == Service::send;
    case FrameType::submit:
    case FrameType::submit_data:
    case FrameType::fetch:
    case FrameType::cancel:
    case FrameType::list_jobs:
    case FrameType::list_workers:
    case FrameType::drain:
      return peer_->service == Service::estimate && listening();
    case FrameType::submitted:
    case FrameType::declined:
    case FrameType::progress:
    case FrameType::answer_part:
    case FrameType::job_list:
    case FrameType::worker_list:
    case FrameType::done:
      return peer_->service == Service::estimate && !listening();
    case FrameType::hello:
    case FrameType::welcome:
    case FrameType::refusal:
    case FrameType::heartbeat:
    case FrameType::goodbye:
      return false;
  }
  return false;
}

void Session::take_problem(const FrameProblem& problem) {
  const CloseReason reason = close_reason(problem.fault);
  if (state_ == State::open) return protocol_error(reason, problem.text());
  if (const auto language = guess_stranger(problem.opening)) {
    const bool text = *language == "plain text";
    return fail(CloseReason::stranger,
                "the peer speaks " + std::string(*language) + ", not oche's protocol" +
                    (text ? " (programs of the plain-text dialect need --text); " : "; ") +
                    "check the address and the port");
  }
  refuse(reason, {RefusalReason::bad_hello, problem.text()});
}

std::optional<Message> Session::next_message() {
  if (inbox_.empty()) return std::nullopt;
  Message message = std::move(inbox_.front());
  inbox_.pop_front();
  return message;
}

// ---- The end ----

void Session::finish(Closed closed) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  closed_ = std::move(closed);
  decoder_ = FrameDecoder(kMaxOpeningFrame);
}

void Session::refuse(CloseReason reason, const Refused& refused) {
  queue_last_words(encode(make_refusal(refused)));
  finish({reason, "refused the peer: " + refused.text, {}, refused.reason});
}

void Session::protocol_error(CloseReason reason, std::string text) {
  queue_last_words(encode_goodbye(GoodbyeReason::protocol_error, text));
  finish({reason, "the peer sent " + text, {}, {}});
}

void Session::fail(CloseReason reason, std::string text) {
  if (state_ == State::closed) return;
  finish({reason, std::move(text), {}, {}});
  drop_output();
}

void Session::drop_output() {
  output_.clear();
  output_read_ = 0;
}

void Session::end_of_stream(Instant now) {
  advance(now);
  if (state_ == State::closed) return;
  std::string text = "the peer ended the connection without a goodbye";
  if (state_ == State::handshake) {
    text = "the peer ended the connection before the handshake was done";
  }
  if (decoder_.held() > 0) text += ", in the middle of a frame";
  fail(CloseReason::peer_gone, std::move(text));
}

void Session::close(GoodbyeReason reason, std::string_view text, Instant now) {
  advance(now);
  if (state_ == State::closed) return;
  std::optional<GoodbyeReason> said;
  if (open()) {
    said = reason;
    queue_last_words(encode_goodbye(reason, text));
  } else if (listening()) {
    const bool finished = reason == GoodbyeReason::finished;
    queue_last_words(encode(make_refusal(
        {finished ? RefusalReason::finished : RefusalReason::not_admitted, std::string(text)})));
  }
  inbox_.clear();
  finish({CloseReason::closed_here, printable(text, kMaxTextBytes), {}, {}, said});
}

// ---- Bytes out ----

void Session::queue(std::string_view bytes) {
  if (queued_bytes() == 0) moved_ = awake_;
  output_.append(bytes);
  if (traffic_ != nullptr) ++traffic_->frames_sent;
  said_ = now_;
}

void Session::queue_last_words(std::string_view bytes) {
  queue(bytes);
  last_words_ = true;
}

SendResult Session::send(const Message& message, Instant now) {
  advance(now);
  if (!open()) return SendResult::not_open;
  const std::optional<std::string> bytes = encode(message);
  if (!bytes) return SendResult::too_long;
  if (queued_bytes() + bytes->size() > kMaxQueuedBytes) {
    const std::string text = "more than " + std::to_string(kMaxQueuedBytes) +
                             " bytes would wait for the peer (it reads too slowly)";
    queue_last_words(encode_goodbye(GoodbyeReason::overloaded, text));
    finish({CloseReason::queue_full, text, {}, {}});
    return SendResult::queue_full;
  }
  queue(*bytes);
  return SendResult::queued;
}

std::string Session::take_output(std::size_t max) {
  std::string bytes;
  if (output_read_ == 0 && output_.size() <= max) {
    bytes.swap(output_);
  } else {
    bytes = output_.substr(output_read_, max);
    output_read_ += bytes.size();
    // At least half of it is dropped, so that each byte is moved once on average.
    if (2 * output_read_ >= output_.size()) {
      output_ = std::string(output_, output_read_);
      output_read_ = 0;
    }
  }
  in_flight_ += bytes.size();
  return bytes;
}

void Session::written(std::size_t n, Instant now) {
  advance(now);
  in_flight_ -= std::min(n, in_flight_);
  moved_ = awake_;
}

}  // namespace oche::wire
