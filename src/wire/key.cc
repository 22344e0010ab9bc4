#include "wire/key.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "oche/error.h"

namespace oche::wire {
namespace {

constexpr std::string_view kFormat = "oche1";
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kSecretDigits = (8 * kSecretBytes + 5) / 6;

constexpr std::array<std::pair<KeyRole, std::string_view>, 5> kRoles{{
    {KeyRole::own, "own"},
    {KeyRole::work, "work"},
    {KeyRole::estimate, "estimate"},
    {KeyRole::talk, "talk"},
    {KeyRole::send, "send"},
}};

std::string to_digits(const Secret& secret) {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const std::uint8_t byte : secret) {
    bits = (bits << 8) | byte;
    held += 8;
    for (; held >= 6; held -= 6) text.push_back(kDigits[(bits >> (held - 6)) & 63]);
  }
  text.push_back(kDigits[(bits << (6 - held)) & 63]);
  return text;
}

std::optional<Secret> from_digits(std::string_view text) {
  if (text.size() != kSecretDigits) return std::nullopt;
  Secret secret{};
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t next = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held >= 8) secret[next++] = static_cast<std::uint8_t>(bits >> (held -= 8));
  }
  // One spelling for each secret: what is left over is 0.
  if ((bits & ((1U << held) - 1)) != 0) return std::nullopt;
  return secret;
}

// The text before the next dot, which goes too; all of it if there is none.
std::string_view take_field(std::string_view& text) {
  const std::size_t dot = text.find('.');
  const std::string_view field = text.substr(0, dot);
  text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
  return field;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

std::string_view to_string(KeyRole role) {
  const auto* const entry = std::find_if(kRoles.begin(), kRoles.end(),
                                         [&](const auto& named) { return named.first == role; });
  return entry == kRoles.end() ? std::string_view() : entry->second;
}

std::optional<KeyRole> key_role(std::string_view text) {
  const auto* const entry = std::find_if(kRoles.begin(), kRoles.end(),
                                         [&](const auto& named) { return named.second == text; });
  if (entry == kRoles.end()) return std::nullopt;
  return entry->first;
}

bool is_key_name(std::string_view name) {
  return !name.empty() && name.front() != '-' && name.size() <= kMaxKeyNameBytes &&
         std::all_of(name.begin(), name.end(), is_name_character);
}

std::string identity_text(const KeyId& id) {
  return std::string(kFormat) + "." + std::string(to_string(id.role)) + "." + id.name;
}

std::string to_text(const Key& key) { return identity_text(key.id) + "." + to_digits(key.secret); }

std::optional<Key> key_from_text(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
  if (take_field(text) != kFormat) return std::nullopt;
  const std::optional<KeyRole> role = key_role(take_field(text));
  const std::string_view name = take_field(text);
  const std::optional<Secret> secret = from_digits(text);
  if (!role || !is_key_name(name) || !secret) return std::nullopt;
  return Key{{*role, std::string(name)}, *secret};
}

Key make_key(KeyRole role, std::string name) {
  Key key{{role, std::move(name)}, {}};
  std::size_t filled = 0;
  while (filled < key.secret.size()) {
    const ssize_t n = ::getrandom(key.secret.data() + filled, key.secret.size() - filled, 0);
    if (n < 0 && errno != EINTR) {
      throw Error(ErrorKind::file,
                  "no key can be made (the system gives no random numbers); try again");
    }
    if (n > 0) filled += static_cast<std::size_t>(n);
  }
  return key;
}

}  // namespace oche::wire
