#include "host/host.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "host/estimate_service.h"
#include "host/job_queue.h"
#include "host/work_service.h"
#include "math/float_environment.h"
#include "math/numerics.h"
#include "talk/send_service.h"
#include "talk/talk_service.h"
#include "wire/listener.h"

namespace oche::host {
namespace {

// How often deadlines of leases and the interrupt are looked at, at least.
constexpr Duration kTick = std::chrono::milliseconds(100);

class Host {
 public:
  explicit Host(const HostOptions& options)
      : options_(options),
        queue_(options.limits.queue, options.limits.lease),
        work_(
            loop_, queue_, [this](const Actions& actions) { deliver(actions); }, options.on_result),
        estimate_(loop_, queue_, work_, [this](const Actions& actions) { deliver(actions); }),
        talk_(loop_, options.limits.talk, [this](std::string_view line) { say(std::string(line)); }),
        send_(loop_, options.limits.send,
              [this](std::string_view line) { say(std::string(line)); }) {}

  void run() {
    listen();
    if (options_.on_listen) options_.on_listen(listener_->endpoint());
    tick();
    loop_.run();
  }

 private:
  void say(const std::string& line) const {
    if (options_.on_event) options_.on_event(line);
  }

  void listen() {
    wire::ListenTerms terms;
    terms.services = {wire::Service::work, wire::Service::estimate, wire::Service::talk,
                      wire::Service::send};
    terms.admission = options_.admission;
    terms.numerics = kNumerics;
    terms.build = "oche";
    terms.admit = [this](wire::Peer& peer) { return admit(peer); };
    wire::ListenCallbacks callbacks;
    callbacks.on_open = [this](const std::shared_ptr<wire::Connection>& connection) {
      switch (connection->peer().service) {
        case wire::Service::work:
          return work_.open(connection);
        case wire::Service::estimate:
          return estimate_.open(connection);
        case wire::Service::talk:
          return talk_.take(connection);
        case wire::Service::send:
          return send_.take(connection);
      }
    };
    callbacks.on_failed = [this](const std::string& remote, const wire::Closed& closed) {
      say("a connection from " + remote + " came to nothing: " + closed.text);
    };
    callbacks.on_trouble = [this](const std::string& text) { say(text); };
    listener_ = std::make_unique<wire::Listener>(
        loop_, wire::parse_address(options_.listen, wire::AddressUse::listen), std::move(terms),
        std::move(callbacks),
        wire::ListenLimits{options_.limits.pending_handshakes, options_.limits.sessions,
                           options_.limits.source});
  }

  std::optional<wire::Refused> admit(wire::Peer& peer) {
    // The owner of a key can't pass for another's; programs with the user's own say who they are.
    const bool given = peer.key && peer.key->role != wire::KeyRole::own;
    if (given && peer.service != wire::Service::work) peer.name = peer.key->name;
    if (peer.service != wire::Service::work || peer.probe) return std::nullopt;
    if (stop_at_) {
      return wire::Refused{wire::RefusalReason::finished, "the host is being stopped"};
    }
    peer.name = work_.name_for(peer.name);
    return std::nullopt;
  }

  void deliver(const Actions& actions) {
    for (const Action& action : actions) {
      if (work_.take(action)) continue;
      if (const auto* ended = std::get_if<Ended>(&action)) estimate_.ended(ended->job);
      if (const auto* note = std::get_if<Note>(&action)) say(note->line);
    }
  }

  // ---- Time ----

  void tick() {
    const Instant now = monotonic_now();
    Actions actions;
    queue_.tick(now, actions);
    deliver(actions);
    if (now - told_ >= kProgressPeriod) {
      told_ = now;
      estimate_.tell_progress(now);
    }
    if (stop_if_asked(now)) return;
    const Instant next = std::min(queue_.next_tick().value_or(now + kTick), now + kTick);
    loop_.after(std::max(next - now, Duration::zero()), [this] { tick(); });
  }

  // True when all are being told goodbye.
  bool stop_if_asked(Instant now) {
    if (options_.interrupt == nullptr || !*options_.interrupt) return false;
    Actions actions;
    if (!stop_at_) {
      stop_at_ = now + options_.drain;
      queue_.stop(now, actions);
      say("stopping: " + std::to_string(queue_.open_jobs()) + " jobs may go on for " +
          std::to_string(static_cast<long>(seconds(options_.drain))) + " s");
    }
    if (queue_.open_jobs() > 0 && now < *stop_at_) {
      deliver(actions);
      return false;
    }
    queue_.interrupt(now, actions);
    deliver(actions);
    // After what was posted for the workers.
    loop_.post([this] {
      listener_->close_all(wire::GoodbyeReason::finished, "the host is being stopped",
                           [this] { loop_.stop(); });
    });
    return true;
  }

  const HostOptions& options_;
  wire::Loop loop_;
  JobQueue queue_;
  WorkService work_;
  EstimateService estimate_;
  talk::TalkService talk_;
  talk::SendService send_;
  std::unique_ptr<wire::Listener> listener_;
  Instant told_{};
  std::optional<Instant> stop_at_;  // when jobs end with what they have
};

}  // namespace

void run_host(const HostOptions& options) {
  // Tallies are merged and jobs' constants folded on this thread.
  const math::StandardFloatEnvironment environment;
  Host(options).run();
}

}  // namespace oche::host
