#include "talk/ring_host.h"

#include <memory>
#include <optional>
#include <utility>

#include "oche/error.h"
#include "talk/talk_service.h"
#include "wire/listener.h"
#include "wire/loop.h"

namespace oche::talk {

void host_ring(const RingHostOptions& options, const Notes& notes) {
  wire::Loop loop;
  TalkLimits limits;
  limits.messages = options.limits;
  TalkService service(loop, limits, lines_of(notes));
  service.open_ring(options.ring, options.size, options.order);

  wire::ListenTerms terms;
  terms.services = {wire::Service::talk};
  terms.admission = options.admission;
  wire::ListenCallbacks callbacks;
  callbacks.on_open = [&](std::shared_ptr<wire::Connection> connection) {
    service.take(std::move(connection));
  };
  callbacks.on_failed = [&](const std::string& remote, const wire::Closed& closed) {
    notes("turned away " + remote + " (" + closed.text + ")");
  };
  callbacks.on_trouble = [&](const std::string& text) { notes(text); };
  wire::Listener listener(loop, options.listen, std::move(terms), std::move(callbacks));
  notes("listening on " + listener.endpoint());

  std::optional<std::string> failure;
  service.on_ring_end = [&](const std::string&, const std::optional<std::string>& broken) {
    failure = broken;
    const auto reason = broken ? wire::GoodbyeReason::stopping : wire::GoodbyeReason::finished;
    // Those of the ring have been told more already.
    listener.close_all(reason, broken ? "the ring is broken" : "the ring is done",
                       [&loop] { loop.stop(); });
  };
  loop.run();
  if (failure) {
    throw Error(ErrorKind::network, "the ring is broken (" + *failure + "); start it again");
  }
}

}  // namespace oche::talk
