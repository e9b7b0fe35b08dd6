#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/pem.h>
#include <openssl/err.h>
#include <openssl/crypto.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

/* EVP_EC_gen is a macro over a variadic function, which Swift cannot call. */
static inline EVP_PKEY *postino_generate_p256(void) { return EVP_EC_gen("P-256"); }

/* The same, and a variadic function. */
static inline EVP_PKEY *postino_generate_rsa(size_t bits) { return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits); }
static inline EVP_PKEY *postino_generate_ed25519(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

/* Lists of a type of their own are macros. A list that holds certificates holds them for itself. */
static inline void postino_push_certificate(OPENSSL_STACK *list, X509 *certificate) {
    if (X509_up_ref(certificate) == 1 && OPENSSL_sk_push(list, certificate) <= 0) X509_free(certificate);
}
static inline void postino_free_certificates(OPENSSL_STACK *list) {
    OPENSSL_sk_pop_free(list, (OPENSSL_sk_freefunc)X509_free);
}

/* A macro of several casts, which Swift does not import. */
static const unsigned long postino_rfc2253_flags = XN_FLAG_RFC2253;

/* Parameters hold on to their names, and strings of Swift's live no longer than the call. The numbers come in the machine's
   order of octets. */
static inline EVP_PKEY *postino_rsa_public_key(
    unsigned char *modulus, size_t modulus_octets, unsigned char *exponent, size_t exponent_octets) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus, modulus_octets),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, exponent, exponent_octets),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;
    if (context != NULL && EVP_PKEY_fromdata_init(context) == 1)
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
    EVP_PKEY_CTX_free(context);
    return key;
}
