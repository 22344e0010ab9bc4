#include "integrand/executable_memory.h"

#include <sys/mman.h>

#include <cstring>

namespace oche::integrand {

std::unique_ptr<const ExecutableMemory> ExecutableMemory::holding(
    std::span<const std::uint8_t> code) {
  if (code.empty()) return nullptr;
  void* const pages =
      mmap(nullptr, code.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  std::unique_ptr<const ExecutableMemory> memory(new ExecutableMemory(pages, code.size()));
  std::memcpy(pages, code.data(), code.size());
  if (mprotect(pages, code.size(), PROT_READ | PROT_EXEC) != 0) return nullptr;
  return memory;
}

ExecutableMemory::~ExecutableMemory() { munmap(pages_, bytes_); }

}  // namespace oche::integrand
