#include "crew/work.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <thread>
#include <vector>

#include "crew/job_parser.h"
#include "crew/lease_queue.h"
#include "crew/messages.h"
#include "math/numerics.h"
#include "oche/error.h"
#include "wire/dial.h"

namespace oche::crew {
namespace {

constexpr Duration kDialDeadline = std::chrono::seconds(10);
constexpr Duration kFirstPause = std::chrono::milliseconds(100);
constexpr Duration kLongestPause = std::chrono::seconds(2);
constexpr Duration kGiveUpAfter = std::chrono::seconds(60);
// A manager lends twice the cores; the rest is for leases that were lent anew meanwhile.
constexpr std::size_t most_leases(unsigned cores) { return 4 * std::size_t{cores} + 64; }
constexpr Duration kInterruptPoll = std::chrono::milliseconds(50);
// Messages that wait while a job is parsed: a manager lends little to who has answered nothing.
constexpr std::size_t kMostHeld = 2000;

// The peer is not a manager of this protocol, and dialling it again would not make it one.
bool broke_protocol(wire::CloseReason reason) {
  switch (reason) {
    case wire::CloseReason::stranger:
    case wire::CloseReason::frame_too_long:
    case wire::CloseReason::empty_frame:
    case wire::CloseReason::unknown_frame:
    case wire::CloseReason::wrong_frame:
    case wire::CloseReason::malformed_message:
      return true;
    default:
      return false;
  }
}

std::string milliseconds_text(Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return std::to_string(ms) + " ms";
}

class Worker {
 public:
  explicit Worker(const WorkOptions& options)
      : options_(options),
        address_(wire::parse_address(options.address, wire::AddressUse::dial)),
        queue_(most_leases(options.cores)),
        parser_(loop_) {}

  WorkEnd run() {
    std::vector<std::thread> threads;
    std::exception_ptr failure;
    try {
      for (unsigned i = 0; i < options_.cores; ++i) {
        threads.emplace_back([this] { compute_loop(); });
      }
      dial();
      poll_interrupt();
      loop_.run();
    } catch (...) {
      failure = std::current_exception();
    }
    queue_.close();
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
    if (failure_) std::rethrow_exception(failure_);
    return end_;
  }

 private:
  void say(const std::string& line) const {
    if (options_.on_event) options_.on_event(line);
  }

  // ---- The line to the manager; on the loop's thread ----

  void dial() {
    wire::DialTerms terms;
    terms.service = wire::Service::work;
    terms.numerics = kNumerics;
    terms.name = options_.name;
    terms.slots = options_.cores;
    terms.build = "oche";
    terms.credential = options_.credential;
    wire::DialCallbacks callbacks;
    callbacks.on_open = [this](std::shared_ptr<wire::Connection> connection) {
      opened(std::move(connection));
    };
    callbacks.on_failed = [this](const wire::Closed& closed) { ended(closed); };
    wire::dial(loop_, address_, std::move(terms), kDialDeadline, std::move(callbacks));
  }

  void opened(std::shared_ptr<wire::Connection> connection) {
    connection_ = std::move(connection);
    connected_before_ = true;
    opened_ = monotonic_now();
    if (lost_since_) lost_for_ += monotonic_now() - *lost_since_;
    lost_since_.reset();
    say("connected to " + connection_->remote() + " as " + connection_->peer().name);
    connection_->on_message = [this](wire::Message&& message) { hold_or_take(std::move(message)); };
    connection_->on_closed = [this](const wire::Closed& closed) { ended(closed); };
  }

  // A dial that came to nothing, or a session's end.
  void ended(const wire::Closed& closed) {
    // An idle worker of a host has nothing to deliver, and its line may break now and then.
    if (connection_ && monotonic_now() - opened_ > kGiveUpAfter) forget_outages();
    connection_.reset();
    ++session_;
    parsing_ = false;
    held_.clear();
    delivered_ = false;
    queue_.clear();
    job_.reset();
    pass_.reset();
    if (interrupted_) return stop(WorkEnd::interrupted);
    if (!broken_.empty()) return fail("the manager broke the protocol: " + broken_);
    const bool by_peer = closed.reason == wire::CloseReason::refused_by_peer;
    if (closed.goodbye == wire::GoodbyeReason::finished ||
        (by_peer && closed.refusal == wire::RefusalReason::finished)) {
      say("the manager says that all is done");
      return stop(WorkEnd::finished);
    }
    const bool turned_away = closed.goodbye == wire::GoodbyeReason::turned_away ||
                             closed.goodbye == wire::GoodbyeReason::protocol_error;
    const bool full = by_peer && closed.refusal == wire::RefusalReason::full;
    const bool refused = closed.refusal.has_value() && !full;
    const bool strange = connected_before_ && broke_protocol(closed.reason);
    const Instant now = monotonic_now();
    if (!lost_since_) lost_since_ = now;
    if (strange) return fail(closed.text + "; run the same release of oche at both ends");
    const bool never_there = !connected_before_ && !full;
    if (never_there || refused || turned_away || lost_for_ + (now - *lost_since_) > kGiveUpAfter) {
      return fail(closed.text);
    }
    say((full ? "no place at the manager: " : "lost the manager: ") + closed.text + "; in " +
        milliseconds_text(pause_) + " dialling again");
    loop_.after(pause_, [this] {
      if (!interrupted_) dial();
    });
    pause_ = std::min(2 * pause_, kLongestPause);
  }

