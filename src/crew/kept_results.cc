#include "crew/kept_results.h"

#include <algorithm>
#include <utility>

namespace oche::crew {
namespace {

template <class A, class B>
bool same_node(const A& a, const B& b) {
  return a.pass() == b.pass() && a.level() == b.level() && a.index() == b.index() &&
         a.fingerprint() == b.fingerprint();
}

}  // namespace

wire::Offer offer_of(const wire::Result& result) {
  wire::Offer offer;
  offer.set_fingerprint(result.fingerprint());
  offer.set_pass(result.pass());
  offer.set_level(result.level());
  offer.set_index(result.index());
  return offer;
}

const wire::Result& KeptResults::send(wire::Result result) {
  const std::uint64_t lease = result.lease();
  return unanswered_.insert_or_assign(lease, std::move(result)).first->second;
}

void KeptResults::end_session() {
  for (auto& [lease, result] : std::exchange(unanswered_, {})) keep(std::move(result));
}

void KeptResults::keep(wire::Result result) {
  kept_bytes_ += result.ByteSizeLong();
  kept_.push_back(std::move(result));
  while (kept_.size() > most_ || kept_bytes_ > most_bytes_) {
    kept_bytes_ -= kept_.front().ByteSizeLong();
    kept_.pop_front();
  }
}

std::vector<wire::Offer> KeptResults::offers(const std::string& fingerprint, std::uint32_t pass) {
  std::vector<wire::Offer> offers;
  std::erase_if(kept_, [&](const wire::Result& result) {
    if (result.fingerprint() != fingerprint) return false;
    if (result.pass() < pass) {
      kept_bytes_ -= result.ByteSizeLong();
      return true;
    }
    if (result.pass() > pass) return false;
    offers.push_back(offer_of(result));
    return false;
  });
  return offers;
}

std::optional<wire::Result> KeptResults::take(const wire::Lease& lease) {
  const auto place =
      std::ranges::find_if(kept_, [&](const wire::Result& r) { return same_node(r, lease); });
  if (place == kept_.end()) return std::nullopt;
  wire::Result result = std::move(*place);
  kept_bytes_ -= result.ByteSizeLong();
  kept_.erase(place);
  result.set_lease(lease.lease());
  return result;
}

}  // namespace oche::crew
