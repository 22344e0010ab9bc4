// What our TOML files have in common: one table of keys, whose values are written as on the command
// line. All throw Error (file) with the line.
#ifndef OCHE_CLI_TOML_FILE_H_
#define OCHE_CLI_TOML_FILE_H_

#include <toml++/toml.h>

#include <string>
#include <string_view>
#include <vector>

namespace oche::cli {

// Of at most a mebibyte. `kind` is what it is to be, "a job file"; `keys` says what its keys are,
// "the options of oche estimate --help".
toml::table read_toml(const std::string& path, const std::string& kind, const std::string& keys);

[[noreturn]] void fail_at(const std::string& path, const toml::source_region& where,
                          const std::string& text);
[[noreturn]] void fail_unknown_key(const std::string& path, const std::string& name,
                                   const toml::node& node, const std::string& kind,
                                   const std::vector<std::string_view>& known);

// A number or a text as it would be typed.
std::string typed(const std::string& path, const std::string& key, const toml::node& node);
// Those of a list, with commas between.
std::string typed_list(const std::string& path, const std::string& key, const toml::array& list);

}  // namespace oche::cli

#endif  // OCHE_CLI_TOML_FILE_H_
