#include "wire/tls_library.h"

#include <dlfcn.h>

#include <string>

#include "oche/error.h"

namespace oche::wire {
namespace {

constexpr const char* kName = "libssl.so.3";

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorKind::file, std::string(kName) + " can't be used (" + why +
                                   "), and keys need it; install Debian's package libssl3");
}

TlsLibrary load() {
  // Never closed: OpenSSL's threads and handlers at exit may call into it.
  void* const library = dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* const why = dlerror();
    fail(why == nullptr ? "it can't be opened" : why);
  }
  TlsLibrary table;
  // A function of libcrypto is found too, as libssl depends on it.
#define OCHE_TLS_LOAD(name)                                                \
  table.name = reinterpret_cast<decltype(&::name)>(dlsym(library, #name)); \
  if (table.name == nullptr) fail("it has no function " #name);
  OCHE_TLS_FUNCTIONS(OCHE_TLS_LOAD)
#undef OCHE_TLS_LOAD
  return table;
}

}  // namespace

const TlsLibrary& tls_library() {
  static const TlsLibrary table = load();
  return table;
}

}  // namespace oche::wire
