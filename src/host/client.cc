#include "host/client.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "host/messages.h"
#include "math/numerics.h"
#include "oche/error.h"
#include "wire/dial.h"

namespace oche::host {
namespace {

constexpr Duration kDialDeadline = std::chrono::seconds(10);
constexpr Duration kInterruptPoll = std::chrono::milliseconds(50);

[[noreturn]] void network(const std::string& text) { throw Error(ErrorKind::network, text); }

[[noreturn]] void throw_interrupted() {
  throw Interrupted("interrupted before the host answered; ask it again");
}

[[noreturn]] void throw_declined(const wire::Declined& declined) {
  const bool usage = declined.reason() == wire::Declined::WRONG_JOB ||
                     declined.reason() == wire::Declined::NO_SUCH_JOB ||
                     declined.reason() == wire::Declined::NO_SUCH_WORKER;
  std::string text = wire::printable(declined.text(), wire::kMaxTextBytes);
  if (text.empty()) text = "the host declines, and doesn't say why";
  throw Error(usage ? ErrorKind::usage : ErrorKind::network, text);
}

std::optional<JobState> state_from(wire::JobState state) {
  for (const JobState ours : {JobState::queued, JobState::running, JobState::done, JobState::failed,
                              JobState::cancelled}) {
    if (to_message(ours) == state) return ours;
  }
  return std::nullopt;
}

// What isn't a number is no news.
JobProgress progress_from(const wire::Progress& message) {
  JobProgress job;
  job.state = state_from(message.state()).value_or(JobState::queued);
  job.ahead = message.ahead();
  job.progress.workers = message.workers();
  job.progress.samples = message.samples();
  if (std::isfinite(message.seconds())) job.progress.seconds = std::max(0.0, message.seconds());
  if (message.has_estimate() && std::isfinite(message.estimate())) {
    job.progress.estimate = message.estimate();
    job.progress.half_width = message.half_width();
  }
  if (std::isfinite(message.seconds_left()) && message.seconds_left() >= 0) {
    job.progress.seconds_left = message.seconds_left();
  }
  return job;
}

}  // namespace

struct Client::Impl {
  explicit Impl(const ClientOptions& given)
      : options(given), address(wire::parse_address(given.address, wire::AddressUse::dial)) {
    dial();
    if (options.interrupt) poll();
    while (!connection && !closed && !interrupted()) loop.run();
    check_open();
  }

  bool interrupted() const { return options.interrupt && *options.interrupt; }

  void dial() {
    wire::DialTerms terms;
    terms.service = wire::Service::estimate;
    terms.numerics = kNumerics;
    terms.name = options.name;
    terms.slots = 0;
    terms.build = "oche";
    terms.credential = options.credential;
    wire::DialCallbacks callbacks;
    callbacks.on_open = [this](std::shared_ptr<wire::Connection> opened) {
      connection = std::move(opened);
      connection->on_message = [this](wire::Message&& message) {
        inbox.push_back(std::move(message));
        loop.stop();
      };
      connection->on_closed = [this](const wire::Closed& end) { close(end); };
      loop.stop();
    };
    callbacks.on_failed = [this](const wire::Closed& end) { close(end); };
    wire::dial(loop, address, std::move(terms), kDialDeadline, std::move(callbacks));
  }

  void close(const wire::Closed& end) {
    closed = end;
    loop.stop();
  }

  void poll() {
    if (interrupted()) return loop.stop();
    loop.after(kInterruptPoll, [this] { poll(); });
  }

  void check_open() const {
    if (closed) {
      network(closed->goodbye ? "the host at " + wire::to_string(address) +
                                    " ended the session: " + closed->text
                              : closed->text);
    }
    if (!connection) throw_interrupted();
  }

  // Nothing if interrupted.
  std::optional<wire::Message> next() {
    while (inbox.empty()) {
      if (closed) check_open();
      if (interrupted()) return std::nullopt;
      loop.run();
    }
    wire::Message message = std::move(inbox.front());
    inbox.pop_front();
    return message;
  }

  void send(const wire::Message& message) const {
    if (connection->send(message) == wire::SendResult::too_long) {
      throw Error(ErrorKind::usage,
                  "the job is too long to be sent to a host (its text has more than " +
                      std::to_string(wire::max_payload(wire::FrameType::submit)) +
                      " bytes); run it here");
    }
  }

