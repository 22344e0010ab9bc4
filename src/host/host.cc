#include "host/host.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "host/estimate_service.h"
#include "host/exposition.h"
#include "host/host_events.h"
#include "host/job_queue.h"
#include "host/metrics.h"
#include "host/stranger_log.h"
#include "host/work_service.h"
#include "math/float_environment.h"
#include "math/numerics.h"
#include "oche/error.h"
#include "talk/send_service.h"
#include "talk/talk_service.h"
#include "wire/dial.h"
#include "wire/http_server.h"
#include "wire/listener.h"

namespace oche::host {
namespace {

// How often deadlines of leases and the interrupt are looked at, at least.
constexpr Duration kTick = std::chrono::milliseconds(100);

double unix_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

class Host {
 public:
  explicit Host(const HostOptions& options)
      : options_(options),
        queue_(options.limits.queue, options.limits.lease),
        work_(
            loop_, queue_, [this](const Actions& actions) { deliver(actions); },
            options.detail == Detail::full ? options.log : Log{}),
        estimate_(loop_, queue_, work_, [this](const Actions& actions) { deliver(actions); }),
        talk_(loop_, options.limits.talk,
              [this](const talk::ServiceNote& note) { say(of_service(note)); }),
        send_(loop_, options.limits.send,
              [this](const talk::ServiceNote& note) { say(of_service(note)); }) {}

  void run() {
    listen();
    serve_metrics();
    if (options_.on_listen) options_.on_listen(listener_->endpoint());
    if (metrics_ && options_.on_metrics) options_.on_metrics(metrics_->endpoint());
    tick();
    loop_.run();
    for (const LogEntry& entry : strangers_.end()) say(entry);
    say(LogEntry(Event::stopped));
  }

 private:
  void say(const LogEntry& entry) const {
    if (options_.log) options_.log(entry);
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
      const std::size_t service = index_of(connection->peer().service);
      ++counts_.accepted[service];
      ++counts_.sessions[service];
      say(connected(*connection));
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
      not_admitted(remote, closed);
    };
    callbacks.on_closed = [this](const wire::Connection& connection, const wire::Closed& closed) {
      --counts_.sessions[index_of(connection.peer().service)];
      ++counts_.ended[static_cast<std::size_t>(closed.reason)];
      say(left(connection, closed));
    };
    callbacks.on_revoked = [this](const wire::Connection& connection) { say(revoked(connection)); };
    callbacks.on_trouble = [this](const std::string& text) {
      say(LogEntry(Event::trouble).with("text", text));
    };
    listener_ = std::make_unique<wire::Listener>(
        loop_, wire::parse_address(options_.listen, wire::AddressUse::listen), std::move(terms),
        std::move(callbacks),
        wire::ListenLimits{options_.limits.silent_connections, options_.limits.pending_handshakes,
                           options_.limits.sessions, options_.limits.source});
  }

  void not_admitted(const std::string& remote, const wire::Closed& closed) {
    ++counts_.failed[static_cast<std::size_t>(closed.reason)];
    tell_of_stranger(remote, host::not_admitted(remote, closed));
  }

  void tell_of_stranger(const std::string& remote, LogEntry entry) {
    if (entry.event == Event::probed || options_.detail == Detail::full) return say(entry);
    for (const LogEntry& line :
         strangers_.take(wire::network_of(remote), std::move(entry), monotonic_now())) {
      say(line);
    }
  }

  // ---- Metrics ----

  void serve_metrics() {
    const MetricsOptions& wanted = options_.metrics;
    if (wanted.listen.empty()) return;
    for (const int status : wire::kHttpStatuses) counts_.http_answers[status] = 0;
    wire::HttpTerms terms;
    terms.pages = [this](std::string_view path) -> std::optional<wire::HttpPage> {
      if (path != "/metrics") return std::nullopt;
      return wire::HttpPage{Exposition::kContentType, metrics_page(view())};
    };
    terms.permits = [&wanted](const std::string& address) {
      if (wanted.allow.empty()) return wire::is_this_computer({address, 0});
      return std::ranges::any_of(wanted.allow,
                                 [&](const auto& range) { return range.contains(address); });
    };
    terms.on_answer = [this](int status) { ++counts_.http_answers[status]; };
    terms.on_refused = [this](const std::string& remote) {
      tell_of_stranger(remote, LogEntry(Event::refused)
                                   .with("peer", remote)
                                   .with("service", "metrics")
                                   .with("reason", "refused_here")
                                   .with("text",
                                         "the metrics aren't offered to that address "
                                         "(--allow metrics=ADDR/LEN)"));
    };
    metrics_ = std::make_unique<wire::HttpServer>(
        loop_, wire::parse_address(wanted.listen, wire::AddressUse::listen), "--metrics",
        std::move(terms));
  }

