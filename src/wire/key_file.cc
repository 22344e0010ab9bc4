#include "wire/key_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <utility>

#include "base/read_file.h"
#include "oche/error.h"

namespace oche::wire {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 1 << 20;
constexpr char kWhat[] = "the key file";

[[noreturn]] void fail(const std::string& path, const std::string& why, const std::string& what) {
  throw Error(ErrorKind::file, std::string(kWhat) + " '" + printable(path, kMaxTextBytes) + "' " +
                                   why + "; " + what);
}

std::string read_text(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return {};
  return read_owned(kWhat, path, OthersMay::nothing);
}

std::string_view without_comment(std::string_view line) {
  line = line.substr(0, line.find('#'));
  const std::size_t end = line.find_last_not_of(" \t\r");
  return end == std::string_view::npos ? std::string_view() : line.substr(0, end + 1);
}

// Calls f with the number and the text of each line, without its comment; f returns whether it
// understood it.
void for_each_line(const std::string& path, const std::string& text,
                   const std::function<bool(std::string_view)>& f) {
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    ++number;
    const std::string_view line =
        without_comment(std::string_view(text).substr(begin, end - begin));
    if (!line.empty() && !f(line)) {
      fail(path, "can't be used (line " + std::to_string(number) + " isn't a key)",
           "mend that line, or take it away");
    }
    begin = end + 1;
  }
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int operator*() const { return number_; }

 private:
  int number_;
};

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category());
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

// Puts `text` in the file's place, whole or not at all.
void replace(const std::string& path, const std::string& text) {
  const std::string other = path + ".new";
  try {
    ::unlink(other.c_str());
    const Descriptor file(
        ::open(other.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (*file < 0) throw std::system_error(errno, std::generic_category());
    write_all(*file, text);
    struct stat before{};
    if (::geteuid() == 0 && ::stat(path.c_str(), &before) == 0 &&
        ::fchown(*file, before.st_uid, before.st_gid) != 0) {
      throw std::system_error(errno, std::generic_category());
    }
    if (::fsync(*file) != 0 || ::rename(other.c_str(), path.c_str()) != 0) {
      throw std::system_error(errno, std::generic_category());
    }
  } catch (const std::system_error& error) {
    fail(path, "can't be written (" + error.code().message() + ")", "look at its folder");
  }
}

// Changes a file while no other process does: `change` gets its text and returns the new one, or
// nothing to leave it.
void change_file(const std::string& path,
                 const std::function<std::optional<std::string>(std::string)>& change) {
  const std::string lock = path + ".lock";
  const Descriptor held(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (*held < 0) {
    fail(path, std::string("can't be changed (") + std::strerror(errno) + ")",
         "look at its folder");
  }
  while (::flock(*held, LOCK_EX) != 0 && errno == EINTR) {
  }
  if (const std::optional<std::string> text = change(read_text(path))) replace(path, *text);
}

void append_line(std::string& text, const std::string& line) {
  if (!text.empty() && text.back() != '\n') text.push_back('\n');
  text += line + "\n";
}

std::vector<Key> parse_host_keys(const std::string& path, const std::string& text) {
  std::vector<Key> keys;
  for_each_line(path, text, [&](std::string_view line) {
    std::optional<Key> key = key_from_text(line);
    if (!key) return false;
    keys.push_back(*std::move(key));
    return true;
  });
  return keys;
}

// The text without the lines for which `drop` is true.
std::string without_lines(const std::string& text,
                          const std::function<bool(std::string_view)>& drop) {
  std::string rest;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::string_view whole = std::string_view(text).substr(begin, end - begin);
    const std::string_view line = whole.substr(0, whole.find('\n'));
    if (!drop(without_comment(line))) rest += whole;
    begin = end;
  }
  return rest;
}

// "HOST:PORT KEY"; nothing if the line isn't that.
struct DialKey {
  std::string host;
  Key key;
};
std::optional<DialKey> dial_key_from(std::string_view line) {
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  std::optional<Key> key = key_from_text(line.substr(blank));
  if (!key) return std::nullopt;
  return DialKey{std::string(line.substr(0, blank)), *std::move(key)};
}

}  // namespace

std::string key_folder() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  std::string folder = variable("OCHE_HOME");
  if (folder.empty() && !variable("XDG_CONFIG_HOME").empty()) {
    folder = variable("XDG_CONFIG_HOME") + "/oche";
  }
  if (folder.empty() && !variable("HOME").empty()) folder = variable("HOME") + "/.config/oche";
  if (folder.empty()) {
    throw Error(ErrorKind::file,
                "there is no place for keys (neither OCHE_HOME nor HOME is set); set OCHE_HOME to "
                "a folder");
  }
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return folder;
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    throw Error(ErrorKind::file, "the folder for keys '" + printable(folder, kMaxTextBytes) +
                                     "' can't be made (" + std::strerror(errno) +
                                     "); set OCHE_HOME to another");
  }
  return folder;
}

std::vector<Key> read_host_keys(const std::string& path) {
  return parse_host_keys(path, read_text(path));
}