  void stop(WorkEnd end) {
    end_ = end;
    loop_.stop();
  }

  void fail(const std::string& text) {
    failure_ = std::make_exception_ptr(Error(ErrorKind::network, text));
    loop_.stop();
  }

  void poll_interrupt() {
    if (options_.interrupt && *options_.interrupt && !interrupted_) {
      interrupted_ = true;
      if (!connection_) return stop(WorkEnd::interrupted);
      connection_->close(wire::GoodbyeReason::stopping, "interrupted by its user");
    }
    loop_.after(kInterruptPoll, [this] { poll_interrupt(); });
  }

  // ---- Messages of the manager ----

  // While a job is parsed, what comes after it waits for it.
  void hold_or_take(wire::Message&& message) {
    if (!parsing_) return receive(message);
    // The job before is of no interest any more, and what was lent of it was taken back.
    if (std::holds_alternative<wire::Job>(message)) held_.clear();
    if (held_.size() >= kMostHeld) {
      return leave("it sends more than " + std::to_string(kMostHeld) +
                   " messages while the job before them is looked at");
    }
    held_.push_back(std::move(message));
  }

  void take_held() {
    while (!parsing_ && connection_ && connection_->open() && !held_.empty()) {
      const wire::Message message = std::move(held_.front());
      held_.pop_front();
      receive(message);
    }
  }

  void receive(const wire::Message& message) {
    if (const auto* job = std::get_if<wire::Job>(&message)) return take_job(*job);
    if (const auto* plan = std::get_if<wire::Plan>(&message)) return take_plan(*plan);
    if (const auto* lease = std::get_if<wire::Lease>(&message)) return take_lease(*lease);
    if (const auto* revoke = std::get_if<wire::Revoke>(&message)) {
      return queue_.withdraw(job::LeaseId{revoke->lease()});
    }
    if (const auto* accepted = std::get_if<wire::Accepted>(&message)) {
      if (accepted->verdict() == wire::Accepted::REJECTED) {
        say("a result was rejected: " + wire::printable(accepted->text(), 200));
      } else if (accepted->verdict() == wire::Accepted::ACCEPTED && delivered_) {
        // Only work that counts makes up for an outage: a manager that takes us and drops us, again
        // and again, is dialled as one that isn't there.
        forget_outages();
      }
    }
  }

  void forget_outages() {
    pause_ = kFirstPause;
    lost_for_ = Duration::zero();
  }

  void take_job(const wire::Job& message) {
    pass_.reset();  // it is of the job before, and refers to it
    job_.reset();
    parsing_ = true;
    parser_.parse(message.canonical(), message.data(),
                  [this, session = session_, fingerprint = message.fingerprint()](ParsedJob job) {
                    if (session != session_) return;
                    parsing_ = false;
                    take_parsed(std::move(job), fingerprint);
                    take_held();
                  });
  }

  void take_parsed(ParsedJob parsed, const std::string& fingerprint) {
    if (const auto* why = std::get_if<std::string>(&parsed)) return refuse_job(fingerprint, *why);
    auto job = std::get<std::shared_ptr<const job::Job>>(std::move(parsed));
    if (to_bytes(job->fingerprint()) != fingerprint) {
      return refuse_job(fingerprint, "the fingerprint is not that of the job's text");
    }
    job_ = std::move(job);
    // One line of the job's three: what is estimated.
    std::string text = job_->canonical().substr(job_->canonical().find("estimate "));
    text.pop_back();
    say(wire::printable(text, 200));
  }

