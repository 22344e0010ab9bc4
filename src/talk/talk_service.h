// The service "talk" over oche's protocol: rings by name, on connections that somebody else
// accepts. docs/PROTOCOL.md, "Talk".
//
// A thin shell around StreamingRing. Of a message it holds what the connections hold that it is
// sent on: at most wire::kWindow for each talker. Loop's thread only.
#ifndef OCHE_TALK_TALK_SERVICE_H_
#define OCHE_TALK_TALK_SERVICE_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "talk/awake_clock.h"
#include "talk/limits.h"
#include "talk/notes.h"
#include "talk/streaming_ring.h"
#include "wire/connection.h"
#include "wire/loop.h"

namespace oche::talk {

class TalkService {
 public:
  // loop outlives it.
  TalkService(wire::Loop& loop, const TalkLimits& limits, ServiceNotes notes);
  // Lets its connections alone; they call it no more.
  ~TalkService();
  TalkService(const TalkService&) = delete;
  TalkService& operator=(const TalkService&) = delete;

  // Makes a ring before its first talker comes; from then on talkers make none of their own.
  // The ring stays when all have left it before it was full.
  void open_ring(const std::string& name, std::size_t size, Order order);

  // A talker, whose handshake is done; called where the connection is handed over.
  void take(std::shared_ptr<wire::Connection> connection);

  // A ring is done (nothing), or broken: why. Its talkers were told, and the connections are about
  // to close. Optional.
  std::function<void(const std::string& ring, const std::optional<std::string>& failure)>
      on_ring_end;

  // Says goodbye to every talker.
  void close_all(wire::GoodbyeReason reason, std::string_view text);

  std::size_t rings() const { return rings_.size(); }
  std::size_t talkers() const { return talkers_.size(); }

 private:
  struct Talker {
    std::shared_ptr<wire::Connection> connection;
    std::optional<std::string> ring;  // that it has joined
    Obligation join;
  };
  struct Seat {
    std::size_t number;
    std::string name;  // of who sits there, and perhaps has gone
  };
  struct Room {
    explicit Room(StreamingRing empty) : ring(std::move(empty)) {}
    StreamingRing ring;
    std::unordered_map<TalkerId, Seat> seats;
  };

  void hear(TalkerId id, wire::Message&& message);
  void join(TalkerId id, const wire::Message& message);
  // The ring of that name, made where that is allowed; nothing: the talker was turned away.
  Room* room_for(TalkerId id, const std::string& name, std::size_t size);
  void forget(TalkerId id, const wire::Closed& closed);
  // Says goodbye and takes it out of its ring.
  void turn_away(TalkerId id, wire::GoodbyeReason reason, const std::string& why);
  void leave(TalkerId id, const std::optional<std::string>& ring, Leaving how,
             const std::string& why, const std::string& who);
  // passed: the message that the actions are about, if it was one.
  void carry_out(const std::string& ring, const RingActions& actions,
                 const wire::Message& passed = {}, const std::string& leaver = {});
  void make_ready(const std::string& name, Room& room);
  void end_ring(const std::string& name, const RingBroken* broken);
  void drop_if_empty(const std::string& name);
  void tick();

  wire::Loop& loop_;
  TalkLimits limits_;
  ServiceNotes notes_;
  AwakeClock clock_;
  std::unordered_map<TalkerId, Talker> talkers_;
  std::map<std::string, Room> rings_;
  bool fixed_ = false;  // open_ring() was called
  TalkerId next_id_ = 1;
  wire::Loop::TimerId timer_;
};

}  // namespace oche::talk

#endif  // OCHE_TALK_TALK_SERVICE_H_
