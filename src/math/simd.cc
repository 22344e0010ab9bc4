#include "math/simd.h"

#include "oche/error.h"

namespace oche::math {
namespace {

struct Target {
  const char* name;
  SimdTarget target;
  bool compiles;
};

// Best first.
constexpr Target kTargets[] = {
    {"jit", SimdTarget::avx3_dl, true},        {"avx3_dl", SimdTarget::avx3_dl, false},
    {"avx3", SimdTarget::avx3, false},         {"avx2", SimdTarget::avx2, false},
    {"portable", SimdTarget::portable, false},
};

// What Highway's code for each target uses. The compiler's run-time library asks the operating
// system, too, whether it saves the wide registers.
bool is_supported(SimdTarget target) {
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                    __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") &&
                    __builtin_cpu_supports("f16c") && __builtin_cpu_supports("lzcnt");
  const bool avx3 = avx2 && __builtin_cpu_supports("avx512f") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd");
  switch (target) {
    case SimdTarget::avx3_dl:
      return avx3 && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("vaes") &&
             __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx512vbmi") &&
             __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vpopcntdq") &&
             __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("gfni");
    case SimdTarget::avx3:
      return avx3;
    case SimdTarget::avx2:
      return avx2;
    case SimdTarget::portable:
      return true;
  }
#endif
  return target == SimdTarget::portable;
}

SimdTarget best_target() {
  for (const Target& t : kTargets) {
    if (is_supported(t.target)) return t.target;
  }
  return SimdTarget::portable;
}

std::string list_of_names() {
  std::string names = "auto";
  for (const std::string& name : supported_simd_targets()) names += ", " + name;
  return names;
}

Error unusable(std::string_view name, const char* why) {
  return Error(ErrorKind::usage, "SIMD target '" + std::string(name) + "' can't be used (" + why +
                                     "); choose one of " + list_of_names());
}

}  // namespace

namespace detail {

std::atomic<int> selected_target{-1};
std::atomic<bool> selected_compiler{true};

SimdTarget select_best_target() {
  const SimdTarget best = best_target();
  selected_compiler.store(true, std::memory_order_relaxed);
  selected_target.store(static_cast<int>(best), std::memory_order_relaxed);
  return best;
}

}  // namespace detail

std::vector<std::string> supported_simd_targets() {
  std::vector<std::string> names;
  for (const Target& t : kTargets) {
    if (is_supported(t.target)) names.emplace_back(t.name);
  }
  return names;
}

void select_simd_target(std::string_view name) {
  if (name == "auto") {
    detail::select_best_target();
    return;
  }
  for (const Target& t : kTargets) {
    if (name != t.name) continue;
    if (!is_supported(t.target)) throw unusable(name, "this processor lacks it");
    detail::selected_compiler = t.compiles;
    detail::selected_target = static_cast<int>(t.target);
    return;
  }
  throw unusable(name, "there is none of that name");
}

std::string current_simd_target() {
  const SimdTarget current = simd_target();
  const bool compiles = simd_target_compiles();
  for (const Target& t : kTargets) {
    if (t.target == current && t.compiles == compiles) return t.name;
  }
  return kTargets[0].name;
}

}  // namespace oche::math
