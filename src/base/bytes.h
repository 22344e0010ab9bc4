// Little-endian byte layouts: what the digest, plans and tallies on the wire are made of.
#ifndef OCHE_BASE_BYTES_H_
#define OCHE_BASE_BYTES_H_

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace oche {

// Appends fixed-width little-endian values to a string of bytes.
class ByteWriter {
 public:
  void u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
  void u32(std::uint32_t v) { put(v); }
  void u64(std::uint64_t v) { put(v); }
  // IEEE 754 binary64. Every NaN is written as the one quiet NaN 0x7ff8000000000000, so that equal
  // results have equal bytes.
  void f64(double v) {
    put(std::isnan(v) ? std::uint64_t{0x7ff8000000000000} : std::bit_cast<std::uint64_t>(v));
  }
  void raw(std::string_view bytes) { out_.append(bytes); }
  // A length (u64) and then the bytes.
  void sized(std::string_view bytes) {
    u64(bytes.size());
    raw(bytes);
  }
  const std::string& bytes() const& { return out_; }
  std::string bytes() && { return std::move(out_); }

 private:
  template <class T>
  void put(T v) {
    char buffer[sizeof(T)];
    for (std::size_t i = 0; i < sizeof(T); ++i) buffer[i] = static_cast<char>(v >> (8 * i));
    out_.append(buffer, sizeof(T));
  }
  std::string out_;
};

// Reads what ByteWriter wrote. Past the end, or after a failed read, every value is 0 and ok() is
// false: the caller checks once, at the end. Views into the source: it must outlive the reader.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  std::uint8_t u8() { return static_cast<std::uint8_t>(get<std::uint8_t>()); }
  std::uint32_t u32() { return get<std::uint32_t>(); }
  std::uint64_t u64() { return get<std::uint64_t>(); }
  double f64() { return std::bit_cast<double>(get<std::uint64_t>()); }
  std::string_view sized() {
    const std::uint64_t n = u64();
    if (!ok_ || n > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view v = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return v;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }

 private:
  template <class T>
  T get() {
    if (!ok_ || rest_.size() < sizeof(T)) {
      ok_ = false;
      return 0;
    }
    T v = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      v = static_cast<T>(
          v | static_cast<T>(static_cast<T>(static_cast<unsigned char>(rest_[i])) << (8 * i)));
    }
    rest_.remove_prefix(sizeof(T));
    return v;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace oche

#endif  // OCHE_BASE_BYTES_H_
