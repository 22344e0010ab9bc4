// The shell that reads data files; csv.h is what they are.
#include <cstdlib>
#include <map>
#include <utility>

#include "base/read_file.h"
#include "formula/definitions.h"
#include "job/csv.h"
#include "oche/data_set.h"
#include "oche/error.h"

namespace oche {
namespace {

using formula::InputDefinition;

std::string path_of(const std::string& name, const std::string& folder) {
  if (name.starts_with("~/")) {
    const char* const home = std::getenv("HOME");
    if (home != nullptr) return home + name.substr(1);
  }
  return name.starts_with('/') || folder.empty() ? name : folder + "/" + name;
}

std::string quoted(const std::string& path) { return "'" + formula::shown(path) + "'"; }

[[noreturn]] void fail_to_read(const std::string& path, const std::string& why) {
  throw Error(ErrorKind::file, "the data file " + quoted(path) + " can't be read (" + why +
                                   "); give the name of a CSV file, relative to the job file or, "
                                   "on the command line, to the current folder");
}

// At most `most` bytes.
std::string read_all(const std::string& path, std::size_t most) {
  FileBytes file = read_file(path, most);
  if (!file.failure.empty()) fail_to_read(path, file.failure);
  if (file.too_long) {
    throw Error(ErrorKind::file,
                "the data file " + quoted(path) + " is too long (the limit is " +
                    std::to_string(kMaxDataFileBytes >> 20) +
                    " MiB for all files of a job); leave out the columns that are not used");
  }
  return std::move(file.bytes);
}

// Files of the same bytes, and who draws from them.
struct File {
  std::string path;
  std::string text;
  std::vector<std::string> names;
  std::vector<const InputDefinition*> inputs;
};

std::vector<File> files_of(const formula::Definition& definition, const std::string& folder) {
  std::vector<File> files;
  std::map<std::string, std::size_t> known;  // by name
  std::size_t left = kMaxDataFileBytes;
  for (const InputDefinition& input : definition.inputs) {
    if (!input.data) continue;
    const std::string& name = input.data->set;
    auto place = known.find(name);
    if (place == known.end()) {
      const std::string path = path_of(name, folder);
      std::string text = read_all(path, left);
      std::size_t i = 0;
      while (i < files.size() && files[i].text != text) ++i;
      if (i == files.size()) {
        left -= text.size();
        files.push_back({path, std::move(text), {}, {}});
      }
      files[i].names.push_back(name);
      place = known.emplace(name, i).first;
    }
    files[place->second].inputs.push_back(&input);
  }
  return files;
}

}  // namespace

std::vector<DataSet> read_data_sets(const std::vector<std::string>& definition,
                                    const std::string& folder) {
  const formula::Definition parsed = formula::parse_definition(definition);
  std::vector<DataSet> sets;
  for (File& file : files_of(parsed, folder)) {
    DataSet set = job::read_csv(file.text, quoted(file.path), file.inputs);
    file.text.clear();
    for (const std::string& name : file.names) {
      set.name = name;
      sets.push_back(set);
    }
  }
  return sets;
}

}  // namespace oche
