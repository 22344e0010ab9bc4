// Pages for machine code: written first, executable afterwards, never both.
#ifndef OCHE_INTEGRAND_EXECUTABLE_MEMORY_H_
#define OCHE_INTEGRAND_EXECUTABLE_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace oche::integrand {

class ExecutableMemory {
 public:
  // A copy of the code, or null where the system refuses (some forbid memory that was written to be
  // executed).
  static std::unique_ptr<const ExecutableMemory> holding(std::span<const std::uint8_t> code);
  ~ExecutableMemory();
  ExecutableMemory(const ExecutableMemory&) = delete;
  ExecutableMemory& operator=(const ExecutableMemory&) = delete;

  // The function that begins at this offset of the code.
  template <class Function>
  Function function(std::size_t offset) const {
    return reinterpret_cast<Function>(reinterpret_cast<std::uintptr_t>(pages_) + offset);
  }

 private:
  ExecutableMemory(void* pages, std::size_t bytes) : pages_(pages), bytes_(bytes) {}
  void* pages_;
  std::size_t bytes_;
};

}  // namespace oche::integrand

#endif  // OCHE_INTEGRAND_EXECUTABLE_MEMORY_H_
