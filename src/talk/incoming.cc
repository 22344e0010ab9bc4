#include "talk/incoming.h"

#include <utility>

namespace oche::talk {

Incoming::Incoming(Output& output, std::uint64_t limit, Messages messages,
                   std::function<void(wire::Message&&)> say)
    : output_(output), channel_(limit, messages), say_(std::move(say)) {
  output_.on_written = [this](std::uint64_t cost) { written(cost); };
}

std::optional<ChannelFault> Incoming::take(const Item& item, wire::Message&& message) {
  if (const auto fault = channel_.take(item)) return fault;
  // What has no bytes goes the same way, so that its credit comes after what was before it.
  if (std::holds_alternative<End>(item)) {
    output_.end_message(cost_of(item));
  } else if (auto* piece = std::get_if<wire::MessagePiece>(&message)) {
    output_.write(std::move(*piece->mutable_data()), cost_of(item));
  } else {
    output_.write({}, cost_of(item));
  }
  return std::nullopt;
}

void Incoming::written(std::uint64_t cost) {
  withheld_ += cost;
  if (channel_.in_message() && withheld_ < kMostWithheld) return;
  const std::uint64_t all = std::exchange(withheld_, 0);
  channel_.give_back(all);
  wire::Credit credit;
  credit.set_bytes(all);
  say_(std::move(credit));
  if (done() && on_done) on_done();
}

}  // namespace oche::talk
