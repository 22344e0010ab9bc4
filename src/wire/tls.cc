#include "wire/tls.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "oche/error.h"
#include "wire/certificate_context.h"
#include "wire/tls_library.h"

namespace oche::wire {
namespace {

// Of both ends of this hash, which the proof uses; the first is the fastest where there is hardware
// for it.
constexpr const char* kCiphers = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";
constexpr std::array<unsigned char, 2> kCipherOfKeys{0x13, 0x01};  // TLS_AES_128_GCM_SHA256
constexpr char kGroups[] = "X25519:P-256";
constexpr std::size_t kMaxIdentityBytes = 64;
constexpr std::size_t kPlainBytes = 16 * 1024;  // of a record

struct FreeSsl {
  void operator()(SSL* ssl) const { tls_library().SSL_free(ssl); }
};

}  // namespace

struct Tls::Impl {
  std::unique_ptr<SSL, FreeSsl> ssl;
  std::string_view input;  // of the receive() that runs
  std::string output;
  Key key;  // the dialler's; at a listener, the one that was found last
  KeyFinder find;
  std::shared_ptr<const Certificate::Context> own;  // null: there are only keys
  std::optional<CertifiedPeer> certified;           // once open, with certificates
  bool dialling = false;
  bool is_open = false;
  bool heard = false;           // plaintext, so the other end has let us in
  std::size_t before_open = 0;  // bytes of the network
  std::optional<TlsProblem> failure;

