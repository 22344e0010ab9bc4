#include "cli/job_file.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "base/read_file.h"
#include "cli/new_file.h"
#include "cli/toml_text.h"
#include "formula/definitions.h"
#include "formula/suggestion.h"
#include "oche/error.h"
#include "oche/job.h"
#include "talk/printable.h"

namespace oche::cli {
namespace {

// Far above the longest expression.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;

using Flag = std::optional<std::string> RunFlags::*;
struct Key {
  const char* name;
  Flag flag;
};
// In the order in which they are written.
constexpr Key kKeys[] = {
    {"samples", &RunFlags::samples},
    {"rel_error", &RunFlags::rel_error},
    {"abs_error", &RunFlags::abs_error},
    {"time", &RunFlags::time},
    {"confidence", &RunFlags::confidence},
    {"seed", &RunFlags::seed},
    {"method", &RunFlags::method},
    {"workers", &RunFlags::workers},
    {"listen", &RunFlags::listen},
    {"wait", &RunFlags::wait},
    {"lease", &RunFlags::lease},
    {"simd", &RunFlags::simd},
    {"quantiles", &RunFlags::quantiles},
    {"coverage", &RunFlags::coverage},
    {"bars", &RunFlags::bars},
    {"histogram", &RunFlags::histogram},
    {"report", &RunFlags::report},
    {"non_finite", &RunFlags::non_finite},
};

struct Switch {
  const char* name;
  bool RunFlags::* flag;
};
constexpr Switch kSwitches[] = {
    {"sensitivity", &RunFlags::sensitivity},
    {"full", &RunFlags::full},
    {"json", &RunFlags::json},
    {"quiet", &RunFlags::quiet},
    {"verbose", &RunFlags::verbose},
};

[[noreturn]] void fail(const std::string& text) { throw Error(ErrorKind::file, text); }

[[noreturn]] void fail_at(const std::string& path, const toml::source_region& where,
                          const std::string& text) {
  fail(shown_path(path) + ", line " + std::to_string(where.begin.line) + ": " + text);
}

std::string read_all(const std::string& path) {
  FileBytes file = read_file(path, kMaxFileBytes);
  if (!file.failure.empty()) {
    fail(shown_path(path) + " can't be read (" + file.failure + "); give the name of a job file");
  }
  if (file.too_long) {
    fail(shown_path(path) + " is too long for a job file (the limit is a mebibyte); give another");
  }
  return std::move(file.bytes);
}

toml::table parse(const std::string& path) {
  const std::string text = read_all(path);
  if (const std::size_t line = line_of_deep_key(text); line != 0) {
    fail(shown_path(path) + ", line " + std::to_string(line) + ": a key has over " +
         std::to_string(kMostKeyDots) +
         " dots (the keys of a job have none); write key = value, the keys being the options of "
         "oche estimate --help, with texts in quotes");
  }
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    fail_at(path, error.source(), explain_toml(error.description(), error.source().begin.column));
  }
}

// A value as it would be typed on the command line.
std::string typed(const std::string& path, const std::string& key, const toml::node& node) {
  if (const toml::array* const list = key == "quantiles" ? node.as_array() : nullptr) {
    std::string text;
    for (const toml::node& element : *list) {
      text += (text.empty() ? "" : ",") + typed(path, key, element);
    }
    return text;
  }
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
  if (const auto number = node.value_exact<double>()) return fmt::format("{}", *number);
  fail_at(path, node.source(),
          key + " is neither a number nor a text; give one, for example " + key + " = 1 or " + key +
              " = \"1\"");
}

std::vector<std::string> inputs_of(const std::string& path, const toml::node& node) {
  std::vector<std::string> inputs;
  const toml::array* const list = node.as_array();
  if (list == nullptr) {
    fail_at(path, node.source(),
            "inputs is no list of texts; write inputs = [\"x = 0..1\", \"y ~ normal(0, 1)\"]");
  }
  for (const toml::node& input : *list) {
    const auto text = input.value_exact<std::string>();
    if (!text) {
      fail_at(path, input.source(),
              "an input is no text; write each in quotes, as on the command line: \"x = 0..1\"");
    }
    inputs.push_back(*text);
  }
  return inputs;
}

[[noreturn]] void fail_unknown(const std::string& path, const std::string& name,
                               const toml::node& node) {
  std::vector<std::string_view> names = {"expression", "inputs"};
  for (const Key& key : kKeys) names.emplace_back(key.name);
  for (const Switch& one : kSwitches) names.emplace_back(one.name);
  const std::string_view near = formula::closest(name, names);
  std::string list;
  for (const std::string_view known : names)
    list += (list.empty() ? "" : ", ") + std::string(known);
  fail_at(path, node.source(),
          talk::excerpt(name) + " is not a key of a job file (there are " + list + "); " +
              (near.empty() ? "use one of them" : "did you mean " + std::string(near) + "?"));
}

// Throws if the value isn't one for its option.
void check(const std::string& path, const Key& key, const std::string& value,
           const toml::node& node) {
  RunFlags only;
  only.*key.flag = value;
  try {
    Job job;
    apply_flags(only, job);
  } catch (const Error& error) {
    fail_at(path, node.source(), error.what());
  }
}

// True if the key is a switch, which is then set as the file says.
bool read_switch(const std::string& path, const std::string& name, const toml::node& node,
                 RunFlags& flags) {
  const auto* const known = std::find_if(std::begin(kSwitches), std::end(kSwitches),
                                         [&](const Switch& one) { return name == one.name; });
  if (known == std::end(kSwitches)) return false;
  const auto value = node.value_exact<bool>();
  if (!value) {
    fail_at(path, node.source(),
            name + " is neither true nor false; write " + name + " = true, or leave it out");
  }
  flags.*known->flag = flags.*known->flag || *value;
  return true;
}

// A TOML basic string.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

// A name that is found from `to`, of the data file that is found by `name` from `from`.
std::string name_from(const std::string& name, const std::string& from, const std::string& to) {
  namespace fs = std::filesystem;
  if (name.starts_with('/') || name.starts_with("~/")) return name;
  std::error_code failure;
  const auto whole = [&](const std::string& folder) {
    return fs::canonical(folder.empty() ? "." : folder, failure);
  };
  const fs::path source = whole(from);
  const fs::path target = failure ? fs::path() : whole(to);
  if (failure || source == target) return name;  // what can't be found isn't written or read either
  return (source / name).lexically_relative(target).string();
}

// The definition with names of data files that are found from another folder.
std::vector<std::string> moved(std::vector<std::string> definition, const std::string& from,
                               const std::string& to) {
  const formula::Definition parsed = formula::parse_definition(definition);
  // Backwards, so that what is replaced moves nothing that is still to be.
  for (auto input = parsed.inputs.rbegin(); input != parsed.inputs.rend(); ++input) {
    if (!input->data) continue;
    const formula::DataColumn& data = *input->data;
    const std::string name = name_from(data.set, from, to);
    if (name == data.set) continue;
    if (name.find('"') != std::string::npos && name.find('\'') != std::string::npos) {
      fail("the data file " + shown_path(name) +
           " can't be named in a job file (the name has both kinds of quotes); rename it");
    }
    definition[data.argument].replace(data.offset, data.length, formula::canonical_name(name));
  }
  return definition;
}

}  // namespace

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {};
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool names_job_file(const std::string& argument) { return argument.ends_with(".toml"); }

