// Byte streams, as TCP's, between the wire's real sessions. Bytes arrive in order or not at all,
// cut anywhere, late after a retransmission; a connection may be reset with bytes under way.
#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "math/numerics.h"
#include "sim/network.h"

namespace oche::sim {
namespace {

using namespace std::chrono_literals;

struct Link {
  Duration latency{};
  Instant dark_until{};  // a partition
};

// Sessions of honest ends over streams that lose nothing in the middle can't break the protocol.
bool impossible(wire::CloseReason reason) {
  static const std::set<wire::CloseReason> all = {
      wire::CloseReason::stranger,    wire::CloseReason::frame_too_long,
      wire::CloseReason::empty_frame, wire::CloseReason::unknown_frame,
      wire::CloseReason::wrong_frame, wire::CloseReason::malformed_message,
      wire::CloseReason::queue_full,  wire::CloseReason::refused_here};
  return all.count(reason) != 0;
}

// A handshake that is too slow, or meets the run's end.
bool late(const wire::Closed& closed) {
  return closed.refusal == wire::RefusalReason::too_slow ||
         closed.refusal == wire::RefusalReason::not_admitted ||
         closed.refusal == wire::RefusalReason::finished;
}

class StreamChannel final : public Channel, public std::enable_shared_from_this<StreamChannel> {
 public:
  StreamChannel(World& world, Link& link, const Process& process, std::string label,
                wire::Session session)
      : world_(world),
        link_(link),
        process_(process),
        label_(std::move(label)),
        session_(std::move(session)) {}

  void connect(const std::shared_ptr<StreamChannel>& peer) { peer_ = peer; }
  void start() {
    flush();
    tick_later();
  }

  void send(const wire::Message& message) override {
    if (dead_) return;
    if (session_.send(message, now()) == wire::SendResult::queued) {
      sent_.push_back(fnv1a(*wire::encode(message)));
    }
    flush();
    serve_later();  // the session may have ended
  }

  void close(wire::GoodbyeReason reason) override {
    drop_callbacks();
    session_.close(reason, "said by the simulator", now());
    flush();
  }

  void crash_loudly() override {
    if (dead_) return;
    // What is under way arrives up to some byte.
    under_way_.resize(world_.random.between(0, under_way_.size()));
    push(Piece{now(), {}, Last::end});
    die();
  }
  void crash_silently() override { die(); }

  // The connection breaks: what is under way is lost, at both ends.
  void reset() {
    broken_ = true;
    under_way_.clear();
    if (!dead_) {
      world_.timeline.after(delay(), [self = shared_from_this()] { self->fail_when_awake(); });
    }
  }

 private:
  enum class Last { no, end };
  struct Piece {
    Instant ready;
    std::string bytes;
    Last last = Last::no;
  };

  Instant now() const { return world_.timeline.now(); }

  void die() {
    dead_ = true;
    drop_callbacks();
  }

  void fail_when_awake() {
    world_.timeline.when_awake(process_, [self = shared_from_this()] {
      if (self->dead_) return;
      // Seen as an error, or as the end of the stream.
      if (self->world_.random.chance(0.5)) {
        self->session_.fail(wire::CloseReason::connection_error, "reset");
      } else {
        self->session_.end_of_stream(self->now());
      }
      self->serve();
    });
  }

  Duration delay() {
    Duration d = link_.latency + world_.random.between(Duration{0}, world_.faults.jitter);
    if (world_.random.chance(world_.faults.retransmit))
      d += world_.random.between(Duration(200ms), 2s);
    return d;
  }

  // ---- Out ----

  std::size_t room() const {
    return world_.faults.window > in_window_ ? world_.faults.window - in_window_ : 0;
  }

  void flush() {
    if (dead_) return;
    while (session_.has_output() && room() > 0) {
      std::string bytes = session_.take_output(std::min(room(), wire::kWriteBytes));
      session_.written(bytes.size(), now());
      in_window_ += bytes.size();
      while (bytes.size() > 1 && world_.random.chance(world_.faults.cut)) {
        const std::size_t n = world_.random.between(1, bytes.size() - 1);
        push(Piece{now() + delay(), bytes.substr(0, n)});
        bytes.erase(0, n);
      }
      push(Piece{now() + delay(), std::move(bytes)});
    }
    if (session_.closed() && !session_.has_output() && !end_sent_) {
      end_sent_ = true;
      push(Piece{now() + delay(), {}, Last::end});
    }
  }

  void push(Piece piece) {
    if (broken_) return;
    if (!under_way_.empty()) piece.ready = std::max(piece.ready, under_way_.back().ready);
    under_way_.push_back(std::move(piece));
    if (under_way_.size() == 1) arrive_later();
  }

  void arrive_later() {
    const Instant when = std::max(under_way_.front().ready, link_.dark_until);
    world_.timeline.at(when, [self = shared_from_this(), id = ++arrival_] {
      if (id != self->arrival_ || self->under_way_.empty()) return;
      if (self->link_.dark_until > self->now()) return self->arrive_later();
      const auto peer = self->peer_.lock();
      if (!peer) return;
      if (peer->process_.awake_at > self->now()) {
        self->under_way_.front().ready = peer->process_.awake_at;
        return self->arrive_later();
      }
      self->arrive(*peer);
    });
  }

