#include "base/cheap_memory.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace oche {

void make_memory_cheap() {
#ifdef __GLIBC__
  constexpr std::size_t kAtOnce = 8 << 20;
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, kAtOnce + (1 << 20));  // below the 32 MiB of a BinCounter
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_TOP_PAD, kAtOnce);
  void* const first = std::malloc(kAtOnce);
  constexpr std::uintptr_t kLargePage = 2 << 20;
  const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(first);
  const std::uintptr_t begin = address / kLargePage + 1;
  const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(sbrk(0)) / kLargePage;
  if (begin < end) {
    // Advice: without it memory is slower, and that is all.
    madvise(reinterpret_cast<void*>(begin * kLargePage), (end - begin) * kLargePage, MADV_HUGEPAGE);
  }
  std::free(first);
  // Never touched, it costs nothing, and what follows lies in the first large page.
  static void* volatile up_to_large_page = std::malloc(begin * kLargePage - address - 16);
  static_cast<void>(up_to_large_page);
#endif
}

}  // namespace oche
