// What a certificate must have in it, and whether it is good: the rules of certificate.h.
#include <algorithm>
#include <ctime>
#include <new>
#include <string_view>
#include <utility>

#include "wire/certificate_context.h"

namespace oche::wire {
namespace {

constexpr std::string_view kUriScheme = "oche:";
constexpr std::string_view kHostUri = "oche:host";

using NamesPointer = std::unique_ptr<GENERAL_NAMES, Freeing<&TlsLibrary::GENERAL_NAMES_free>>;
using JudgementPointer = std::unique_ptr<X509_STORE_CTX, Freeing<&TlsLibrary::X509_STORE_CTX_free>>;

// ---- What stands in a certificate ----

std::string_view text_of(const ASN1_STRING* string) {
  const TlsLibrary& lib = tls_library();
  return {reinterpret_cast<const char*>(lib.ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(lib.ASN1_STRING_length(string))};
}

bool may_be_name(std::string_view name) {
  constexpr std::string_view kMarks = "-_.@";
  return !name.empty() && name.size() <= kMaxCertificateNameBytes && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  kMarks.find(c) != std::string_view::npos;
         });
}

// Its one CN; empty if there is none, there are two, or it can't be a name here.
std::string name_of(X509* certificate) {
  const TlsLibrary& lib = tls_library();
  const X509_NAME* const subject = lib.X509_get_subject_name(certificate);
  const int at = lib.X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0 || lib.X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return {};
  const std::string_view text =
      text_of(lib.X509_NAME_ENTRY_get_data(lib.X509_NAME_get_entry(subject, at)));
  return may_be_name(text) ? std::string(text) : std::string();
}

}  // namespace