void add_host_key(const std::string& path, const Key& key) {
  change_file(path, [&](std::string text) -> std::optional<std::string> {
    for (const Key& there : parse_host_keys(path, text)) {
      if (there.id != key.id) continue;
      throw Error(ErrorKind::usage, "there is a key '" + key.id.name + "' for " +
                                        std::string(to_string(key.id.role)) +
                                        " already; give another name, or take that one back "
                                        "first (oche revoke)");
    }
    append_line(text, to_text(key));
    return text;
  });
}

bool remove_host_key(const std::string& path, const KeyId& id) {
  bool found = false;
  change_file(path, [&](const std::string& text) -> std::optional<std::string> {
    std::string rest = without_lines(text, [&](std::string_view line) {
      const std::optional<Key> key = key_from_text(line);
      const bool drop = key && key->id == id;
      found = found || drop;
      return drop;
    });
    if (!found) return std::nullopt;
    return rest;
  });
  return found;
}

Key own_key(const std::string& path) {
  Key own;
  const auto find = [&](const std::vector<Key>& keys) {
    for (const Key& key : keys) {
      if (key.id.role != KeyRole::own) continue;
      own = key;
      return true;
    }
    return false;
  };
  if (find(read_host_keys(path))) return own;
  change_file(path, [&](std::string text) -> std::optional<std::string> {
    if (find(parse_host_keys(path, text))) return std::nullopt;
    own = make_key(KeyRole::own, "own");
    append_line(text, to_text(own) + "  # this user's programs on this computer");
    return text;
  });
  return own;
}

std::optional<Key> find_dial_key(const std::string& path, const Address& host, Service service) {
  std::optional<Key> found;
  for_each_line(path, read_text(path), [&](std::string_view line) {
    std::optional<DialKey> entry = dial_key_from(line);
    if (!entry) return false;
    if (entry->host == to_string(host) && permits(entry->key.id.role, service)) {
      found = std::move(entry->key);
    }
    return true;
  });
  return found;
}

void keep_dial_key(const std::string& path, const Address& host, const Key& key) {
  change_file(path, [&](const std::string& text) {
    std::string rest = without_lines(text, [&](std::string_view line) {
      const std::optional<DialKey> entry = dial_key_from(line);
      return entry && entry->host == to_string(host) && entry->key.id.role == key.id.role;
    });
    append_line(rest, to_string(host) + " " + to_text(key));
    return rest;
  });
}

Key read_key(const std::string& path) {
  struct stat status{};
  const bool pipe = path != "-" && ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
  if (path != "-" && !pipe) check_owner(kWhat, path, OthersMay::nothing);
  const FileBytes file = read_file(path == "-" ? "/dev/stdin" : path, kMaxKeyFileBytes);
  const std::string shown = path == "-" ? "standard input" : "'" + printable(path, 200) + "'";
  if (!file.failure.empty()) {
    throw Error(ErrorKind::file, shown + " can't be read (" + file.failure + "); give another");
  }
  for (std::size_t begin = 0; begin < file.bytes.size();) {
    const std::size_t end = std::min(file.bytes.find('\n', begin), file.bytes.size());
    const std::string_view line =
        without_comment(std::string_view(file.bytes).substr(begin, end - begin));
    if (std::optional<Key> key = key_from_text(line)) return *std::move(key);
    if (!line.empty()) break;
    begin = end + 1;
  }
  throw Error(ErrorKind::usage, "there is no key in " + shown +
                                    " (one looks like oche1.work.lab7.…); make one on the host "
                                    "with oche invite");
}

// ---- The table of a listener ----

KeyTable::KeyTable(std::string path) : path_(std::move(path)) {
  static_cast<void>(own_key(path_));
  stamp_ = stamp_of(path_);
  keys_ = read_host_keys(path_);
}

std::optional<Key> KeyTable::find(std::string_view identity, bool from_this_computer) {
  if (stamp_of(path_) != failed_) look();
  for (const Key& key : keys_) {
    if (key.id.role == KeyRole::own && !from_this_computer) continue;
    if (identity_text(key.id) == identity) return key;
  }
  return std::nullopt;
}

bool KeyTable::knows(const Key& key) const {
  return std::find(keys_.begin(), keys_.end(), key) != keys_.end();
}

void KeyTable::look() {
  const FileStamp stamp = stamp_of(path_);
  if (stamp == stamp_) return;
  try {
    std::vector<Key> keys = read_host_keys(path_);
    stamp_ = stamp;
    failed_.reset();
    told_.clear();
    if (keys == keys_) return;
    keys_ = std::move(keys);
    changed_ = true;
  } catch (const Error& error) {
    failed_ = stamp;
    if (told_ == error.what()) return;
    told_ = error.what();
    trouble_ = told_ + " (the keys stay as they were)";
  }
}

bool KeyTable::refresh(std::string& trouble) {
  look();
  trouble = std::exchange(trouble_, {});
  return std::exchange(changed_, false);
}

}  // namespace oche::wire
