#include "sampling/plan.h"

#include <numeric>

#include "base/bytes.h"

namespace oche::sampling {

const char* to_string(Method method) {
  switch (method) {
    case Method::plain:
      return "plain";
    case Method::stratified:
      return "stratified";
  }
  return "";
}

std::optional<Method> method_from(std::string_view name) {
  for (const Method method : {Method::plain, Method::stratified}) {
    if (name == to_string(method)) return method;
  }
  return std::nullopt;
}

const char* to_string(NonFinite policy) {
  switch (policy) {
    case NonFinite::fail:
      return "fail";
    case NonFinite::skip:
      return "skip";
    case NonFinite::zero:
      return "zero";
  }
  return "";
}

std::optional<NonFinite> non_finite_from(std::string_view name) {
  for (const NonFinite policy : {NonFinite::fail, NonFinite::skip, NonFinite::zero}) {
    if (name == to_string(policy)) return policy;
  }
  return std::nullopt;
}

std::uint64_t Plan::samples() const {
  return std::accumulate(allocation.begin(), allocation.end(), std::uint64_t{0});
}

std::string Plan::bytes() const {
  ByteWriter out;
  out.u32(pass);
  out.u64(log2_cells.size());
  for (const std::uint8_t cells : log2_cells) out.u8(cells);
  out.u64(allocation.size());
  for (const std::uint64_t n : allocation) out.u64(n);
  return std::move(out).bytes();
}

std::optional<Plan> Plan::from_bytes(std::string_view bytes, std::uint32_t dimensions) {
  ByteReader in(bytes);
  Plan plan;
  plan.pass = in.u32();
  const std::uint64_t cut = in.u64();
  if (!in.ok() || cut > dimensions || cut > kMaxLog2Strata) return std::nullopt;
  std::uint32_t log2_strata = 0;
  for (std::uint64_t j = 0; j < cut; ++j) {
    plan.log2_cells.push_back(in.u8());
    log2_strata += plan.log2_cells.back();
  }
  const std::uint64_t strata = in.u64();
  if (!in.ok() || log2_strata > kMaxLog2Strata) return std::nullopt;
  const bool plain = cut == 0 && strata == 0;
  if (!plain && strata != std::uint64_t{1} << log2_strata) return std::nullopt;
  std::uint64_t total = 0;
  for (std::uint64_t s = 0; s < strata; ++s) {
    const std::uint64_t n = in.u64();
    if (!in.ok() || n > kMaxSamples || total + n > kMaxSamples) return std::nullopt;
    total += n;
    plan.allocation.push_back(n);
  }
  if (!in.at_end() || (!plain && total == 0)) return std::nullopt;
  return plan;
}

}  // namespace oche::sampling
