// Workers that connect over TCP: the manager's side.
#ifndef OCHE_CREW_REMOTE_CREW_H_
#define OCHE_CREW_REMOTE_CREW_H_

#include <memory>
#include <string>

#include "crew/manager.h"
#include "wire/handshake.h"

namespace oche::crew {

// Listens at "ADDR:PORT" on a thread of its own; each worker that connects joins the manager.
// // Throws Error (usage or network) when it can't listen. The destructor says goodbye to all
// workers, which makes them end with success, and stops. The manager outlives it.
class RemoteCrew {
 public:
  RemoteCrew(Manager& manager, const std::string& address, wire::Admission admission,
             Manager::OnEvent on_event);
  ~RemoteCrew();
  RemoteCrew(const RemoteCrew&) = delete;
  RemoteCrew& operator=(const RemoteCrew&) = delete;

  // The real address, with the port.
  const std::string& endpoint() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oche::crew

#endif  // OCHE_CREW_REMOTE_CREW_H_
