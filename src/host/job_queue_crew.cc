// Who is with which job: the part of the queue that moves workers.
#include <algorithm>

#include "base/assert.h"
#include "host/job_queue.h"

namespace oche::host {
namespace {

std::string chunks_text(tally::Node node) {
  return std::to_string(node.first()) + ".." + std::to_string(node.end() - 1);
}

}  // namespace

void JobQueue::attach(MemberId id, JobNumber number, Instant now, Actions& out) {
  Member& member = members_.at(id);
  Entry& entry = jobs_.at(number);
  OCHE_ASSERT(!member.job && entry.dispatcher);
  free_.erase(id);
  out.emplace_back(BeginJob{id, entry.job});
  if (entry.state == JobState::queued) {
    out.emplace_back(
        Note{LogEntry(Event::job_begun).with("job", static_cast<std::uint64_t>(number))});
  }
  entry.state = JobState::running;
  job::Actions inner;
  member.worker = entry.dispatcher->join(member.name, member.depth, member.lease_target, now, inner,
                                         member.process);
  member.job = number;
  entry.members.emplace(member.worker, id);
  crewed_.insert(place_of(number));
  deliver(number, inner, out);
}

// With the leases that it has, which are not awaited any more.
void JobQueue::detach(MemberId id, Instant now, Actions& out, job::Departure how) {
  Member& member = members_.at(id);
  const JobNumber number = *member.job;
  Entry& entry = jobs_.at(number);
  entry.members.erase(member.worker);
  if (entry.members.empty()) crewed_.erase(place_of(number));
  job::Actions inner;
  entry.dispatcher->leave(member.worker, now, inner, how);
  set_free(id, member, out);
  deliver(number, inner, out);
}

void JobQueue::set_free(MemberId id, Member& member, Actions& out) {
  for (const auto& [ours, theirs] : member.leases) out.emplace_back(Withdraw{id, ours});
  member.leases.clear();
  member.numbers.clear();
  member.job.reset();
  if (!member.draining) free_.insert(id);
}

void JobQueue::deliver(JobNumber number, const job::Actions& actions, Actions& out) {
  const std::map<job::WorkerId, MemberId>& present = jobs_.at(number).members;
  for (const job::Action& action : actions) {
    if (const auto* begin = std::get_if<job::BeginPass>(&action)) {
      out.emplace_back(BeginPass{present.at(begin->worker), begin->pass});
    } else if (const auto* grant = std::get_if<job::Grant>(&action)) {
      const MemberId id = present.at(grant->worker);
      Member& member = members_.at(id);
      member.newest = job::LeaseId{static_cast<std::uint64_t>(member.newest) + 1};
      member.leases.emplace(member.newest, grant->lease.id);
      member.numbers.emplace(grant->lease.id, member.newest);
      job::Lease lease = grant->lease;
      lease.id = member.newest;
      out.emplace_back(Grant{id, lease});
      ++counts_.leases_granted;
    } else if (const auto* withdraw = std::get_if<job::Withdraw>(&action)) {
      const MemberId id = present.at(withdraw->worker);
      Member& member = members_.at(id);
      const auto theirs = member.numbers.find(withdraw->lease);
      out.emplace_back(Withdraw{id, theirs->second});
      member.leases.erase(theirs->second);
      member.numbers.erase(theirs);
    } else if (const auto* expired = std::get_if<job::Expired>(&action)) {
      ++counts_.leases_expired;
      out.emplace_back(Note{LogEntry(Event::lease_expired)
                                .with("name", members_.at(present.at(expired->worker)).name)
                                .with("job", static_cast<std::uint64_t>(number))
                                .with("chunks", chunks_text(expired->node))});
    }
  }
}

// After fill(): nothing is left there that it could be lent.
bool JobQueue::is_idle(const Member& member) const {
  const job::Dispatcher& dispatcher = *jobs_.at(*member.job).dispatcher;
  return dispatcher.leases_of(member.worker) == 0 && !dispatcher.is_stalled(member.worker) &&
         !dispatcher.has_work();
}

// Whether nobody has to move after a result of that worker; settle() would look at all of them.
bool JobQueue::is_settled(MemberId id) const {
  const Member& member = members_.at(id);
  if (!member.job) return false;
  if (open_.size() > 1 && is_idle(member)) return false;
  const bool others = !free_.empty() || *crewed_.rbegin() > place_of(*member.job);
  return !others || !jobs_.at(*member.job).dispatcher->has_work();
}

// One that has no job; else one that has nothing to do where it is; else of the last job in order.
std::optional<MemberId> JobQueue::best_for(const Place& place) const {
  const std::set<MemberId>& refused = jobs_.at(place.job).refused;
  for (const MemberId id : free_) {
    if (!refused.contains(id)) return id;
  }
  std::optional<MemberId> last;
  std::optional<Place> of_last;
  for (const auto& [id, member] : members_) {
    if (!member.job || member.draining || refused.contains(id)) continue;
    const Place other = place_of(*member.job);
    if (other < place && is_idle(member)) return id;
    if (other > place && (!of_last || other > *of_last)) {
      last = id;
      of_last = other;
    }
  }
  return last;
}

// Whether somebody who is with a job might find another. Most settlements need no look at all
// workers, of which there may be thousands.
bool JobQueue::somebody_is_idle() const {
  const auto is_spent = [this](const Place& place) {
    return !jobs_.at(place.job).dispatcher->has_work();
  };
  return open_.size() > 1 && std::ranges::any_of(crewed_, is_spent) &&
         std::ranges::any_of(members_,
                             [this](const auto& m) { return m.second.job && is_idle(m.second); });
}

void JobQueue::settle(Instant now, Actions& out) {
  const bool idle = somebody_is_idle();
  for (const Place& place : open_) {
    const job::Dispatcher& dispatcher = *jobs_.at(place.job).dispatcher;
    const auto nobody_can_come = [&] {
      return free_.empty() && !idle && (crewed_.empty() || place >= *crewed_.rbegin());
    };
    // There may be very many jobs after those that somebody is with.
    if (nobody_can_come()) return;
    while (dispatcher.has_work() && !nobody_can_come()) {
      const std::optional<MemberId> id = best_for(place);
      if (!id) break;
      if (members_.at(*id).job) detach(*id, now, out);
      attach(*id, place.job, now, out);
    }
  }
}

}  // namespace oche::host
