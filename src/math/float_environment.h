// The processor's rounding and denormal modes, which every bit of a result depends on.
//
// Whoever computes sets them at the thread's start and checks them after code that isn't ours has
// run (dlopen may start -ffast-math code that flushes denormals; a plug-in may do as it likes).
#ifndef OCHE_MATH_FLOAT_ENVIRONMENT_H_
#define OCHE_MATH_FLOAT_ENVIRONMENT_H_

namespace oche::math {

// Sets, on the calling thread: round to nearest even, denormals neither flushed to zero on output
// nor read as zero. Exceptions are masked (none traps); their flags are left alone.
void set_float_environment() noexcept;

// Whether the calling thread is in exactly that mode.
bool float_environment_is_standard() noexcept;

}  // namespace oche::math

#endif  // OCHE_MATH_FLOAT_ENVIRONMENT_H_
