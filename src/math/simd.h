// Which instruction set the vector code runs on. No SIMD type appears here.
//
// Every vector function of oche gives the same bits on every target, so this choice changes speed
// only; tests make it to prove exactly that.
#ifndef OCHE_MATH_SIMD_H_
#define OCHE_MATH_SIMD_H_

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

namespace oche::math {

// Best first. The values are indices into the tables of math/dispatch.h.
enum class SimdTarget : int {
  avx3_dl,   // AVX-512 with wide AES
  avx3,      // AVX-512
  avx2,      // with FMA
  portable,  // no vector instructions
};

namespace detail {
extern std::atomic<int> selected_target;  // -1 before the first use
extern std::atomic<bool> selected_compiler;
SimdTarget select_best_target();
}  // namespace detail

// The target in use; the best one unless select_simd_target() was called.
inline SimdTarget simd_target() {
  const int index = detail::selected_target.load(std::memory_order_relaxed);
  return index >= 0 ? static_cast<SimdTarget>(index) : detail::select_best_target();
}

// Whether programs that were compiled at run time (integrand/kernel.h) are used: on the target
// "jit" only.
inline bool simd_target_compiles() {
  return simd_target() == SimdTarget::avx3_dl &&
         detail::selected_compiler.load(std::memory_order_relaxed);
}

// The targets that this processor can run, best first; always ends with "portable".
// Names: "jit" (as avx3_dl, and programs are compiled at run time), "avx3_dl" (AVX-512 with wide
// AES), "avx3" (AVX-512), "avx2" (with FMA), "portable".
std::vector<std::string> supported_simd_targets();

// All later dynamic dispatches of this process use the target of that name; "auto" is the best one.
// Calls that are already running on other threads finish on the target that they began with.
// Throws Error (usage), naming the possible ones, if the name is unknown or not supported here.
// Thread-safe.
void select_simd_target(std::string_view name);

// The name of the target that dispatch uses now.
std::string current_simd_target();

}  // namespace oche::math

#endif  // OCHE_MATH_SIMD_H_
