// Messages that get lost, doubled and reordered. No session is under them: what the dispatcher must
// bear is more than any transport that it is used with does to it.
#include <map>

#include "sim/network.h"

namespace oche::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration kOpenAgainAfter = 500ms;

struct Link {
  Duration latency{};
  Instant dark_until{};
};

class DatagramChannel final : public Channel, public std::enable_shared_from_this<DatagramChannel> {
 public:
  DatagramChannel(World& world, Link& link, const Process& process, wire::Peer worker)
      : world_(world), link_(link), process_(process), worker_(std::move(worker)) {}

  void connect(const std::shared_ptr<DatagramChannel>& peer) { peer_ = peer; }

  // The dialler's first word, again and again until it is answered.
  void knock() {
    dials_ = true;
    if (over_ || open_) return;
    transmit([](DatagramChannel& peer) {
      peer.opened();
      peer.transmit([](DatagramChannel& dialler) { dialler.opened(); });
    });
    world_.timeline.after(kOpenAgainAfter, [self = shared_from_this()] { self->knock(); });
  }

  void send(const wire::Message& message) override {
    if (over_) return;
    transmit([message](DatagramChannel& peer) {
      if (peer.dials_) peer.opened();  // whatever comes back is an answer
      if (peer.open_ && peer.on_message) peer.on_message(wire::Message(message));
    });
  }

  void close(wire::GoodbyeReason reason) override {
    if (over_) return;
    transmit([reason](DatagramChannel& peer) { peer.ended(reason); });
    crash_silently();
  }
  void crash_loudly() override { close(wire::GoodbyeReason::stopping); }
  void crash_silently() override {
    over_ = true;
    drop_callbacks();
  }

 private:
  using Delivery = std::function<void(DatagramChannel&)>;

  void transmit(const Delivery& delivery) {
    const FaultModel& faults = world_.faults;
    Random& random = world_.random;
    const bool calm = world_.calm();
    unsigned copies = random.chance(faults.loss) && !calm ? 0 : 1;
    while (copies > 0 && copies < 4 && random.chance(faults.duplication)) ++copies;
    for (unsigned i = 0; i < copies; ++i) {
      Duration delay = link_.latency + random.between(Duration{0}, faults.jitter);
      if (random.chance(faults.reordering) && !calm) delay += random.between(Duration{0}, 1s);
      world_.timeline.after(delay, [peer = peer_, &link = link_, &world = world_, delivery] {
        const auto channel = peer.lock();
        if (!channel || link.dark_until > world.timeline.now()) return;
        world.timeline.when_awake(channel->process_, [channel, delivery] {
          if (!channel->over_) delivery(*channel);
        });
      });
    }
  }

  void opened() {
    if (open_) return;
    open_ = true;
    if (on_open) on_open(worker_);
  }

  void ended(wire::GoodbyeReason reason) {
    const auto tell = std::move(on_closed);
    crash_silently();
    wire::Closed closed;
    closed.reason = wire::CloseReason::goodbye;
    closed.goodbye = reason;
    if (tell) tell(closed);
  }

  World& world_;
  Link& link_;
  const Process& process_;
  const wire::Peer worker_;
  std::weak_ptr<DatagramChannel> peer_;
  bool dials_ = false;
  bool open_ = false;
  bool over_ = false;
};

class Datagrams final : public Network {
 public:
  Datagrams(World& world, const Process& manager) : world_(world), manager_(manager) {}

  std::shared_ptr<Channel> dial(const Process& worker, const std::string& name,
                                unsigned slots) override {
    wire::Peer peer;
    peer.role = wire::Role::worker;
    peer.service = wire::Service::work;
    peer.name = name;
    peer.slots = slots;
    peer.process = worker.run;
    auto dialler = std::make_shared<DatagramChannel>(world_, link(worker), worker, peer);
    auto listener = std::make_shared<DatagramChannel>(world_, link(worker), manager_, peer);
    dialler->connect(listener);
    listener->connect(dialler);
    listeners_.push_back(listener);
    on_accept(listener);
    dialler->knock();
    return dialler;
  }

  void reset(const Process&) override {}  // there is no connection

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
  std::map<const Process*, Link> links_;  // only looked up
  std::vector<std::shared_ptr<DatagramChannel>> listeners_;
};

}  // namespace

std::unique_ptr<Network> make_datagrams(World& world, const Process& manager) {
  return std::make_unique<Datagrams>(world, manager);
}

}  // namespace oche::sim