  void shake_hands();
  void read(const std::function<void(std::string_view)>& take);
  void fail(int result);
  TlsProblem why_dialling(unsigned long code, const std::string& why) const;
  TlsProblem why_listening(unsigned long code, const std::string& why) const;
};

namespace {

// ---- What libssl calls ----

extern "C" int read_network(BIO* bio, char* out, int size) {
  const TlsLibrary& lib = tls_library();
  std::string_view& input = static_cast<Tls::Impl*>(lib.BIO_get_data(bio))->input;
  lib.BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
  if (input.empty()) {
    lib.BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
    return -1;
  }
  const std::size_t n = std::min(input.size(), static_cast<std::size_t>(size));
  std::memcpy(out, input.data(), n);
  input.remove_prefix(n);
  return static_cast<int>(n);
}

extern "C" int write_network(BIO* bio, const char* bytes, int size) {
  try {
    static_cast<Tls::Impl*>(tls_library().BIO_get_data(bio))
        ->output.append(bytes, static_cast<std::size_t>(size));
  } catch (const std::bad_alloc&) {
    return -1;
  }
  return size;
}

extern "C" long control_network(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

SSL_SESSION* make_session(SSL* ssl, const Secret& secret) {
  const TlsLibrary& lib = tls_library();
  SSL_SESSION* const session = lib.SSL_SESSION_new();
  const SSL_CIPHER* const cipher = lib.SSL_CIPHER_find(ssl, kCipherOfKeys.data());
  if (session != nullptr && cipher != nullptr &&
      lib.SSL_SESSION_set1_master_key(session, secret.data(), secret.size()) == 1 &&
      lib.SSL_SESSION_set_cipher(session, cipher) == 1 &&
      lib.SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION) == 1) {
    return session;
  }
  lib.SSL_SESSION_free(session);
  return nullptr;
}

Tls::Impl& impl_of(const SSL* ssl) {
  return *static_cast<Tls::Impl*>(tls_library().SSL_get_ex_data(ssl, 0));
}

extern "C" int offer_key(SSL* ssl, const EVP_MD*, const unsigned char** identity, std::size_t* size,
                         SSL_SESSION** session) {
  Tls::Impl& impl = impl_of(ssl);
  // libssl makes a copy of it, after this has returned.
  thread_local std::string text;
  try {
    text = identity_text(impl.key.id);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  *session = make_session(ssl, impl.key.secret);
  if (*session == nullptr) return 0;
  *identity = reinterpret_cast<const unsigned char*>(text.data());
  *size = text.size();
  return 1;
}

// Stands in for keys that aren't known: the proof fails just as with a wrong secret.
const Key& nobodys_key() {
  static const Key key = make_key(KeyRole::own, "nobody");
  return key;
}

extern "C" int find_key(SSL* ssl, const unsigned char* identity, std::size_t size,
                        SSL_SESSION** session) {
  Tls::Impl& impl = impl_of(ssl);
  std::optional<Key> found;
  if (size <= kMaxIdentityBytes) {
    found = impl.find({reinterpret_cast<const char*>(identity), size});
  }
  try {
    impl.key = found ? *std::move(found) : nobodys_key();
  } catch (const std::bad_alloc&) {
    return 0;
  }
  *session = make_session(ssl, impl.key.secret);
  return *session != nullptr ? 1 : 0;
}

// libssl says "unexpected message", which tells a user nothing.
std::string in_our_words(std::string reason) {
  constexpr std::string_view kTheirs =
      "un"
      "expected";
  const std::size_t at = reason.find(kTheirs);
  if (at != std::string::npos) reason.replace(at, kTheirs.size(), "misplaced");
  return reason;
}

// ---- Contexts: of keys one for each direction, made once ----

BIO_METHOD* network_method() {
  static BIO_METHOD* const method = [] {
    const TlsLibrary& lib = tls_library();
    BIO_METHOD* const made = lib.BIO_meth_new(BIO_TYPE_SOURCE_SINK, "oche");
    lib.BIO_meth_set_read(made, read_network);
    lib.BIO_meth_set_write(made, write_network);
    lib.BIO_meth_set_ctrl(made, control_network);
    return made;
  }();
  return method;
}

ContextPointer make_context(const SSL_METHOD* method) {
  const TlsLibrary& lib = tls_library();
  ContextPointer context(lib.SSL_CTX_new(method));
  SSL_CTX* const made = context.get();
  const bool ready =
      made != nullptr &&
      lib.SSL_CTX_ctrl(made, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_3_VERSION, nullptr) == 1 &&
      lib.SSL_CTX_ctrl(made, SSL_CTRL_SET_MAX_PROTO_VERSION, TLS1_3_VERSION, nullptr) == 1 &&
      lib.SSL_CTX_set_ciphersuites(made, kCiphers) == 1 &&
      lib.SSL_CTX_ctrl(made, SSL_CTRL_SET_GROUPS_LIST, 0, const_cast<char*>(kGroups)) == 1 &&
      lib.SSL_CTX_set_num_tickets(made, 0) == 1;
  if (!ready)
    throw Error(ErrorKind::file, "libssl can't be set up (it refuses TLS 1.3); update it");
  lib.SSL_CTX_set_options(made, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  lib.SSL_CTX_ctrl(made, SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS, nullptr);
  lib.SSL_CTX_ctrl(made, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, nullptr);
  return context;
}

// For keys alone.
SSL_CTX* dialling_context() {
  static SSL_CTX* const context = [] {
    ContextPointer made = new_dialling_context();
    // No certificate is believed: without the shared key a handshake fails.
    tls_library().SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
    tls_library().SSL_CTX_set_psk_use_session_callback(made.get(), offer_key);
    return made.release();
  }();
  return context;
}

SSL_CTX* listening_context() {
  static SSL_CTX* const context = new_listening_context().release();
  return context;
}

}  // namespace

ContextPointer new_dialling_context() { return make_context(tls_library().TLS_client_method()); }

ContextPointer new_listening_context() {
  const TlsLibrary& lib = tls_library();
  ContextPointer made = make_context(lib.TLS_server_method());
  lib.SSL_CTX_set_psk_find_session_callback(made.get(), find_key);
  // Without a name a listener that asks for certificates takes no keys.
  constexpr unsigned char kName[] = {'o', 'c', 'h', 'e'};
  if (lib.SSL_CTX_set_session_id_context(made.get(), kName, sizeof kName) != 1)
    throw std::bad_alloc();
  return made;
}

// ---- Tls ----

Tls::Tls(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  const TlsLibrary& lib = tls_library();
  SSL_CTX* const context = impl_->own        ? impl_->own->ssl.get()
                           : impl_->dialling ? dialling_context()
                                             : listening_context();
  impl_->ssl.reset(lib.SSL_new(context));
  BIO* const bio = impl_->ssl ? lib.BIO_new(network_method()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  lib.BIO_set_data(bio, impl_.get());
  lib.BIO_set_init(bio, 1);
  lib.SSL_set_bio(impl_->ssl.get(), bio, bio);
  lib.SSL_set_ex_data(impl_->ssl.get(), 0, impl_.get());
  if (impl_->dialling) {
    lib.SSL_set_connect_state(impl_->ssl.get());
  } else {
    lib.SSL_set_accept_state(impl_->ssl.get());
  }
}

Tls::~Tls() = default;
Tls::Tls(Tls&& other) noexcept = default;
Tls& Tls::operator=(Tls&& other) noexcept = default;

void Tls::load() {
  static_cast<void>(dialling_context());
  static_cast<void>(listening_context());
}

Tls Tls::dial(const Key& key) {
  auto impl = std::make_unique<Impl>();
  impl->dialling = true;
  impl->key = key;
  Tls tls(std::move(impl));
  tls.impl_->shake_hands();
  return tls;
}

Tls Tls::dial(const Certificate& own, const std::string& host) {
  auto impl = std::make_unique<Impl>();
  impl->dialling = true;
  impl->own = own.context();
  Tls tls(std::move(impl));
  if (own.good_until() <=
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())) {
    tls.impl_->failure = {TlsFault::wrong_key, "the certificate '" + tls.impl_->own->file +
                                                   "' of this end has expired; renew it"};
  } else if (!expect_host(tls.impl_->ssl.get(), host)) {
    tls.impl_->failure = {TlsFault::wrong_key, "no certificate can name a host '" +
                                                   printable(host, kMaxNameBytes) +
                                                   "'; dial it by another name"};
  } else {
    tls.impl_->shake_hands();
  }
  return tls;
}

Tls Tls::accept(KeyFinder find, const Certificate* own) {
  static_cast<void>(nobodys_key());  // made here: libssl's callbacks must not throw
  auto impl = std::make_unique<Impl>();
  impl->find = std::move(find);
  if (own != nullptr) impl->own = own->context();
  return Tls(std::move(impl));
}

bool Tls::open() const { return impl_->is_open && !impl_->failure; }
const std::optional<TlsProblem>& Tls::problem() const { return impl_->failure; }
std::string Tls::take_output() { return std::exchange(impl_->output, {}); }

const Key* Tls::key() const {
  OCHE_ASSERT(impl_->is_open);
  return impl_->certified ? nullptr : &impl_->key;
}

const CertificateId* Tls::certificate() const {
  OCHE_ASSERT(impl_->is_open);
  return impl_->certified ? &impl_->certified->id : nullptr;
}

bool Tls::expired(WallTime now) const {
  return impl_->certified && impl_->certified->good_until <= now;
}

std::optional<NotGood> Tls::wrong_by(const Certificate& own) const {
  // By the reading that the handshake was judged by there is nothing new.
  if (!impl_->certified || impl_->own == own.context()) return std::nullopt;
  const int wrong = judge_now(*own.context(), impl_->ssl.get());
  if (wrong == X509_V_OK) return std::nullopt;
  // Nothing is wrong with it where there is only no list.
  const bool for_ever = wrong != X509_V_ERR_UNABLE_TO_GET_CRL &&
                        wrong != X509_V_ERR_CRL_HAS_EXPIRED &&
                        wrong != X509_V_ERR_CRL_NOT_YET_VALID;
  return NotGood{for_ever, "its certificate " + what_is_wrong(wrong)};
}

void Tls::receive(std::string_view bytes, const std::function<void(std::string_view)>& take) {
  if (impl_->failure) return;
  if (!impl_->is_open) {
    impl_->before_open += bytes.size();
    if (impl_->before_open > kMaxHandshakeBytes) {
      impl_->failure = {TlsFault::broken, "it sent more than " +
                                              std::to_string(kMaxHandshakeBytes) +
                                              " bytes before its handshake was done"};
      return;
    }
  }
  impl_->input = bytes;
  if (!impl_->is_open) impl_->shake_hands();
  if (impl_->is_open) impl_->read(take);
  impl_->input = {};
}

void Tls::Impl::shake_hands() {
  const TlsLibrary& lib = tls_library();
  lib.ERR_clear_error();
  const int result = lib.SSL_do_handshake(ssl.get());
  if (result != 1) return fail(result);
  const bool by_key = lib.SSL_session_reused(ssl.get()) == 1;
  if (!by_key && own) certified = certified_peer(ssl.get());
  // With a key that wasn't asked for, or a certificate where there is a key, say.
  const bool proven = certified || (by_key && !(dialling && own));
  if (!proven) {
    failure = {TlsFault::wrong_key, "the other end didn't prove that it has the key"};
    return;
  }
  is_open = true;
}

void Tls::Impl::read(const std::function<void(std::string_view)>& take) {
  const TlsLibrary& lib = tls_library();
  thread_local std::array<char, kPlainBytes> plain;
  for (;;) {
    lib.ERR_clear_error();
    const int n = lib.SSL_read(ssl.get(), plain.data(), static_cast<int>(plain.size()));
    if (n <= 0) return fail(n);
    heard = true;
    take({plain.data(), static_cast<std::size_t>(n)});
  }
}

namespace {
// Whether the other end said so.
bool is_alert(unsigned long code) { return ERR_GET_REASON(code) >= SSL_AD_REASON_OFFSET; }
}  // namespace

// After a call of libssl that didn't succeed: nothing, if it only wants more bytes.
void Tls::Impl::fail(int result) {
  const TlsLibrary& lib = tls_library();
  const int error = lib.SSL_get_error(ssl.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_ZERO_RETURN) return;
  const unsigned long code = lib.ERR_get_error();
  const char* const reason = code == 0 ? nullptr : lib.ERR_reason_error_string(code);
  const std::string why = reason == nullptr ? "libssl gives no reason" : in_our_words(reason);
  // A listener judges a dialler's certificate when the dialler's part of the handshake is done.
  const bool judged = is_open && dialling && certified && !heard && is_alert(code);
  if (is_open && !judged) {
    failure = {TlsFault::broken, "the encrypted bytes are damaged (" + why + ")"};
  } else {
    failure = dialling ? why_dialling(code, why) : why_listening(code, why);
  }
}

TlsProblem Tls::Impl::why_dialling(unsigned long code, const std::string& why) const {
  const long judgement = tls_library().SSL_get_verify_result(ssl.get());
  if (own && judgement != X509_V_OK) {
    return {TlsFault::wrong_key,
            "its certificate " + what_is_wrong(judgement) + "; " + what_to_do(judgement)};
  }
  if (!is_alert(code)) {
    return {TlsFault::broken, "what answers there doesn't speak TLS (" + why + ")"};
  }
  if (own && is_open) {
    return {TlsFault::wrong_key, "it doesn't take the certificate '" + own->file +
                                     "' of this end (" + why +
                                     "); look at what that host says of it"};
  }
  if (own) {
    return {TlsFault::wrong_key, "it takes no certificates (" + why +
                                     "); start it with --authority, or ask its owner for a key"};
  }
  return {TlsFault::wrong_key,
          key.id.role == KeyRole::own
              ? "it doesn't take this user's own key (the host is another user's); ask its "
                "owner for a key (oche invite), and give --key-file FILE"
              : "it doesn't take the key '" + identity_text(key.id) +
                    "' (it gave out none of that name, or another secret); ask its owner for "
                    "a new one"};
}

TlsProblem Tls::Impl::why_listening(unsigned long code, const std::string& why) const {
  const long judgement = tls_library().SSL_get_verify_result(ssl.get());
  if (own && judgement != X509_V_OK) {
    return {TlsFault::wrong_key, "its certificate " + what_is_wrong(judgement)};
  }
  if (own && is_alert(code)) {
    return {TlsFault::wrong_key, "it doesn't take this host's certificate (" + why + ")"};
  }
  return {TlsFault::wrong_key,
          own ? "it has no key of this host, and no certificate that is good (" + why + ")"
              : "it has no key of this host (" + why + ")"};
}

void Tls::send(std::string_view plain) {
  OCHE_ASSERT(open());
  const TlsLibrary& lib = tls_library();
  constexpr std::size_t kMoreInRecord = 32;  // a header, the type, a tag
  impl_->output.reserve(impl_->output.size() + plain.size() +
                        (plain.size() / kPlainBytes + 1) * kMoreInRecord);
  while (!plain.empty() && !impl_->failure) {
    lib.ERR_clear_error();
    const int n = lib.SSL_write(impl_->ssl.get(), plain.data(),
                                static_cast<int>(std::min(plain.size(), kPlainBytes)));
    if (n <= 0) {
      impl_->failure = {TlsFault::broken, "there is no memory to encrypt"};
      return;
    }
    plain.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Tls::close() {
  if (open()) tls_library().SSL_shutdown(impl_->ssl.get());
}

// RFC 8446, section 5.1: type 22 (handshake), version 3.x, and the record's length.
Opening judge_opening(std::string_view bytes) {
  constexpr std::size_t kHeader = 5;
  const std::string_view type = "\x16\x03";
  if (bytes.substr(0, type.size()) != type.substr(0, bytes.size())) return Opening::other;
  if (bytes.size() < kHeader) return Opening::more;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const std::size_t whole = kHeader + ((std::size_t{byte(3)} << 8) | byte(4));
  if (whole > kMaxOpeningBytes) return Opening::other;
  return bytes.size() < whole ? Opening::more : Opening::hello;
}

}  // namespace oche::wire
