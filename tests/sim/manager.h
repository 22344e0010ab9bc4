// The simulated manager: what crew/ does with sockets and threads, done with channels and a
// timeline.
#ifndef OCHE_SIM_MANAGER_H_
#define OCHE_SIM_MANAGER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/checker.h"
#include "sim/network.h"

namespace oche::sim {

class Manager {
 public:
  Manager(World& world, const Scenario& scenario, const Process& process, Checker& checker);

  void accept(const std::shared_ptr<Channel>& channel);
  void interrupt();

 private:
  struct Member {
    std::shared_ptr<Channel> channel;
    std::string name;
    std::optional<job::WorkerId> id;
    bool present = false;
  };

  void open(std::size_t index, const wire::Peer& peer);
  void leave(std::size_t index, job::Departure why);
  void receive(std::size_t index, const wire::Message& message);
  void deliver(const job::Actions& actions);
  void send(job::WorkerId worker, const wire::Message& message);
  void arm();

  World& world_;
  const Scenario& scenario_;
  const Process& process_;
  Checker& checker_;
  std::vector<Member> members_;
  std::map<job::WorkerId, std::size_t> by_id_;
  std::optional<Instant> armed_;
};

}  // namespace oche::sim

#endif  // OCHE_SIM_MANAGER_H_