  MetricsView view() const {
    MetricsView view;
    view.version = options_.version;
    view.numerics = kNumerics;
    view.start_time = start_time_;
    view.connections = counts_;
    view.pending_handshakes = listener_->pending_handshakes();
    view.traffic = loop_.traffic();
    for (const auto& [id, worker] : work_.workers()) {
      ++view.workers;
      view.worker_cores += worker.cores;
    }
    for (const auto& [number, job] : queue_.jobs()) {
      ++view.jobs[static_cast<std::size_t>(job.state)];
    }
    view.declined = estimate_.declined();
    view.queue = queue_.counts();
    for (const auto& [id, member] : queue_.members()) view.leases += member.leases.size();
    view.results = work_.results();
    view.job_bytes = queue_.open_bytes();
    view.answers = queue_.kept_jobs();
    view.answer_bytes = queue_.kept_bytes();
    view.rings = talk_.rings();
    view.lag = lag_;
    if (options_.lines_lost) view.lines_lost = options_.lines_lost();
    view.process = process_counts();
    return view;
  }

  std::optional<wire::Refused> admit(wire::Peer& peer) {
    // The owner of a key can't pass for another's; programs with the user's own say who they are.
    const bool given = !peer.given_name.empty();
    if (given && peer.service != wire::Service::work) peer.name = peer.given_name;
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
      if (const auto* note = std::get_if<Note>(&action)) say(note->entry);
    }
  }

  // ---- Time ----

  void tick() {
    const Instant now = monotonic_now();
    Actions actions;
    queue_.tick(now, actions);
    deliver(actions);
    for (const LogEntry& entry : strangers_.tick(now)) say(entry);
    if (now - told_ >= kProgressPeriod) {
      told_ = now;
      estimate_.tell_progress(now);
    }
    if (stop_if_asked(now)) return;
    const Instant next = std::clamp(queue_.next_tick().value_or(now + kTick), now, now + kTick);
    loop_.after(next - now, [this, next] {
      lag_.add(monotonic_now() - next);
      tick();
    });
  }

  // True when all are being told goodbye.
  bool stop_if_asked(Instant now) {
    if (options_.interrupt == nullptr || !*options_.interrupt) return false;
    Actions actions;
    if (!stop_at_) {
      stop_at_ = now + options_.drain;
      queue_.stop(now, actions);
      say(LogEntry(Event::draining)
              .with("jobs", std::uint64_t{queue_.open_jobs()})
              .with("seconds", static_cast<std::uint64_t>(seconds(options_.drain))));
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
  std::unique_ptr<wire::HttpServer> metrics_;
  StrangerLog strangers_;
  ConnectionCounts counts_;
  LagHistogram lag_;
  const double start_time_ = unix_time();
  Instant told_{};
  std::optional<Instant> stop_at_;  // when jobs end with what they have
};

void check(const MetricsOptions& metrics) {
  if (metrics.listen.empty() || !metrics.allow.empty()) return;
  const wire::Address address = wire::parse_address(metrics.listen, wire::AddressUse::listen);
  if (is_this_computer(address)) return;
  throw Error(ErrorKind::usage,
              "the metrics at " + to_string(address) +
                  " would be for other computers (and it isn't said which may read them); give "
                  "--allow metrics=ADDR/LEN, or --metrics 127.0.0.1:PORT");
}

}  // namespace

void run_host(const HostOptions& options) {
  // Tallies are merged and jobs' constants folded on this thread.
  const math::StandardFloatEnvironment environment;
  check(options.metrics);
  Host(options).run();
}

}  // namespace oche::host
