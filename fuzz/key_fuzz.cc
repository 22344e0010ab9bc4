// Keys and ranges of addresses as text.
//
// Checked: a text that is a key has one spelling; a range that parses answers for any address.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "oche/error.h"
#include "wire/address_range.h"
#include "wire/key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace oche::wire;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  if (const std::optional<Key> key = key_from_text(text)) {
    const std::string again = to_text(*key);
    if (text.find(again) == std::string::npos || key_from_text(again) != key) std::abort();
  }
  try {
    AllowList list;
    list.add(text);
    static_cast<void>(list.permits(Service::work, text));
  } catch (const oche::Error& error) {
    if (std::string_view(error.what()).empty()) std::abort();
  }
  return 0;
}
