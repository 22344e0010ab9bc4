// OpenSSL's libssl, loaded when the first session with keys begins: most runs of oche have none,
// and linking it would cost each of them some milliseconds at its start.
//
// One table of the functions that tls.cc calls, by their own names. The one place that opens the
// library (docs/decisions/0012-keys.md).
#ifndef OCHE_WIRE_TLS_LIBRARY_H_
#define OCHE_WIRE_TLS_LIBRARY_H_

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace oche::wire {

// clang-format off
#define OCHE_TLS_FUNCTIONS(F)                                                                    \
  F(BIO_clear_flags) F(BIO_free) F(BIO_get_data) F(BIO_meth_free) F(BIO_meth_new)                \
  F(BIO_meth_set_ctrl) F(BIO_meth_set_read) F(BIO_meth_set_write) F(BIO_new) F(BIO_set_data)     \
  F(BIO_set_flags) F(BIO_set_init)                                                               \
  F(ERR_clear_error) F(ERR_get_error) F(ERR_reason_error_string)                                 \
  F(SSL_CIPHER_find) F(SSL_CTX_ctrl) F(SSL_CTX_free) F(SSL_CTX_new) F(SSL_CTX_set_ciphersuites)  \
  F(SSL_CTX_set_num_tickets) F(SSL_CTX_set_options) F(SSL_CTX_set_psk_find_session_callback)     \
  F(SSL_CTX_set_psk_use_session_callback) F(SSL_CTX_set_verify) F(SSL_SESSION_free)              \
  F(SSL_SESSION_new) F(SSL_SESSION_set1_master_key) F(SSL_SESSION_set_cipher)                    \
  F(SSL_SESSION_set_protocol_version) F(SSL_ctrl) F(SSL_do_handshake) F(SSL_free)                \
  F(SSL_get_error) F(SSL_get_ex_data) F(SSL_is_init_finished) F(SSL_new) F(SSL_read)             \
  F(SSL_session_reused) F(SSL_set_accept_state) F(SSL_set_bio) F(SSL_set_connect_state)          \
  F(SSL_set_ex_data) F(SSL_shutdown) F(SSL_write) F(TLS_client_method) F(TLS_server_method)
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
