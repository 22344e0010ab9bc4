#include "sim/manager.h"

#include "crew/messages.h"

namespace oche::sim {

Manager::Manager(World& world, const Scenario& scenario, const Process& process, Checker& checker)
    : world_(world), scenario_(scenario), process_(process), checker_(checker) {}

void Manager::accept(const std::shared_ptr<Channel>& channel) {
  const std::size_t index = members_.size();
  members_.push_back({channel, {}, {}, false});
  channel->on_open = [this, index](const wire::Peer& peer) { open(index, peer); };
  channel->on_message = [this, index](wire::Message&& message) { receive(index, message); };
  channel->on_closed = [this, index](const wire::Closed& closed) {
    leave(index, crew::departure_of(closed.reason));
  };
}

void Manager::open(std::size_t index, const wire::Peer& peer) {
  if (checker_.subject().finished()) {
    return members_[index].channel->close(wire::GoodbyeReason::finished);
  }
  // Without sessions, nothing but its coming again tells that a worker was away.
  for (std::size_t i = 0; i < index && scenario_.faults.transport == Transport::datagrams; ++i) {
    if (members_[i].name == peer.name) leave(i, job::Departure::lost);
  }
  Member& member = members_[index];
  member.name = peer.name;
  member.present = true;
  member.channel->send(crew::to_message(*scenario_.job));
  job::Actions actions;
  member.id = checker_.join(peer.name, peer.slots * scenario_.leases_per_slot,
                            job::ProcessId{peer.process}, world_.timeline.now(), actions);
  by_id_.emplace(*member.id, index);
  world_.trace.add(peer.name + " joins as " +
                   std::to_string(static_cast<std::uint64_t>(*member.id)));
  deliver(actions);
}

void Manager::leave(std::size_t index, job::Departure why) {
  Member& member = members_[index];
  if (!member.present) return;
  member.present = false;
  world_.trace.add(member.name + (why == job::Departure::lost ? " is lost" : " leaves") +
                   ", who was " + std::to_string(static_cast<std::uint64_t>(*member.id)));
  job::Actions actions;
  checker_.leave(*member.id, why, world_.timeline.now(), actions);
  deliver(actions);
}

void Manager::receive(std::size_t index, const wire::Message& message) {
  const auto* result = std::get_if<wire::Result>(&message);
  Member& member = members_[index];
  if (const auto* offer = std::get_if<wire::Offer>(&message)) {
    const auto node = crew::node_from(offer->level(), offer->index());
    require(node && member.id, "an offer of no node, or of nobody");
    world_.trace.add(member.name + " offers chunks from " + std::to_string(node->first()));
    job::Actions actions;
    checker_.offer(*member.id, offer->pass(), *node, world_.timeline.now(), actions);
    return deliver(actions);
  }
  require(result != nullptr && member.id, "the manager received something other than a result");
  const auto node = crew::node_from(result->level(), result->index());
  require(node && result->fingerprint() == crew::to_bytes(scenario_.job->fingerprint()),
          "a result of another job, or of no node");
  const job::Lease lease{job::LeaseId{result->lease()}, result->pass(), *node, 0};
  world_.trace.add(member.name + " delivers lease " + std::to_string(result->lease()));
  job::Actions actions;
  const job::Verdict verdict =
      checker_.complete(*member.id, lease, crew::tally_from(result->tally()),
                        crew::computing_from(*result), world_.timeline.now(), actions);
  member.channel->send(crew::answer_to(*result, verdict));
  deliver(actions);
}

void Manager::interrupt() {
  if (checker_.subject().finished()) return;
  world_.trace.add("the user interrupts");
  job::Actions actions;
  checker_.interrupt(world_.timeline.now(), actions);
  deliver(actions);
}

void Manager::send(job::WorkerId worker, const wire::Message& message) {
  members_[by_id_.at(worker)].channel->send(message);
}

void Manager::deliver(const job::Actions& actions) {
  for (const job::Action& action : actions) {
    if (const auto* begin = std::get_if<job::BeginPass>(&action)) {
      send(begin->worker, crew::to_message(*scenario_.job, begin->pass->plan));
    } else if (const auto* grant = std::get_if<job::Grant>(&action)) {
      const job::Lease& lease = grant->lease;
      world_.trace.add(members_[by_id_.at(grant->worker)].name + " gets lease " +
                       std::to_string(static_cast<std::uint64_t>(lease.id)) + ", chunks " +
                       std::to_string(lease.node.first()) + " to " +
                       std::to_string(lease.node.end()) + " of pass " + std::to_string(lease.pass));
      send(grant->worker, crew::to_message(*scenario_.job, lease));
    } else if (const auto* withdraw = std::get_if<job::Withdraw>(&action)) {
      wire::Revoke message;
      message.set_lease(static_cast<std::uint64_t>(withdraw->lease));
      send(withdraw->worker, message);
    } else if (const auto* expired = std::get_if<job::Expired>(&action)) {
      world_.trace.add("a lease of " + members_[by_id_.at(expired->worker)].name +
                       " expires, chunk " + std::to_string(expired->node.first()));
    } else {
      world_.trace.add(std::string("finished: ") + job::to_string(*checker_.subject().reason()));
      for (Member& member : members_) member.channel->close(wire::GoodbyeReason::finished);
    }
  }
  arm();
}

void Manager::arm() {
  const std::optional<Instant> next = checker_.subject().next_tick();
  if (!next || next == armed_) return;
  armed_ = next;
  world_.timeline.at(*next, [this, next] {
    world_.timeline.when_awake(process_, [this, next] {
      if (armed_ != next) return;  // a later one was armed
      armed_.reset();
      job::Actions actions;
      checker_.tick(world_.timeline.now(), actions);
      deliver(actions);
    });
  });
}

}  // namespace oche::sim
