// What tls.cc needs of a certificate and its peer's: libssl's side of certificate.h.
#ifndef OCHE_WIRE_CERTIFICATE_CONTEXT_H_
#define OCHE_WIRE_CERTIFICATE_CONTEXT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wire/certificate.h"
#include "wire/tls_library.h"

namespace oche::wire {

// By a function of the library.
template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* object) const {
    (tls_library().*Free)(object);
  }
};
using CertificatePointer = std::unique_ptr<X509, Freeing<&TlsLibrary::X509_free>>;
using ContextPointer = std::unique_ptr<SSL_CTX, Freeing<&TlsLibrary::SSL_CTX_free>>;

// Of keys and signatures: 112 bits, so RSA of 2048 bits and no SHA-1.
inline constexpr int kSecurityLevel = 2;

// Contexts for TLS 1.3 as all our sessions have it (tls.cc): one that offers nothing yet, and one
// that asks for keys. Throw Error (file).
ContextPointer new_dialling_context();
ContextPointer new_listening_context();

struct Certificate::Context {
  ContextPointer ssl;
  CertificateUse use = CertificateUse::dial;
  CertificateId id;
  WallTime good_until;
  std::string file;  // for messages
  std::vector<CertificatePointer> authorities;
};

// ---- Certificates (certificate_check.cc) ----

// What stands in one.
struct Content {
  std::string name;  // empty: none, or none that may be
  std::vector<Service> services;
  bool host = false;
  bool has_place = false;  // a DNS name or an address
};

Content content_of(X509* certificate);
// Whether its extended key usage is there and names this one: libssl takes a certificate without
// any for every use.
bool is_for(X509* certificate, CertificateUse use);

// What libssl asks about a chain whose first has that use.
using JudgeChain = int (*)(int good, X509_STORE_CTX* judgement);
JudgeChain judge_of(CertificateUse use);
// As a handshake does, for a certificate of that use. Returns X509_V_OK or what is wrong; sets
// `end` to when the first of its chain expires.
int verify(SSL_CTX* context, X509* certificate, OPENSSL_STACK* between, CertificateUse use,
           WallTime& end);

// Makes the peer's certificate have to name this host, in digits or by name. False if it can't.
bool expect_host(SSL* ssl, std::string host);

// Of a handshake that is done, and in which the peer proved to have a certificate.
struct CertifiedPeer {
  CertificateId id;
  WallTime good_until;
};
// Nothing if there is no certificate, or libssl didn't find it good.
std::optional<CertifiedPeer> certified_peer(SSL* ssl);

// Judges the dialler's certificate of that session by this context, at this time: X509_V_OK, or
// what is wrong.
int judge_now(const Certificate::Context& context, SSL* ssl);

// Of a certificate that isn't good, by X509_V_ERR_…: "has expired", "isn't of the authority".
std::string what_is_wrong(long verify_result);
// What the owner of such a host or dialler can do about it.
const char* what_to_do(long verify_result);

}  // namespace oche::wire

#endif  // OCHE_WIRE_CERTIFICATE_CONTEXT_H_
