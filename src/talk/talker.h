// A talker: one place in a ring at a host. docs/PROTOCOL.md, "Talk".
#ifndef OCHE_TALK_TALKER_H_
#define OCHE_TALK_TALKER_H_

#include <cstdint>
#include <string>

#include "talk/input.h"
#include "talk/notes.h"
#include "talk/output.h"
#include "wire/address.h"
#include "wire/handshake.h"

namespace oche::talk {

struct TalkerOptions {
  wire::Address host;
  std::string name;  // its own, as the others are told it; empty: the host gives one
  std::string ring;
  std::uint32_t as = 0;         // the seat; 0: any
  std::uint32_t of = 0;         // the size of the ring; 0: any that is there
  wire::Credential credential;  // none: no key and no encryption
};

// Joins a ring, sends what the source yields to the next talker, writes what the one before sends
// to the sink, both at once and piece by piece, and returns when both have ended. Runs a Loop of
// its own. Throws Error: network with the host's reason, who broke the ring included; usage for a
// message that is too long; file if the source can't be read or the sink not written.
void join_ring(const TalkerOptions& options, const Source& source, const Sink& sink,
               const Notes& notes);

}  // namespace oche::talk

#endif  // OCHE_TALK_TALKER_H_
