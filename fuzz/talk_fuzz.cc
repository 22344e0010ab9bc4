// A ring and a rendezvous against peers that say what they like.
//
// The input is a script. Its first byte says how many talkers the ring has; then come steps of one
// byte for the verb (its low three bits) and one for who, and what the verb takes:
//   0  joins; waits under a name: a byte
//   1  sends to a name: a byte
//   2  an item: a byte for its kind, two for its size
//   3  gives back credit: two bytes
//   4  leaves: a byte, whether it has finished
//   5  gives a receipt
//   6  time passes: a byte, in units of 1 s
//   7  many pieces at once
// Checked: no pair holds more than the window, nor less than nothing; a ring ends once and says
// nothing after it; an item goes to the next seat, credit to the one before; a message is passed on
// only between those who were brought together; whoever is turned away or has failed is known no
// more.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string_view>

#include "talk/rendezvous.h"
#include "talk/streaming_ring.h"

namespace {

using namespace oche::talk;

void check(bool condition) {
  if (!condition) std::abort();
}

class Script {
 public:
  Script(const std::uint8_t* bytes, std::size_t size)
      : rest_(reinterpret_cast<const char*>(bytes), size) {}
  bool done() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::uint64_t two() { return std::uint64_t{byte()} << 8 | byte(); }
  Item item() {
    const std::uint8_t kind = byte();
    const std::uint64_t size = two();
    switch (kind & 3) {
      case 0:
        return Begin{(kind & 4) != 0 ? std::optional<std::uint64_t>(size) : std::nullopt};
      case 1:
        return Piece{size};
      case 2:
        return End{};
      default:
        return InputEnd{};
    }
  }

 private:
  std::string_view rest_;
};

constexpr MessageLimits kLimits{80'000, std::chrono::seconds(60), std::chrono::seconds(600)};

class RingPlay {
 public:
  explicit RingPlay(std::size_t size) : size_(size), ring_(size, Order::arrival, kLimits) {}

  void step(std::uint8_t verb, std::uint8_t who, Script& script, oche::Instant now) {
    const bool was_over = ring_.over();
    const auto seat = seats_.find(who);
    const std::size_t from = seat == seats_.end() ? 0 : seat->second;
    switch (verb) {
      case 0:
        if (from == 0) look(ring_.join(who, script.byte() % (size_ + 2), now), 0);
        break;
      case 2:
        look(ring_.take(who, script.item(), now), from % size_ + 1);
        break;
      case 3:
        look(ring_.give_back(who, script.two(), now), from <= 1 ? size_ : from - 1);
        break;
      case 4: {
        const auto how = script.byte() != 0 ? Leaving::finished : Leaving::early;
        look(ring_.leave(who, how, "left", now), 0);
        break;
      }
      case 6:
        look(ring_.tick(now), 0);
        break;
      case 7:
        for (int i = 0; i < 10; ++i) look(ring_.take(who, Piece{7000}, now), from % size_ + 1);
        break;
      default:
        break;
    }
    check(!was_over || ring_.over());
    for (std::size_t s = 1; s <= size_; ++s) check(ring_.held(s) <= oche::wire::kWindow);
  }

 private:
  void look(const RingActions& actions, std::size_t to) {
    for (const RingAction& action : actions) {
      if (const auto* seated = std::get_if<Seated>(&action)) {
        check(!taken_.contains(seated->seat));
        seats_[seated->talker] = seated->seat;
        taken_.insert(seated->seat);
      } else if (const auto* vacated = std::get_if<Vacated>(&action)) {
        check(taken_.erase(vacated->seat) == 1);
        std::erase_if(seats_, [&](const auto& s) { return s.second == vacated->seat; });
      } else if (const auto* forward = std::get_if<Forward>(&action)) {
        check(!ended_ && taken_.size() == size_ && seats_.at(forward->to) == to);
      } else if (const auto* broken = std::get_if<RingBroken>(&action)) {
        check(!ended_ && broken->seat >= 1 && broken->seat <= size_ && !broken->text.empty());
        ended_ = true;
      } else if (std::holds_alternative<RingDone>(action)) {
        check(!ended_);
        ended_ = true;
      }
    }
    check(ended_ == ring_.over());
  }

  std::size_t size_;
  StreamingRing ring_;
  std::map<TalkerId, std::size_t> seats_;
  std::set<std::size_t> taken_;
  bool ended_ = false;
};

class SendPlay {
 public:
  void step(std::uint8_t verb, std::uint8_t who, Script& script, oche::Instant now) {
    switch (verb) {
      case 0:
        look(rendezvous_.wait(who, std::string(1, static_cast<char>('a' + script.byte() % 4))),
             who);
        break;
      case 1:
        look(rendezvous_.send(who, std::string(1, static_cast<char>('a' + script.byte() % 4)), now),
             who);
        break;
      case 2:
        look(rendezvous_.take(who, script.item(), now), who);
        break;
      case 3:
        look(rendezvous_.give_back(who, script.two(), now), who);
        break;
      case 4:
        look(rendezvous_.leave(who, "left"), who);
        partners_.erase(who);
        break;
      case 5:
        look(rendezvous_.receipt(who), who);
        break;
      case 6:
        look(rendezvous_.tick(now), who);
        break;
      default:
        for (int i = 0; i < 10; ++i) look(rendezvous_.take(who, Piece{7000}, now), who);
    }
    for (PartyId id = 0; id < 8; ++id) check(rendezvous_.held(id) <= oche::wire::kWindow);
    check(rendezvous_.receivers() <= 3);
  }

 private:
  void look(const SendActions& actions, PartyId who) {
    for (const SendAction& action : actions) {
      if (const auto* paired = std::get_if<Paired>(&action)) {
        partners_[paired->sender] = paired->receiver;
        partners_[paired->receiver] = paired->sender;
      } else if (const auto* pass = std::get_if<PassOn>(&action)) {
        check(partners_.at(who) == pass->to);
      } else if (const auto* received = std::get_if<Received>(&action)) {
        check(partners_.at(received->receiver) == received->sender && received->receiver == who);
        look(rendezvous_.leave(received->sender, "done"), who);
      } else if (const auto* away = std::get_if<TurnAway>(&action)) {
        check(!away->why.empty());
        // As the service does: it knows it no more.
        const PartyId party = away->party;
        const SendActions more = rendezvous_.leave(party, "turned away");
        partners_.erase(party);
        look(more, who);
      } else if (const auto* failed = std::get_if<Failed>(&action)) {
        check(!failed->why.empty());
        check(rendezvous_.leave(failed->party, "failed").empty());
        partners_.erase(failed->party);
      }
    }
  }

  Rendezvous rendezvous_{SendLimits{kLimits, 3}};
  std::map<PartyId, PartyId> partners_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  RingPlay ring(1 + bytes[0] % 5);
  SendPlay send;
  oche::Instant now{};
  Script script(bytes + 1, size - 1);
  while (!script.done()) {
    const std::uint8_t verb = script.byte();
    const std::uint8_t who = script.byte() % 8;
    if ((verb & 7) == 6) now += std::chrono::seconds(script.byte());
    // Both play the same script.
    Script same = script;
    ring.step(verb & 7, who, script, now);
    send.step(verb & 7, who, same, now);
    if ((verb & 7) == 1 || (verb & 7) == 5) script = same;
  }
  return 0;
}
