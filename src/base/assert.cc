#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace oche {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr,
               "oche: broken invariant: %s (%s:%d); this is a defect of oche, please report it\n",
               condition, file, line);
  std::abort();
}

}  // namespace oche