  void take_plan(const wire::Plan& message) {
    if (!job_ || message.fingerprint() != to_bytes(job_->fingerprint())) return;
    auto plan = sampling::Plan::from_bytes(message.plan(), job_->dimensions());
    if (!plan || plan->pass != message.pass() || to_bytes(plan->hash()) != message.hash()) {
      return refuse_job(message.fingerprint(), "the plan is not one for this job");
    }
    pass_ = std::make_shared<const sampling::PassContext>(job_->integrand(), job_->seed(),
                                                          job_->chunk_samples(), std::move(*plan));
  }

  void take_lease(const wire::Lease& message) {
    const std::optional<job::Lease> lease = lease_from(message);
    const bool known = job_ && pass_ && message.fingerprint() == to_bytes(job_->fingerprint()) &&
                       message.numerics() == kNumerics && lease && lease->pass == pass_->plan.pass;
    if (!known || !fits(*lease)) {
      return refuse_job(message.fingerprint(), "a lease that is not of a job and plan sent before");
    }
    switch (queue_.push({*lease, pass_, job_, nullptr})) {
      case Pushed::queued:
        return;
      case Pushed::full:
        return leave("it lends more than " + std::to_string(most_leases(options_.cores)) +
                     " leases at once to " + std::to_string(options_.cores) + " cores");
      case Pushed::known:
        return leave("it lends lease " + std::to_string(message.lease()) + " twice");
    }
  }

  // The manager broke the protocol with what its messages say; ended() tells it.
  void leave(const std::string& why) {
    broken_ = why;
    connection_->close(wire::GoodbyeReason::protocol_error, why);
  }

  // Every chunk of the lease has samples before the pass's end, and the plan has room for them.
  bool fits(const job::Lease& lease) const {
    const std::uint64_t chunk = pass_->chunk_samples;
    if (lease.node.end() > sampling::kMaxSamples / chunk) return false;
    if (pass_->plan.stratified() && lease.end_sample != pass_->plan.samples()) return false;
    return lease.end_sample == 0 || (lease.node.end() - 1) * chunk < lease.end_sample;
  }

  void refuse_job(const std::string& fingerprint, const std::string& why) {
    say("can't compute the job of this manager: " + wire::printable(why, 200));
    wire::JobRefused message;
    message.set_fingerprint(fingerprint);
    message.set_text(wire::printable(why, wire::kMaxTextBytes));
    connection_->send(message);
  }

  // ---- The computing threads ----

  void compute_loop() {
    try {
      sampling::Workspace workspace;
      while (const std::optional<Work> work = queue_.pop()) {
        const Computed computed = compute(*work, workspace);
        // Before done(): until then a lost line cancels it, so that no result of one session is
        // sent in the next.
        if (!computed.tally.strata.empty()) {
          deliver(to_result(*work->job, work->lease, computed.tally, computed.computing),
                  work->cancelled);
        }
        queue_.done(*work);
      }
    } catch (const std::exception& error) {
      loop_.post([this, text = std::string(error.what())] {
        fail("a computing thread of this worker failed: " + text);
      });
    }
  }

  // Unless the lease was withdrawn or its session ended meanwhile.
  void deliver(wire::Message message, std::shared_ptr<std::atomic<bool>> cancelled) {
    loop_.post([this, message = std::move(message), cancelled = std::move(cancelled)] {
      if (!connection_ || *cancelled) return;
      delivered_ = true;
      if (connection_->send(message) != wire::SendResult::too_long) return;
      refuse_job(std::get<wire::Result>(message).fingerprint(),
                 "a result is longer than a frame may be (the values fall into too many bins); run "
                 "the job without workers that connect");
    });
  }

  const WorkOptions& options_;
  const wire::Address address_;
  wire::Loop loop_;
  LeaseQueue queue_;

  JobParser parser_;

  std::shared_ptr<wire::Connection> connection_;
  std::uint64_t session_ = 0;       // so many ended before this one
  bool parsing_ = false;            // the job of this session that came last
  std::deque<wire::Message> held_;  // after it
  std::shared_ptr<const job::Job> job_;
  std::shared_ptr<const sampling::PassContext> pass_;
  bool connected_before_ = false;
  bool interrupted_ = false;
  bool delivered_ = false;  // a result, in this session
  std::string broken_;      // how the manager broke the protocol
  Instant opened_{};        // this session, or the last
  // Since a result was accepted, or a session lasted as long as we dial.
  std::optional<Instant> lost_since_;  // of the outage that there is now
  Duration lost_for_{};                // of those before
  Duration pause_ = kFirstPause;
  WorkEnd end_ = WorkEnd::finished;
  std::exception_ptr failure_;
};

}  // namespace

WorkEnd work(const WorkOptions& options) { return Worker(options).run(); }

}  // namespace oche::crew
