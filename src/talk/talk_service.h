// The service "talk" over oche's protocol: one ring, hosted or joined. docs/PROTOCOL.md, "Talk".
//
// Each function runs a Loop of its own until its ring is done. Messages are bytes, 1 to
// wire::kMaxMessageBytes of them. Errors: Error of kind network, whose text says what the other end
// gave as its reason; usage for an address that can't be used. Without keys, or a key, nothing is
// encrypted.
#ifndef OCHE_TALK_TALK_SERVICE_H_
#define OCHE_TALK_TALK_SERVICE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "talk/ring.h"
#include "wire/address.h"
#include "wire/handshake.h"

namespace oche::talk {

// Gets one line about what goes on, fit to be printed.
using Notes = std::function<void(std::string_view line)>;

// Throws Error (usage) unless a message of so many bytes may be sent.
void check_size(std::size_t bytes);

// Listens at `address`, seats `size` talkers, passes their messages on, and ends. Talkers that are
// turned away, or that leave before the ring is full, are noted and do it no harm; one that leaves
// later breaks it.
void host_ring(const wire::Address& address, std::size_t size, Order order, const Notes& notes,
               std::shared_ptr<wire::KeyTable> keys = nullptr);

// Joins the ring at `host` in seat `as` (0: any), says `text` and returns what the neighbour said.
std::string join_ring(const wire::Address& host, std::uint32_t as, std::string text,
                      const Notes& notes, std::shared_ptr<const wire::Key> key = nullptr);

}  // namespace oche::talk

#endif  // OCHE_TALK_TALK_SERVICE_H_
