#include "crew/work.h"

#include <sys/random.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <thread>
#include <vector>

#include "crew/idle_watch.h"
#include "crew/job_parser.h"
#include "crew/kept_results.h"
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
constexpr Duration kIdlePoll = std::chrono::seconds(1);
// That others may use of an idle computer: a quarter of one, and a twentieth of all.
constexpr double idle_cores(unsigned cores) { return 0.25 + 0.05 * cores; }
constexpr const char* kInUse = "its computer is in use";
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

// 0 where the system has none: then nobody knows this process again.
std::uint64_t random_number() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) number = 0;
  return number;
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
        results_(most_leases(options.cores), wire::kMaxQueuedBytes),
        parser_(loop_) {
    if (options_.idle_after) {
      watch_.emplace(idle_cores(std::thread::hardware_concurrency()), *options_.idle_after);
    }
  }

  WorkEnd run() {
    std::vector<std::thread> threads;
    std::exception_ptr failure;
    try {
      for (unsigned i = 0; i < options_.cores; ++i) {
        threads.emplace_back([this] { compute_loop(); });
      }
      if (watch_) {
        rest("waiting until this computer is idle");
        poll_idle();
      } else {
        dial();
      }
      poll_wishes();
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
    terms.process = process_;
    wire::DialCallbacks callbacks;
    // A rest ends what was begun before it.
    callbacks.on_open = [this, rests = rests_](std::shared_ptr<wire::Connection> connection) {
      if (rests == rests_) return opened(std::move(connection));
      connection->close(wire::GoodbyeReason::stopping, kInUse);
    };
    callbacks.on_failed = [this, rests = rests_](const wire::Closed& closed) {
      if (rests == rests_) ended(closed);
    };
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
    parsing_ = false;
    held_.clear();
    delivered_ = false;
    queue_.end_session();
    results_.end_session();
    job_.reset();
    pass_.reset();
    if (leaving_) return stop(*leaving_);
    if (resting_) {
      lost_since_.reset();
      return forget_outages();
    }
    if (!broken_.empty()) return fail("the manager broke the protocol: " + broken_);
    const bool by_peer = closed.reason == wire::CloseReason::refused_by_peer;
    if (closed.goodbye == wire::GoodbyeReason::finished ||
        (by_peer && closed.refusal == wire::RefusalReason::finished)) {
      const bool why = closed.goodbye && !closed.text.empty();
      say(why ? closed.text : "the manager says that all is done");
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
    loop_.after(pause_, [this, rests = rests_] {
      if (!leaving_ && rests == rests_) dial();
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

  // ---- The wishes of this computer's owner ----

  void poll_wishes() {
    if (!leaving_ && options_.interrupt && *options_.interrupt) {
      leave_as(WorkEnd::interrupted, "interrupted by its user");
    } else if (!leaving_ && options_.until && std::chrono::system_clock::now() >= *options_.until) {
      say("the time is over");
      leave_as(WorkEnd::time_over, "its time is over");
    }
    loop_.after(kInterruptPoll, [this] { poll_wishes(); });
  }

  void leave_as(WorkEnd end, const char* why) {
    leaving_ = end;
    if (!connection_) return stop(end);
    connection_->close(wire::GoodbyeReason::stopping, why);
  }

  void poll_idle() {
    if (const auto others = look_at_others()) {
      watch_->see(*others, monotonic_now());
    } else if (!leaving_) {
      return fail(
          "it can't be seen whether this computer is idle (/proc/stat can't be read); work "
          "without --when-idle");
    }
    if (watch_->idle() && resting_) {
      say("this computer is idle");
      resting_ = false;
      if (!leaving_) dial();
    } else if (!watch_->idle() && !resting_) {
      rest("this computer is in use: waiting until it is idle");
    }
    loop_.after(kIdlePoll, [this] { poll_idle(); });
  }

  void rest(const char* why) {
    say(why);
    resting_ = true;
    ++rests_;
    if (connection_) connection_->close(wire::GoodbyeReason::stopping, kInUse);
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
      results_.answered(accepted->lease());
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
    parser_.parse(
        message.canonical(), message.data(),
        [this, session = queue_.session(), fingerprint = message.fingerprint()](ParsedJob job) {
          if (session != queue_.session()) return;
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
    if (fingerprint != last_job_) queue_.cancel_earlier_sessions();
    last_job_ = fingerprint;
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
    for (const wire::Offer& offer : results_.offers(message.fingerprint(), message.pass())) {
      connection_->send(offer);
    }
  }

  void take_lease(const wire::Lease& message) {
    const std::optional<job::Lease> lease = lease_from(message);
    const bool known = job_ && pass_ && message.fingerprint() == to_bytes(job_->fingerprint()) &&
                       message.numerics() == kNumerics && lease && lease->pass == pass_->plan.pass;
    if (!known || !fits(*lease)) {
      return refuse_job(message.fingerprint(), "a lease that is not of a job and plan sent before");
    }
    if (std::optional<wire::Result> kept = results_.take(message)) return deliver(*std::move(kept));
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

  void take_computed(wire::Result result, std::uint64_t session) {
    if (session == queue_.session()) return deliver(std::move(result));
    // The line was lost, and there may be another by now, with that job and pass.
    const bool wanted = connection_ && pass_ && result.fingerprint() == last_job_ &&
                        result.pass() == pass_->plan.pass;
    if (wanted) connection_->send(offer_of(result));
    results_.keep(std::move(result));
  }

  void deliver(wire::Result result) {
    if (!connection_) return results_.keep(std::move(result));
    delivered_ = true;
    const wire::Result& sent = results_.send(std::move(result));
    if (connection_->send(sent) != wire::SendResult::too_long) return;
    results_.answered(sent.lease());
    refuse_job(to_bytes(job_->fingerprint()),
               "a result is longer than a frame may be (the values fall into too many bins); run "
               "the job without workers that connect");
  }

  // ---- The computing threads ----

  void compute_loop() {
    try {
      sampling::Workspace workspace;
      while (const std::optional<Work> work = queue_.pop()) {
        const Computed computed = compute(*work, workspace);
        // Before done(): until then it can be cancelled.
        if (!computed.tally.strata.empty()) {
          loop_.post([this, session = work->session, cancelled = work->cancelled,
                      result = to_result(*work->job, work->lease, computed.tally,
                                         computed.computing)]() mutable {
            if (!*cancelled) take_computed(std::move(result), session);
          });
        }
        queue_.done(*work);
      }
    } catch (const std::exception& error) {
      loop_.post([this, text = std::string(error.what())] {
        fail("a computing thread of this worker failed: " + text);
      });
    }
  }

  const WorkOptions& options_;
  const wire::Address address_;
  wire::Loop loop_;
  LeaseQueue queue_;
  KeptResults results_;

  // So that a manager knows, when this worker is back, that it wasn't a chunk that ended it.
  const std::uint64_t process_ = random_number();

  JobParser parser_;

  std::shared_ptr<wire::Connection> connection_;
  bool parsing_ = false;            // the job of this session that came last
  std::deque<wire::Message> held_;  // after it
  std::shared_ptr<const job::Job> job_;
  std::string last_job_;  // its fingerprint, also after the session's end
  std::shared_ptr<const sampling::PassContext> pass_;
  bool connected_before_ = false;
  std::optional<WorkEnd> leaving_;
  std::optional<IdleWatch> watch_;
  bool resting_ = false;
  std::uint64_t rests_ = 0;
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
