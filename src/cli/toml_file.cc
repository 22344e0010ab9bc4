#include "cli/toml_file.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "base/read_file.h"
#include "cli/new_file.h"
#include "cli/toml_text.h"
#include "formula/suggestion.h"
#include "oche/error.h"
#include "talk/printable.h"

namespace oche::cli {
namespace {

// Far above the longest expression.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;

[[noreturn]] void fail(const std::string& text) { throw Error(ErrorKind::file, text); }

std::string read_all(const std::string& path, const std::string& kind) {
  FileBytes file = read_file(path, kMaxFileBytes);
  if (!file.failure.empty()) {
    fail(shown_path(path) + " can't be read (" + file.failure + "); give the name of " + kind);
  }
  if (file.too_long) {
    fail(shown_path(path) + " is too long for " + kind +
         " (the limit is a mebibyte); give another");
  }
  return std::move(file.bytes);
}

}  // namespace

void fail_at(const std::string& path, const toml::source_region& where, const std::string& text) {
  fail(shown_path(path) + ", line " + std::to_string(where.begin.line) + ": " + text);
}

toml::table read_toml(const std::string& path, const std::string& kind, const std::string& keys) {
  const std::string text = read_all(path, kind);
  if (const std::size_t line = line_of_deep_key(text); line != 0) {
    fail(shown_path(path) + ", line " + std::to_string(line) + ": a key has over " +
         std::to_string(kMostKeyDots) + " dots (the keys of " + kind +
         " have none); write key = value, the keys being " + keys + ", with texts in quotes");
  }
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    fail_at(path, error.source(), explain_toml(error.description(), error.source().begin.column));
  }
}

void fail_unknown_key(const std::string& path, const std::string& name, const toml::node& node,
                      const std::string& kind, const std::vector<std::string_view>& known) {
  const std::string_view near = formula::closest(name, known);
  std::string list;
  for (const std::string_view one : known) list += (list.empty() ? "" : ", ") + std::string(one);
  fail_at(path, node.source(),
          talk::excerpt(name) + " is not a key of " + kind + " (there are " + list + "); " +
              (near.empty() ? "use one of them" : "did you mean " + std::string(near) + "?"));
}

std::string typed(const std::string& path, const std::string& key, const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
  if (const auto number = node.value_exact<double>()) return fmt::format("{}", *number);
  fail_at(path, node.source(),
          key + " is neither a number nor a text; give one, for example " + key + " = 1 or " + key +
              " = \"1\"");
}

std::string typed_list(const std::string& path, const std::string& key, const toml::array& list) {
  std::string text;
  for (const toml::node& element : list) {
    text += (text.empty() ? "" : ",") + typed(path, key, element);
  }
  return text;
}

}  // namespace oche::cli
