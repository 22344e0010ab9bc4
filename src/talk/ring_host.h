// The host of one ring: a listener of its own, until the ring is done.
#ifndef OCHE_TALK_RING_HOST_H_
#define OCHE_TALK_RING_HOST_H_

#include <cstddef>
#include <string>

#include "talk/limits.h"
#include "talk/notes.h"
#include "talk/seats.h"
#include "wire/address.h"
#include "wire/handshake.h"

namespace oche::talk {

struct RingHostOptions {
  wire::Address listen;
  std::string ring;      // its name
  std::size_t size = 1;  // 1 to kMostTalkers
  Order order = Order::arrival;
  MessageLimits limits;
  wire::Admission admission;
};

// Listens, seats the talkers, and returns when the ring is done. Runs a Loop of its own. Talkers
// that are turned away, or that leave before the ring is full, are noted and do it no harm; one
// that leaves or stalls later breaks it: Error (network) that names it. Error (usage) for an
// address that can't be used.
void host_ring(const RingHostOptions& options, const Notes& notes);

}  // namespace oche::talk

#endif  // OCHE_TALK_RING_HOST_H_
