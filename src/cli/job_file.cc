#include "cli/job_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/new_file.h"
#include "cli/toml_file.h"
#include "formula/definitions.h"
#include "oche/error.h"
#include "oche/job.h"

namespace oche::cli {
namespace {

constexpr char kKind[] = "a job file";

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
    {"at", &RunFlags::at},
    {"priority", &RunFlags::priority},
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
  fail_unknown_key(path, name, node, kKind, names);
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
      throw Error(
          ErrorKind::file,
          "the data file " + shown_path(name) +
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
  const toml::table table = read_toml(path, kKind, "the options of oche estimate --help");
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
    const toml::array* const list = key_name == "quantiles" ? node.as_array() : nullptr;
    const std::string value =
        list != nullptr ? typed_list(path, key_name, *list) : typed(path, key_name, node);
    check(path, *key, value, node);
    if (!(flags.*key->flag)) flags.*key->flag = value;
  }
  if (!expression) {
    throw Error(ErrorKind::file,
                shown_path(path) +
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
