#include "crew/job_parser.h"

#include <exception>
#include <utility>

#include "math/float_environment.h"
#include "oche/error.h"

namespace oche::crew {
namespace {

ParsedJob parsed(const std::string& text, const std::string& data) {
  try {
    return job::Job::from_canonical(text, data);
  } catch (const Error& error) {
    const std::string what = error.what();  // after its first line: the text again, and a caret
    return what.substr(0, what.find('\n'));
  } catch (const std::exception& error) {
    return std::string("the job can't be looked at (") + error.what() + "); make it smaller";
  }
}

}  // namespace

JobParser::JobParser(wire::Loop& loop) : loop_(loop) {}

JobParser::~JobParser() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void JobParser::parse(std::string text, std::string data, std::function<void(ParsedJob)> done) {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  const std::scoped_lock lock(mutex_);
  waiting_.push_back({std::move(text), std::move(data), std::move(done)});
  changed_.notify_all();
}

void JobParser::run() {
  math::set_float_environment();
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (closed_) return;
    Wish wish = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    loop_.post([done = std::move(wish.done), job = parsed(wish.text, wish.data)]() mutable {
      done(std::move(job));
    });
  }
}

}  // namespace oche::crew