void read_job_file(const std::string& path, std::vector<std::string>& definition, RunFlags& flags) {
  const toml::table table = parse(path);
  std::optional<std::string> expression;
  std::vector<std::string> inputs;
  for (const auto& [name, node] : table) {
    const std::string key_name(name.str());
    if (key_name == "expression") {
      expression = node.value_exact<std::string>();
      if (!expression) {
        fail_at(path, node.source(), "the expression is no text; write it in quotes");
      }
      continue;
    }
    if (key_name == "inputs") {
      inputs = inputs_of(path, node);
      continue;
    }
    if (read_switch(path, key_name, node, flags)) continue;
    const auto* const key = std::find_if(std::begin(kKeys), std::end(kKeys),
                                         [&](const Key& k) { return key_name == k.name; });
    if (key == std::end(kKeys)) fail_unknown(path, key_name, node);
    const std::string value = typed(path, key_name, node);
    check(path, *key, value, node);
    if (!(flags.*key->flag)) flags.*key->flag = value;
  }
  if (!expression) {
    fail(shown_path(path) +
         " has no expression (what is to be estimated); add expression = \"1/x\"");
  }
  definition = {*expression};
  definition.insert(definition.end(), inputs.begin(), inputs.end());
}

void write_job_file(const std::string& path, const std::vector<std::string>& typed_definition,
                    const std::string& folder, const RunFlags& flags) {
  const std::vector<std::string> definition = moved(typed_definition, folder, folder_of(path));
  std::string text =
      "# A job for oche: oche estimate FILE\nexpression = " + quoted(definition.front()) + "\n";
  if (definition.size() > 1) {
    text += "inputs = [\n";
    for (std::size_t i = 1; i < definition.size(); ++i) {
      text += "  " + quoted(definition[i]) + ",\n";
    }
    text += "]\n";
  }
  for (const Key& key : kKeys) {
    const std::optional<std::string>& value = flags.*key.flag;
    if (value) text += std::string(key.name) + " = " + quoted(*value) + "\n";
  }
  for (const Switch& one : kSwitches) {
    if (flags.*one.flag) text += std::string(one.name) + " = true\n";
  }
  write_new_file(path, "a job file", text);
}

}  // namespace oche::cli
