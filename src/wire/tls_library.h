// OpenSSL's libssl, loaded when the first session with keys begins: most runs of oche have none,
// and linking it would cost each of them some milliseconds at its start.
//
// One table of the functions that this folder calls, by their own names. The one place that opens
// the library (docs/decisions/0012-keys.md).
#ifndef OCHE_WIRE_TLS_LIBRARY_H_
#define OCHE_WIRE_TLS_LIBRARY_H_

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace oche::wire {

// clang-format off
#define OCHE_TLS_FUNCTIONS(F)                                                                    \
  F(ASN1_STRING_get0_data) F(ASN1_STRING_length) F(ASN1_TIME_to_tm) F(BIO_clear_flags)           \
  F(BIO_free) F(BIO_get_data) F(BIO_meth_free) F(BIO_meth_new) F(BIO_meth_set_ctrl)              \
  F(BIO_meth_set_read) F(BIO_meth_set_write) F(BIO_new) F(BIO_new_mem_buf) F(BIO_set_data)       \
  F(BIO_set_flags) F(BIO_set_init) F(ERR_clear_error) F(ERR_get_error)                           \
  F(ERR_reason_error_string) F(EVP_PKEY_free) F(GENERAL_NAMES_free) F(OPENSSL_cleanse)           \
  F(OPENSSL_sk_free) F(OPENSSL_sk_new_null) F(OPENSSL_sk_num) F(OPENSSL_sk_push)                 \
  F(OPENSSL_sk_value) F(PEM_read_bio_PrivateKey) F(PEM_read_bio_X509) F(PEM_read_bio_X509_CRL)   \
  F(SSL_CIPHER_find) F(SSL_CTX_ctrl) F(SSL_CTX_free) F(SSL_CTX_get_cert_store) F(SSL_CTX_new)    \
  F(SSL_CTX_set_ciphersuites) F(SSL_CTX_set_num_tickets) F(SSL_CTX_set_options)                  \
  F(SSL_CTX_set_psk_find_session_callback) F(SSL_CTX_set_psk_use_session_callback)               \
  F(SSL_CTX_set_security_level) F(SSL_CTX_set_session_id_context) F(SSL_CTX_set_verify)          \
  F(SSL_CTX_set_verify_depth) F(SSL_CTX_use_PrivateKey) F(SSL_CTX_use_certificate)               \
  F(SSL_SESSION_free) F(SSL_SESSION_new) F(SSL_SESSION_set1_master_key)                          \
  F(SSL_SESSION_set_cipher) F(SSL_SESSION_set_protocol_version) F(SSL_ctrl) F(SSL_do_handshake)  \
  F(SSL_free) F(SSL_get0_param) F(SSL_get0_peer_certificate) F(SSL_get0_verified_chain)          \
  F(SSL_get_error) F(SSL_get_ex_data) F(SSL_get_verify_result) F(SSL_is_init_finished)           \
  F(SSL_new) F(SSL_read) F(SSL_session_reused) F(SSL_set_accept_state) F(SSL_set_bio)            \
  F(SSL_set_connect_state) F(SSL_set_ex_data) F(SSL_shutdown) F(SSL_write) F(TLS_client_method)  \
  F(TLS_server_method) F(X509_CRL_free) F(X509_NAME_ENTRY_get_data) F(X509_NAME_get_entry)       \
  F(X509_NAME_get_index_by_NID) F(X509_STORE_CTX_free) F(X509_STORE_CTX_get0_chain)              \
  F(X509_STORE_CTX_get0_param) F(X509_STORE_CTX_get_current_cert) F(X509_STORE_CTX_get_error)    \
  F(X509_STORE_CTX_get_error_depth) F(X509_STORE_CTX_init) F(X509_STORE_CTX_new)                 \
  F(X509_STORE_CTX_set_default) F(X509_STORE_CTX_set_error) F(X509_STORE_CTX_set_verify_cb)      \
  F(X509_STORE_new) F(X509_up_ref) F(SSL_CTX_up_ref) F(SSL_CTX_set_cert_store) F(X509_STORE_add_cert) F(X509_STORE_add_crl) F(X509_STORE_set_flags)                           \
  F(X509_VERIFY_PARAM_set1_host) F(X509_VERIFY_PARAM_set1_ip_asc)                                \
  F(X509_VERIFY_PARAM_set_auth_level) F(X509_VERIFY_PARAM_set_depth)                             \
  F(X509_VERIFY_PARAM_set_hostflags) F(X509_check_ca) F(X509_check_private_key) F(X509_free)     \
  F(X509_get0_notAfter) F(X509_get_ext_d2i) F(X509_get_extended_key_usage)                       \
  F(X509_get_extension_flags) F(X509_get_subject_name) F(X509_verify_cert)                       \
  F(X509_verify_cert_error_string) F(i2d_X509)
// clang-format on

struct TlsLibrary {
#define OCHE_TLS_MEMBER(name) decltype(&::name) name = nullptr;
  OCHE_TLS_FUNCTIONS(OCHE_TLS_MEMBER)
#undef OCHE_TLS_MEMBER
};

// Loads it the first time. Throws Error (file) if it isn't there. Thread-safe.
const TlsLibrary& tls_library();

}  // namespace oche::wire

#endif  // OCHE_WIRE_TLS_LIBRARY_H_
