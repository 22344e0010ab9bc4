// Where keys are kept: two text files in one folder, for their owner's eyes only (mode 0600; others
// are refused).
//
//   host.keys   the keys that this user's hosts know: the user's own and those given out, a line
//               each, as to_text() writes it. Taking a line away takes the key back.
//   dial.keys   the keys that this user was given, "HOST:PORT KEY", by the host they are for.
//
// Blank lines, and what follows a '#', mean nothing. Files are replaced as a whole, never written
// in place, and writers wait for each other.
#ifndef OCHE_WIRE_KEY_FILE_H_
#define OCHE_WIRE_KEY_FILE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/address.h"
#include "wire/key.h"
#include "wire/owned_file.h"

namespace oche::wire {

// $OCHE_HOME, $XDG_CONFIG_HOME/oche, or $HOME/.config/oche, made if it isn't there. Throws Error
// (file).
std::string key_folder();
inline std::string host_keys_path(const std::string& folder) { return folder + "/host.keys"; }
inline std::string dial_keys_path(const std::string& folder) { return folder + "/dial.keys"; }

// The keys of a host.keys; none if there is no such file. Throws Error (file) with the line.
std::vector<Key> read_host_keys(const std::string& path);
// Adds a key. Throws Error (usage) if there is one of that role and name, Error (file) else.
void add_host_key(const std::string& path, const Key& key);
// Takes a key away; false if there is none.
bool remove_host_key(const std::string& path, const KeyId& id);
// The user's own key, made on first use: good for every service, from this computer alone.
Key own_key(const std::string& path);

// The key for that host and service, if there is one.
std::optional<Key> find_dial_key(const std::string& path, const Address& host, Service service);
// Keeps a key for a host, in place of one of the same role.
void keep_dial_key(const std::string& path, const Address& host, const Key& key);

// A key read from a file, or from standard input with "-": its first line that isn't a comment.
// Throws Error (file), or Error (usage) where there is no key in it.
Key read_key(const std::string& path);

// The keys that a listener knows, kept up with the file. Loop's thread only.
class KeyTable {
 public:
  // Reads the file, and makes the user's own key in it if it has none. Throws Error (file).
  explicit KeyTable(std::string path);

  // The key that is called so and may be used from there, by the file as it is now; nothing if
  // none.
  std::optional<Key> find(std::string_view identity, bool from_this_computer);
  bool knows(const Key& key) const;

  // Looks whether the file has changed, and reads it. Returns whether the keys are others than at
  // the refresh() before. A file that can't be read leaves them as they are; `trouble` says why,
  // once.
  bool refresh(std::string& trouble);

 private:
  void look();

  std::string path_;
  FileStamp stamp_;                  // of what was read well
  std::optional<FileStamp> failed_;  // what wasn't: read again by refresh(), as time may mend it
  std::string told_;                 // why not
  std::vector<Key> keys_;
  bool changed_ = false;  // not told yet
  std::string trouble_;   // not told yet
};

}  // namespace oche::wire

#endif  // OCHE_WIRE_KEY_FILE_H_
