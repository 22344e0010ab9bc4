#include "math/simd.h"

#include "math/simd_targets.h"
// Highway's headers come after the choice of targets.
#include <hwy/highway.h>

#include <atomic>

#include "oche/error.h"

namespace oche::math {
namespace {

struct Target {
  const char* name;
  std::int64_t bit;
};

// Best first.
constexpr Target kTargets[] = {
    {"avx3_dl", HWY_AVX3_DL},
    {"avx3", HWY_AVX3},
    {"avx2", HWY_AVX2},
    {"portable", HWY_EMU128},
};

bool is_supported(const Target& target) {
  return target.bit == HWY_EMU128 || (hwy::SupportedTargets() & HWY_TARGETS & target.bit) != 0;
}

std::string list_of_names() {
  std::string names = "auto";
  for (const std::string& name : supported_simd_targets()) names += ", " + name;
  return names;
}

// The index in kTargets that was selected, or -1 for the best.
std::atomic<int> selected{-1};

}  // namespace

std::vector<std::string> supported_simd_targets() {
  std::vector<std::string> names;
  for (const Target& target : kTargets) {
    if (is_supported(target)) names.emplace_back(target.name);
  }
  return names;
}

void select_simd_target(std::string_view name) {
  if (name == "auto") {
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    selected = -1;
    return;
  }
  int index = 0;
  for (const Target& target : kTargets) {
    if (name == target.name) {
      if (!is_supported(target)) {
        throw Error(ErrorKind::usage,
                    "SIMD target '" + std::string(name) +
                        "' can't be used (this processor lacks it); choose one of " +
                        list_of_names());
      }
      hwy::GetChosenTarget().Update(target.bit);
      selected = index;
      return;
    }
    ++index;
  }
  throw Error(ErrorKind::usage, "SIMD target '" + std::string(name) +
                                    "' can't be used (there is none of that name); choose one of " +
                                    list_of_names());
}

std::string current_simd_target() {
  const int index = selected;
  return index < 0 ? supported_simd_targets().front() : kTargets[index].name;
}

}  // namespace oche::math