  // The next message, which must be of this type.
  template <class T>
  T expect() {
    std::optional<wire::Message> message = next();
    if (!message) throw_interrupted();
    if (const auto* declined = std::get_if<wire::Declined>(&*message)) throw_declined(*declined);
    if (auto* wanted = std::get_if<T>(&*message)) return std::move(*wanted);
    network(
        "the host answers something else than what it was asked (that is against the protocol); "
        "run the same release of oche at both ends");
  }

  // Last words, so that the host knows that we meant to go.
  void hang_up() {
    if (!connection || closed) return;
    connection->close(wire::GoodbyeReason::finished, "the client has what it wanted");
    while (!closed) loop.run();
  }

  const ClientOptions options;
  const wire::Address address;
  wire::Loop loop;
  std::shared_ptr<wire::Connection> connection;
  std::deque<wire::Message> inbox;
  std::optional<wire::Closed> closed;
};

Client::Client(const ClientOptions& options) : impl_(std::make_unique<Impl>(options)) {}

Client::~Client() {
  try {
    impl_->hang_up();
  } catch (...) {  // NOLINT(bugprone-empty-catch): the line is gone all the same
  }
}

std::uint64_t Client::submit(const job::Job& job, const job::StopRule& rule, int priority) {
  const std::string data = job.data();
  impl_->send(to_submit(job, rule, priority, data.size()));
  for (std::size_t at = 0; at < data.size(); at += wire::kMaxPartBytes) {
    wire::SubmitData part;
    part.set_data(data.substr(at, wire::kMaxPartBytes));
    impl_->send(part);
  }
  return impl_->expect<wire::Submitted>().job();
}

std::optional<EndedJob> Client::wait(std::uint64_t number,
                                     const std::shared_ptr<const job::Job>& own,
                                     const std::function<void(const JobProgress&)>& on_progress) {
  wire::Fetch fetch;
  fetch.set_job(number);
  impl_->send(fetch);
  std::string bytes;
  for (;;) {
    const std::optional<wire::Message> message = impl_->next();
    if (!message) return std::nullopt;
    if (const auto* declined = std::get_if<wire::Declined>(&*message)) throw_declined(*declined);
    if (const auto* progress = std::get_if<wire::Progress>(&*message)) {
      if (on_progress) on_progress(progress_from(*progress));
    } else if (const auto* part = std::get_if<wire::AnswerPart>(&*message)) {
      if (bytes.size() + part->part().size() > kMostAnswerBytes) {
        network("the host's answer is longer than any may be (the limit is " +
                std::to_string(kMostAnswerBytes) + " bytes); run the job here");
      }
      bytes += part->part();
      if (part->last()) return answer_from(bytes, own);
    }
  }
}

void Client::cancel(std::uint64_t number) {
  wire::Cancel cancel;
  cancel.set_job(number);
  impl_->send(cancel);
  static_cast<void>(impl_->expect<wire::Done>());
}

void Client::drain(const std::string& worker) {
  if (worker.size() > wire::kMaxNameBytes) {
    throw Error(ErrorKind::usage, "no worker has a name of " + std::to_string(worker.size()) +
                                      " bytes (at most " + std::to_string(wire::kMaxNameBytes) +
                                      " are possible); see oche workers");
  }
  wire::Drain drain;
  drain.set_worker(worker);
  impl_->send(drain);
  static_cast<void>(impl_->expect<wire::Done>());
}

std::vector<report::JobLine> Client::jobs() {
  impl_->send(wire::ListJobs{});
  std::vector<report::JobLine> lines;
  for (bool last = false; !last;) {
    const auto list = impl_->expect<wire::JobList>();
    for (const wire::JobList::Line& line : list.jobs()) {
      lines.push_back({line.job(), to_string(state_from(line.state()).value_or(JobState::queued)),
                       line.priority(), wire::printable(line.client(), wire::kMaxNameBytes),
                       wire::printable(line.text(), kShownBytes), line.samples(), line.workers(),
                       std::isfinite(line.seconds()) ? line.seconds() : 0.0});
    }
    last = list.last();
  }
  return lines;
}

std::vector<report::WorkerLine> Client::workers() {
  impl_->send(wire::ListWorkers{});
  std::vector<report::WorkerLine> lines;
  for (bool last = false; !last;) {
    const auto list = impl_->expect<wire::WorkerList>();
    for (const wire::WorkerList::Line& line : list.workers()) {
      lines.push_back({wire::printable(line.name(), wire::kMaxNameBytes),
                       wire::printable(line.address(), wire::kMaxNameBytes), line.cores(),
                       line.job(), line.chunks(),
                       std::isfinite(line.seconds()) ? line.seconds() : 0.0, line.draining()});
    }
    last = list.last();
  }
  return lines;
}

}  // namespace oche::host
