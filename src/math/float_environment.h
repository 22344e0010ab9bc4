// The processor's rounding and denormal modes, which every bit of a result depends on.
//
// Whoever computes sets them before each piece of work, and the threads of callers, which may have
// other modes (a library built with -ffast-math flushes denormals in all of its process), get
// their own back.
#ifndef OCHE_MATH_FLOAT_ENVIRONMENT_H_
#define OCHE_MATH_FLOAT_ENVIRONMENT_H_

#include <cfenv>

namespace oche::math {

// Sets, on the calling thread: round to nearest even, denormals neither flushed to zero on output
// nor read as zero. Exceptions are masked (none traps); their flags are left alone.
void set_float_environment() noexcept;

// Whether the calling thread is in exactly that mode.
bool float_environment_is_standard() noexcept;

// The mode above while it lives; then what was there before.
class StandardFloatEnvironment {
 public:
  StandardFloatEnvironment() noexcept;
  ~StandardFloatEnvironment();
  StandardFloatEnvironment(const StandardFloatEnvironment&) = delete;
  StandardFloatEnvironment& operator=(const StandardFloatEnvironment&) = delete;

 private:
  std::fenv_t saved_{};
};

}  // namespace oche::math

#endif  // OCHE_MATH_FLOAT_ENVIRONMENT_H_
