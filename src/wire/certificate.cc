#include "wire/certificate.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "oche/error.h"
#include "wire/certificate_context.h"

namespace oche::wire {
namespace {

using KeyPointer = std::unique_ptr<EVP_PKEY, Freeing<&TlsLibrary::EVP_PKEY_free>>;
using ListPointer = std::unique_ptr<X509_CRL, Freeing<&TlsLibrary::X509_CRL_free>>;
using BytesPointer = std::unique_ptr<BIO, Freeing<&TlsLibrary::BIO_free>>;
struct FreeStack {
  void operator()(OPENSSL_STACK* stack) const { tls_library().OPENSSL_sk_free(stack); }
};
using StackPointer = std::unique_ptr<OPENSSL_STACK, FreeStack>;

// ---- Reading the files ----

[[noreturn]] void fail(const std::string& what, const std::string& path, const std::string& why,
                       const std::string& advice) {
  throw Error(ErrorKind::file,
              what + " '" + printable(path, kMaxTextBytes) + "' " + why + "; " + advice);
}

constexpr char kAuthority[] = "the authority's file";
constexpr char kCertificate[] = "the certificate";
constexpr char kPrivateKey[] = "the private key";
constexpr char kRevoked[] = "the revocation list";

BytesPointer bytes_of(const std::string& text) {
  BytesPointer bytes(tls_library().BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bytes) throw std::bad_alloc();
  return bytes;
}

// Nobody is asked for a passphrase: there may be no terminal, and it would be asked for at each
// change of the file.
extern "C" int no_passphrase(char*, int, int, void* wanted) {
  *static_cast<bool*>(wanted) = true;
  return -1;
}

// Whether the last PEM_read_…() only met the end of the text.
bool met_the_end() {
  const unsigned long code = tls_library().ERR_get_error();
  tls_library().ERR_clear_error();
  return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

std::vector<CertificatePointer> read_certificates(const char* what, const std::string& path) {
  const TlsLibrary& lib = tls_library();
  const std::string text = read_owned(what, path, OthersMay::read);
  const BytesPointer bytes = bytes_of(text);
  std::vector<CertificatePointer> found;
  bool wanted = false;
  lib.ERR_clear_error();
  while (X509* const one = lib.PEM_read_bio_X509(bytes.get(), nullptr, no_passphrase, &wanted)) {
    found.emplace_back(one);
  }
  if (!met_the_end() || found.empty()) {
    fail(what, path, "can't be used (it isn't one or more certificates in PEM)",
         "give a file with -----BEGIN CERTIFICATE----- in it");
  }
  return found;
}

KeyPointer read_private_key(const std::string& path) {
  const TlsLibrary& lib = tls_library();
  std::string text = read_owned(kPrivateKey, path, OthersMay::nothing);
  bool wanted = false;
  KeyPointer key;
  {
    const BytesPointer bytes = bytes_of(text);
    lib.ERR_clear_error();
    key.reset(lib.PEM_read_bio_PrivateKey(bytes.get(), nullptr, no_passphrase, &wanted));
    lib.ERR_clear_error();
  }
  lib.OPENSSL_cleanse(text.data(), text.size());
  if (wanted) {
    fail(kPrivateKey, path, "can't be used (it has a passphrase, which nobody could type)",
         "write it without one: openssl pkey -in FILE -out NEW, then chmod 600 NEW");
  }
  if (!key) {
    fail(kPrivateKey, path, "can't be used (it isn't a private key in PEM)",
         "give the file that was made with the certificate");
  }
  return key;
}

std::vector<CertificatePointer> read_authorities(const CertificateFiles& files) {
  const TlsLibrary& lib = tls_library();
  std::vector<CertificatePointer> authorities = read_certificates(kAuthority, files.authority);
  for (const CertificatePointer& one : authorities) {
    // 1: by its basic constraints; others are guesses about old certificates.
    if (lib.X509_check_ca(one.get()) != 1) {
      fail(kAuthority, files.authority,
           "can't be used (a certificate in it isn't an authority's: it has no CA:TRUE)",
           "give the certificate that signs the others");
    }
  }
  return authorities;
}

std::vector<ListPointer> read_lists(const CertificateFiles& files) {
  std::vector<ListPointer> lists;
  if (files.revoked.empty()) return lists;
  const TlsLibrary& lib = tls_library();
  const std::string text = read_owned(kRevoked, files.revoked, OthersMay::read);
  const BytesPointer bytes = bytes_of(text);
  lib.ERR_clear_error();
  while (X509_CRL* const one = lib.PEM_read_bio_X509_CRL(bytes.get(), nullptr, nullptr, nullptr)) {
    lists.emplace_back(one);
  }
  if (!met_the_end() || lists.empty()) {
    fail(kRevoked, files.revoked, "can't be used (it isn't one or more revocation lists in PEM)",
         "give a file with -----BEGIN X509 CRL----- in it (openssl crl -inform DER turns one into "
         "PEM)");
  }
  return lists;
}

// Sets up whose certificates are taken, in place of who was before.
void trust(SSL_CTX* context, const std::vector<CertificatePointer>& authorities,
           const std::vector<ListPointer>& lists) {
  const TlsLibrary& lib = tls_library();
  X509_STORE* const store = lib.X509_STORE_new();
  if (store == nullptr) throw std::bad_alloc();
  lib.SSL_CTX_set_cert_store(context, store);  // which owns it
  for (const CertificatePointer& one : authorities) {
    if (lib.X509_STORE_add_cert(store, one.get()) != 1) throw std::bad_alloc();
  }
  // An authority below another may be the only one that is trusted.
  lib.X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  for (const ListPointer& one : lists) {
    if (lib.X509_STORE_add_crl(store, one.get()) != 1) throw std::bad_alloc();
  }
  if (lists.empty()) return;
  lib.X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

// What the own certificate has to have in it.
void check_content(X509* certificate, const std::string& path, CertificateUse use) {
  const Content content = content_of(certificate);
  const bool dialler = use == CertificateUse::dial;
  if (!is_for(certificate, use)) {
    fail(kCertificate, path,
         std::string("isn't good for this (its extended key usage isn't ") +
             (dialler ? "clientAuth, that of who dials)" : "serverAuth, that of a host)"),
         "ask its authority for one that has it");
  }
  if (dialler && content.name.empty()) {
    fail(kCertificate, path,
         "isn't good for this (its subject has no CN that can be a name: one of 1 to " +
             std::to_string(kMaxCertificateNameBytes) + " letters, digits, '-', '_', '.' and '@')",
         "ask its authority for one that has it");
  }
  if (!dialler && !content.host) {
    fail(kCertificate, path, "isn't good for this (it has no URI oche:host, so it isn't a host's)",
         "ask its authority for one that has it");
  }
  if (!dialler && !content.has_place) {
    fail(kCertificate, path,
         "isn't good for this (it names no host: neither DNS nor IP in its subjectAltName)",
         "ask its authority for one with what others dial");
  }
}

// Sets up the own certificate, and checks that others will take it.
void show_certificate(Certificate::Context& context, const CertificateFiles& files) {
  const TlsLibrary& lib = tls_library();
  const std::string& path = files.certificate;
  const std::vector<CertificatePointer> all = read_certificates(kCertificate, path);
  std::size_t size = 0;
  for (const CertificatePointer& one : all) {
    size += static_cast<std::size_t>(std::max(lib.i2d_X509(one.get(), nullptr), 0));
  }
  if (size > kMaxChainBytes) {
    fail(kCertificate, path,
         "can't be used (with those behind it, it has " + std::to_string(size) + " bytes; " +
             std::to_string(kMaxChainBytes) + " is the limit)",
         "leave out those that aren't between it and the authority");
  }
  X509* const own = all.front().get();
  check_content(own, path, context.use);
  const KeyPointer key = read_private_key(files.private_key);
  SSL_CTX* const ssl = context.ssl.get();
  if (lib.X509_check_private_key(own, key.get()) != 1) {
    fail(kPrivateKey, files.private_key,
         "isn't that of the certificate '" + printable(path, kMaxTextBytes) + "'",
         "give the two that were made together");
  }
  lib.ERR_clear_error();
  bool taken =
      lib.SSL_CTX_use_certificate(ssl, own) == 1 && lib.SSL_CTX_use_PrivateKey(ssl, key.get()) == 1;
  const StackPointer between(lib.OPENSSL_sk_new_null());
  for (std::size_t i = 1; i < all.size(); ++i) {
    X509* const one = all[i].get();
    taken = taken && lib.SSL_CTX_ctrl(ssl, SSL_CTRL_CHAIN_CERT, 1, one) == 1 &&
            lib.OPENSSL_sk_push(between.get(), one) > 0;
  }
  lib.ERR_clear_error();
  if (!taken) {
    fail(kCertificate, path,
         "can't be used (its key, or its signature, is of a weak or unknown kind)",
         "ask its authority for one of today's");
  }
  const int wrong = verify(ssl, own, between.get(), context.use, context.good_until);
  if (wrong != X509_V_OK) {
    fail(kCertificate, path, "isn't good now (it " + what_is_wrong(wrong) + ")", what_to_do(wrong));
  }
  const Content content = content_of(own);
  context.id = {content.name, content.services};
  context.file = printable(path, kMaxTextBytes);
}

std::shared_ptr<const Certificate::Context> read_all(const CertificateFiles& files,
                                                     CertificateUse use) {
  const TlsLibrary& lib = tls_library();
  auto context = std::make_shared<Certificate::Context>();
  const bool dialler = use == CertificateUse::dial;
  context->use = use;
  context->ssl = dialler ? new_dialling_context() : new_listening_context();
  SSL_CTX* const ssl = context->ssl.get();
  lib.SSL_CTX_set_security_level(ssl, kSecurityLevel);
  lib.SSL_CTX_set_verify_depth(ssl, kMaxIntermediates);
  // With what stands around them in the message.
  constexpr std::size_t kAround = 8 * (kMaxIntermediates + 3);
  lib.SSL_CTX_ctrl(ssl, SSL_CTRL_SET_MAX_CERT_LIST, static_cast<long>(kMaxChainBytes + kAround),
                   nullptr);
  // Only what stands in the certificate's file is sent: nothing is looked for at each handshake.
  lib.SSL_CTX_ctrl(ssl, SSL_CTRL_MODE, SSL_MODE_NO_AUTO_CHAIN, nullptr);
  lib.SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                         judge_of(dialler ? CertificateUse::listen : CertificateUse::dial));
  context->authorities = read_authorities(files);
  trust(ssl, context->authorities, read_lists(files));
  show_certificate(*context, files);
  return context;
}

}  // namespace

// ---- Certificate ----

Certificate::Certificate(CertificateFiles files, CertificateUse use)
    : files_(std::move(files)),
      use_(use),
      stamps_(look()),
      lists_(stamps_.revoked),
      context_(read_all(files_, use_)) {}

Certificate::~Certificate() = default;

const CertificateId& Certificate::id() const { return context_->id; }
WallTime Certificate::good_until() const { return context_->good_until; }

Certificate::Stamps Certificate::look() const {
  return {stamp_of(files_.authority), stamp_of(files_.certificate), stamp_of(files_.private_key),
          files_.revoked.empty() ? FileStamp{} : stamp_of(files_.revoked)};
}

bool Certificate::refresh(std::string& trouble) {
  const Stamps now = look();
  if (now == stamps_) return false;
  try {
    context_ = read_all(files_, use_);
    stamps_ = now;
    lists_ = now.revoked;
    trouble_.clear();
    return true;
  } catch (const Error& error) {
    // Time may mend it (descriptors, a clock), so it is tried again.
    const bool other_lists = now.revoked != lists_ && take_lists();
    if (other_lists) lists_ = now.revoked;
    if (trouble_ != error.what() || other_lists) {
      trouble_ = error.what();
      trouble = trouble_ + (other_lists ? " (only the list of those that are revoked is new)"
                                        : " (the certificates stay as they were)");
    }
    return other_lists;
  }
}

bool Certificate::take_lists() {
  if (files_.revoked.empty()) return false;
  std::vector<ListPointer> lists;
  try {
    lists = read_lists(files_);
  } catch (const Error&) {
    return false;
  }
  const TlsLibrary& lib = tls_library();
  const auto& before = *context_;
  auto next = std::make_shared<Context>();
  lib.SSL_CTX_up_ref(before.ssl.get());
  next->ssl.reset(before.ssl.get());
  next->use = before.use;
  next->id = before.id;
  next->good_until = before.good_until;
  next->file = before.file;
  for (const CertificatePointer& one : before.authorities) {
    lib.X509_up_ref(one.get());
    next->authorities.emplace_back(one.get());
  }
  trust(next->ssl.get(), next->authorities, lists);
  context_ = std::move(next);
  return true;
}

}  // namespace oche::wire