  void arrive(StreamChannel& peer) {
    const Piece piece = std::move(under_way_.front());
    under_way_.pop_front();
    if (!under_way_.empty()) arrive_later();
    if (peer.dead_) return;  // the bytes stay unread, the window stays full
    in_window_ -= std::min(in_window_, piece.bytes.size());
    if (piece.last == Last::end) {
      peer.session_.end_of_stream(now());
    } else {
      peer.session_.receive(piece.bytes, now());
    }
    peer.serve();
    if (!dead_) {
      world_.timeline.when_awake(process_, [self = shared_from_this()] { self->flush(); });
    }
  }

  // ---- In ----

  void serve_later() {
    if (!session_.closed()) return;
    world_.timeline.at(now(), [self = shared_from_this()] { self->serve(); });
  }

  void serve() {
    const auto self = shared_from_this();
    if (!told_open_ && session_.peer() && on_open) {
      told_open_ = true;
      on_open(*session_.peer());
    }
    while (auto message = session_.next_message()) {
      check_order(*message);
      if (on_message) on_message(std::move(*message));
    }
    if (session_.closed() && on_closed) {
      const wire::Closed closed = *session_.closed();
      check_reason(closed);
      const auto tell = std::move(on_closed);
      drop_callbacks();
      tell(closed);
    }
    flush();
  }

  // A session gives the peer's messages in their order, each once, from the first on.
  void check_order(const wire::Message& message) {
    const auto peer = peer_.lock();
    require(peer && received_ < peer->sent_.size() &&
                peer->sent_[received_] == fnv1a(*wire::encode(message)),
            label_ + " received a message out of order, twice or changed");
    ++received_;
  }

  void check_reason(const wire::Closed& closed) {
    const std::string name(to_string(closed.reason));
    world_.trace.add(label_ + ": session ended: " + name);
    require(!impossible(closed.reason) && (!closed.refusal || late(closed)),
            label_ + ": the session ended with " + name + ": " + closed.text);
    if (closed.reason == wire::CloseReason::lost) ++world_.counters.sessions_lost;
    if (closed.text.find("middle of a frame") != std::string::npos) ++world_.counters.sessions_cut;
    require(closed.goodbye || late(closed) || !world_.faults.calm(),
            label_ + ": without a fault, the session ended with " + name);
    if (closed.goodbye == wire::GoodbyeReason::protocol_error) throw Violation(closed.text);
  }

  void tick_later() {
    world_.timeline.after(session_.tick_period(), [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self || self->dead_ || self->end_sent_) return;
      self->world_.timeline.when_awake(self->process_, [self] {
        if (self->dead_) return;
        self->session_.tick(self->now());
        self->serve();
        self->tick_later();
      });
    });
  }

  World& world_;
  Link& link_;
  const Process& process_;
  const std::string label_;
  wire::Session session_;
  std::weak_ptr<StreamChannel> peer_;
  std::deque<Piece> under_way_;
  std::size_t in_window_ = 0;
  std::uint64_t arrival_ = 0;  // the arrival that counts
  std::vector<std::uint64_t> sent_;
  std::size_t received_ = 0;
  bool broken_ = false;  // nothing leaves any more, though this end may not know it yet
  bool dead_ = false;
  bool end_sent_ = false;
  bool told_open_ = false;
};

class Streams final : public Network {
 public:
  Streams(World& world, const Process& manager) : world_(world), manager_(manager) {
    auto terms = std::make_shared<wire::ListenTerms>();
    terms->services = {wire::Service::work};
    terms->numerics = kNumerics;
    terms->heartbeat = std::chrono::milliseconds(world.random.between(200, 3000));
    listen_terms_ = std::move(terms);
  }

  std::shared_ptr<Channel> dial(const Process& worker, const std::string& name,
                                unsigned slots) override {
    Link& line = link(worker);
    wire::DialTerms terms;
    terms.numerics = kNumerics;
    terms.name = name;
    terms.slots = slots;
    terms.process = worker.run;
    const Instant now = world_.timeline.now();
    auto dialler = std::make_shared<StreamChannel>(world_, line, worker, name,
                                                   wire::Session::dial(std::move(terms), now));
    auto listener = std::make_shared<StreamChannel>(world_, line, manager_, "manager's " + name,
                                                    wire::Session::accept(listen_terms_, now));
    dialler->connect(listener);
    listener->connect(dialler);
    channels_[&worker].push_back(dialler);
    channels_[&worker].push_back(listener);
    on_accept(listener);
    dialler->start();
    listener->start();
    return dialler;
  }

  void reset(const Process& worker) override {
    for (const auto& channel : channels_[&worker]) channel->reset();
  }

  void partition(const Process& worker, Instant until) override {
    link(worker).dark_until = std::max(link(worker).dark_until, until);
  }

 private:
  Link& link(const Process& worker) {
    const auto [place, fresh] = links_.try_emplace(&worker);
    if (fresh) {
      place->second.latency =
          world_.random.between(world_.faults.latency, 2 * world_.faults.latency);
    }
    return place->second;
  }

  World& world_;
  const Process& manager_;
  std::shared_ptr<const wire::ListenTerms> listen_terms_;
  // By the address of a process: only looked up, never walked through, so that no run depends on
  // it.
  std::map<const Process*, Link> links_;
  std::map<const Process*, std::vector<std::shared_ptr<StreamChannel>>> channels_;
};

}  // namespace

bool World::calm() const {
  return timeline.now().time_since_epoch() >= std::chrono::seconds(1000) + faults.calm_after;
}

std::unique_ptr<Network> make_streams(World& world, const Process& manager) {
  return std::make_unique<Streams>(world, manager);
}

}  // namespace oche::sim
