#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/pem.h>
#include <openssl/err.h>
#include <openssl/crypto.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

/* EVP_EC_gen is a macro over a variadic function, which Swift cannot call. */
static inline EVP_PKEY *postino_generate_p256(void) { return EVP_EC_gen("P-256"); }

/* The same, and a variadic function. */
static inline EVP_PKEY *postino_generate_rsa(size_t bits) { return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits); }
static inline EVP_PKEY *postino_generate_ed25519(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

/* A macro of several casts, which Swift does not import. */
static const unsigned long postino_rfc2253_flags = XN_FLAG_RFC2253;
