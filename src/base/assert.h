// An assertion that is on in release builds too: a broken invariant must not become a wrong number.
#ifndef OCHE_BASE_ASSERT_H_
#define OCHE_BASE_ASSERT_H_

namespace oche {

// Prints the broken condition with its place to stderr and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace oche

// For programmer errors only; never on input from a user, a file or a peer.
#define OCHE_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::oche::assertion_failed(#condition, __FILE__, __LINE__))

#endif  // OCHE_BASE_ASSERT_H_
