// The service "send" over oche's protocol: one message, and a receipt for it. docs/PROTOCOL.md,
// "Send".
//
// Each function runs a Loop of its own. Messages are bytes, 1 to wire::kMaxMessageBytes of them.
// Errors: Error of kind network, whose text says what the other end gave as its reason; usage for
// an address that can't be used. Without keys, or a key, nothing is encrypted.
#ifndef OCHE_TALK_SEND_SERVICE_H_
#define OCHE_TALK_SEND_SERVICE_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "talk/talk_service.h"
#include "wire/address.h"

namespace oche::talk {

// Waits at `address` for one message, hands it to `deliver`, and gives the receipt when that
// returns.
void receive_one(const wire::Address& address,
                 const std::function<void(const std::string& text)>& deliver, const Notes& notes,
                 std::shared_ptr<wire::KeyTable> keys = nullptr);

// How long a host that is there may take for its receipt.
inline constexpr Duration kReceiptDeadline = std::chrono::seconds(30);

// Sends `text` to whoever waits at `address`, or to the one named `to`, and returns with the
// receipt.
void send_one(const wire::Address& address, std::string to, std::string text,
              std::shared_ptr<const wire::Key> key = nullptr,
              Duration receipt_deadline = kReceiptDeadline);

}  // namespace oche::talk

#endif  // OCHE_TALK_SEND_SERVICE_H_