Content content_of(X509* certificate) {
  const TlsLibrary& lib = tls_library();
  Content content;
  content.name = name_of(certificate);
  const NamesPointer names(static_cast<GENERAL_NAMES*>(
      lib.X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!names) return content;
  const auto* const stack = reinterpret_cast<const OPENSSL_STACK*>(names.get());
  for (int i = 0; i < lib.OPENSSL_sk_num(stack); ++i) {
    const auto* const name = static_cast<const GENERAL_NAME*>(lib.OPENSSL_sk_value(stack, i));
    if (name->type == GEN_DNS || name->type == GEN_IPADD) content.has_place = true;
    if (name->type != GEN_URI) continue;
    const std::string_view uri = text_of(name->d.uniformResourceIdentifier);
    if (uri == kHostUri) content.host = true;
    for (const Service service : {Service::work, Service::estimate, Service::talk, Service::send}) {
      if (uri == std::string(kUriScheme) + std::string(to_string(service)) &&
          !permits({{}, content.services}, service)) {
        content.services.push_back(service);
      }
    }
  }
  return content;
}

bool is_for(X509* certificate, CertificateUse use) {
  const TlsLibrary& lib = tls_library();
  if ((lib.X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) == 0) return false;
  const std::uint32_t wanted = use == CertificateUse::dial ? XKU_SSL_CLIENT : XKU_SSL_SERVER;
  return (lib.X509_get_extended_key_usage(certificate) & wanted) != 0;
}

namespace {

// Why it can't be that of a peer of this use, as X509_V_ERR_…; X509_V_OK if it can.
int judge_content(X509* certificate, CertificateUse use) {
  if (!is_for(certificate, use)) return X509_V_ERR_INVALID_PURPOSE;
  const Content content = content_of(certificate);
  // A service that it isn't for is refused in the handshake, with words.
  const bool good = use == CertificateUse::listen ? content.host : !content.name.empty();
  return good ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION;
}

WallTime end_of(X509* certificate) {
  const TlsLibrary& lib = tls_library();
  std::tm end{};
  if (lib.ASN1_TIME_to_tm(lib.X509_get0_notAfter(certificate), &end) != 1) return {};
  return WallTime(std::chrono::seconds(timegm(&end)));
}

// When the first of a chain expires.
WallTime end_of(const OPENSSL_STACK* chain) {
  const TlsLibrary& lib = tls_library();
  WallTime end = WallTime::max();
  for (int i = 0; i < lib.OPENSSL_sk_num(chain); ++i) {
    end = std::min(end, end_of(static_cast<X509*>(lib.OPENSSL_sk_value(chain, i))));
  }
  return end;
}

// ---- Judging a chain ----

// libssl calls it for each certificate of a chain, from the authority's to the peer's, with what it
// has found.
int judge(int good, X509_STORE_CTX* judgement, CertificateUse use) {
  const TlsLibrary& lib = tls_library();
  const int depth = lib.X509_STORE_CTX_get_error_depth(judgement);
  if (good == 0) {
    // Who is trusted because the file names it needs no list that it isn't revoked; it is taken out
    // of the file.
    const auto* const chain =
        reinterpret_cast<const OPENSSL_STACK*>(lib.X509_STORE_CTX_get0_chain(judgement));
    const bool is_anchor = depth > 0 && depth == lib.OPENSSL_sk_num(chain) - 1;
    if (!is_anchor || lib.X509_STORE_CTX_get_error(judgement) != X509_V_ERR_UNABLE_TO_GET_CRL) {
      return 0;
    }
    lib.X509_STORE_CTX_set_error(judgement, X509_V_OK);
    return 1;
  }
  if (depth > 0) return 1;
  int wrong = X509_V_ERR_OUT_OF_MEM;
  try {
    wrong = judge_content(lib.X509_STORE_CTX_get_current_cert(judgement), use);
  } catch (const std::bad_alloc&) {
    wrong = X509_V_ERR_OUT_OF_MEM;
  }
  if (wrong == X509_V_OK) return 1;
  lib.X509_STORE_CTX_set_error(judgement, wrong);
  return 0;
}
extern "C" int judge_dialler(int good, X509_STORE_CTX* judgement) {
  return judge(good, judgement, CertificateUse::dial);
}
extern "C" int judge_host(int good, X509_STORE_CTX* judgement) {
  return judge(good, judgement, CertificateUse::listen);
}

}  // namespace

JudgeChain judge_of(CertificateUse use) {
  return use == CertificateUse::dial ? judge_dialler : judge_host;
}

int verify(SSL_CTX* context, X509* certificate, OPENSSL_STACK* between, CertificateUse use,
           WallTime& end) {
  const TlsLibrary& lib = tls_library();
  const JudgementPointer judgement(lib.X509_STORE_CTX_new());
  if (!judgement ||
      lib.X509_STORE_CTX_init(judgement.get(), lib.SSL_CTX_get_cert_store(context), certificate,
                              reinterpret_cast<STACK_OF(X509)*>(between)) != 1) {
    return X509_V_ERR_OUT_OF_MEM;
  }
  const bool dialler = use == CertificateUse::dial;
  lib.X509_STORE_CTX_set_default(judgement.get(), dialler ? "ssl_client" : "ssl_server");
  X509_VERIFY_PARAM* const rules = lib.X509_STORE_CTX_get0_param(judgement.get());
  lib.X509_VERIFY_PARAM_set_depth(rules, kMaxIntermediates);
  lib.X509_VERIFY_PARAM_set_auth_level(rules, kSecurityLevel);
  lib.X509_STORE_CTX_set_verify_cb(judgement.get(), judge_of(use));
  if (lib.X509_verify_cert(judgement.get()) != 1) {
    const int wrong = lib.X509_STORE_CTX_get_error(judgement.get());
    return wrong == X509_V_OK ? X509_V_ERR_UNSPECIFIED : wrong;
  }
  end = end_of(
      reinterpret_cast<const OPENSSL_STACK*>(lib.X509_STORE_CTX_get0_chain(judgement.get())));
  return X509_V_OK;
}

// ---- Sessions ----

bool expect_host(SSL* ssl, std::string host) {
  const TlsLibrary& lib = tls_library();
  X509_VERIFY_PARAM* const rules = lib.SSL_get0_param(ssl);
  lib.X509_VERIFY_PARAM_set_hostflags(
      rules, X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  // An address is never a name, and no certificate names a zone of this computer ("%eth0").
  const std::string address = host.substr(0, host.find('%'));
  if (lib.X509_VERIFY_PARAM_set1_ip_asc(rules, address.c_str()) == 1) return true;
  lib.ERR_clear_error();
  if (host.ends_with('.')) host.pop_back();
  return !host.empty() && lib.X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size()) == 1;
}

std::optional<CertifiedPeer> certified_peer(SSL* ssl) {
  const TlsLibrary& lib = tls_library();
  X509* const certificate = lib.SSL_get0_peer_certificate(ssl);
  const auto* const chain =
      reinterpret_cast<const OPENSSL_STACK*>(lib.SSL_get0_verified_chain(ssl));
  if (certificate == nullptr || chain == nullptr || lib.OPENSSL_sk_num(chain) < 1 ||
      lib.SSL_get_verify_result(ssl) != X509_V_OK) {
    return std::nullopt;
  }
  Content content = content_of(certificate);
  return CertifiedPeer{{std::move(content.name), std::move(content.services)}, end_of(chain)};
}

int judge_now(const Certificate::Context& context, SSL* ssl) {
  const TlsLibrary& lib = tls_library();
  X509* const certificate = lib.SSL_get0_peer_certificate(ssl);
  auto* const chain = reinterpret_cast<OPENSSL_STACK*>(lib.SSL_get0_verified_chain(ssl));
  WallTime end;
  if (certificate == nullptr || chain == nullptr) return X509_V_ERR_UNSPECIFIED;
  return verify(context.ssl.get(), certificate, chain, CertificateUse::dial, end);
}

const char* what_to_do(long verify_result) {
  switch (verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_REVOKED:
      return "renew it";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "set the clock, or wait";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "dial a name or an address that is in it";
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
      return "put a list that is in force in the place of --revoked";
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_APPLICATION_VERIFICATION:
      return "ask its authority for one that has it";
    default:
      return "compare it with the file of --authority";
  }
}

std::string what_is_wrong(long verify_result) {
  switch (verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "has expired, or its authority has, by this computer's clock";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "isn't valid yet, by this computer's clock";
    case X509_V_ERR_CERT_REVOKED:
      return "was revoked";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "isn't of the authority in --authority";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "doesn't name the host that was dialled";
    case X509_V_ERR_INVALID_PURPOSE:
      return "is for another use: its extended key usage isn't serverAuth for a host, or "
             "clientAuth "
             "for who dials";
    case X509_V_ERR_APPLICATION_VERIFICATION:
      return "has no URI oche:host as a host's has, or no CN that can be the name of who dials";
    case X509_V_ERR_UNABLE_TO_GET_CRL:
      return "can't be looked up: --revoked has no list of its authority";
    case X509_V_ERR_CRL_HAS_EXPIRED:
      return "can't be looked up: the list of its authority in --revoked has expired";
    default:
      break;
  }
  const char* const text = tls_library().X509_verify_cert_error_string(verify_result);
  return "isn't good: " + std::string(text == nullptr ? "libssl gives no reason" : text);
}

}  // namespace oche::wire
