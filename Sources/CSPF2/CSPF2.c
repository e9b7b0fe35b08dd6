// SPDX-License-Identifier: GPL-2.0-or-later
#include "CSPF2.h"

#include <sys/types.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <spf2/spf.h>

struct question {
    cspf2_lookup lookup;
    void *context;
};

struct cspf2_reply {
    SPF_dns_rr_t *rr;
    int type;
};

int cspf2_add(struct cspf2_reply *reply, const void *octets, size_t count) {
    SPF_dns_rr_t *rr = reply->rr;
    size_t room = count + 1 < sizeof(SPF_dns_rr_data_t) ? sizeof(SPF_dns_rr_data_t) : count + 1;
    if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, room) != SPF_E_SUCCESS) return -1;
    SPF_dns_rr_data_t *data = rr->rr[rr->num_rr];
    memset(data, 0, room);
    memcpy(data, octets, count);
    rr->num_rr++;
    return 0;
}

static SPF_dns_rr_t *lookup(SPF_dns_server_t *server, const char *domain, ns_type type, int should_cache) {
    (void)should_cache;
    struct question *question = server->hook;
    SPF_dns_rr_t *rr = SPF_dns_rr_new_init(server, domain, type, 0, NETDB_SUCCESS);
    if (!rr) return NULL;
    struct cspf2_reply reply = {.rr = rr, .type = (int)type};
    switch (question->lookup(question->context, domain, (int)type, &reply)) {
    case CSPF2_FOUND: break;
    case CSPF2_NOT_FOUND: rr->herrno = HOST_NOT_FOUND; break;
    case CSPF2_NO_DATA: rr->herrno = NO_DATA; break;
    default: rr->herrno = TRY_AGAIN; break;
    }
    if (rr->herrno != NETDB_SUCCESS) rr->num_rr = 0;
    return rr;
}

// The text of exp= is never asked for: expanding one of 450 octets crashes Debian 12's libspf2. `*text` holds the
// domain when this is called, so there is room for the empty string.
static SPF_errcode_t no_explanation(SPF_server_t *server, const char *domain, char **text, size_t *octets) {
    (void)server;
    (void)domain;
    if (!text || !*text || !octets || *octets == 0) return SPF_E_NOT_CONFIG;
    (*text)[0] = 0;
    return SPF_E_SUCCESS;
}

static int result_of(SPF_response_t *response, SPF_errcode_t error) {
    switch (SPF_response_result(response)) {
    case SPF_RESULT_NONE: return CSPF2_NONE;
    case SPF_RESULT_NEUTRAL: return CSPF2_NEUTRAL;
    case SPF_RESULT_PASS: return CSPF2_PASS;
    case SPF_RESULT_FAIL: return CSPF2_FAIL;
    case SPF_RESULT_SOFTFAIL: return CSPF2_SOFTFAIL;
    case SPF_RESULT_TEMPERROR: return CSPF2_TEMPERROR;
    case SPF_RESULT_PERMERROR: return CSPF2_PERMERROR;
    // Syntax errors and a failed first look-up come back as "invalid".
    default:
        if (error == SPF_E_DNS_ERROR || SPF_response_errcode(response) == SPF_E_DNS_ERROR) return CSPF2_TEMPERROR;
        return CSPF2_PERMERROR;
    }
}

int cspf2_check(const uint8_t *address, size_t address_octets, const char *helo, const char *mail_from,
                cspf2_lookup ask, void *context) {
    int result = -1;
    struct question question = {.lookup = ask, .context = context};
    SPF_dns_server_t dns;
    memset(&dns, 0, sizeof dns);
    dns.lookup = lookup;
    dns.get_exp = no_explanation;
    dns.name = "postino";
    dns.hook = &question;

    // `dns` is ours, on the stack: without `destroy` and `destroy_resolver` it is left alone.
    SPF_server_t *server = SPF_server_new_dns(&dns, 0);
    if (!server) return -1;
    server->destroy_resolver = 0;
    SPF_request_t *request = SPF_request_new(server);
    SPF_response_t *response = NULL;
    if (!request) goto done;

    if (address_octets == 4) {
        struct in_addr ipv4;
        memcpy(&ipv4, address, 4);
        if (SPF_request_set_ipv4(request, ipv4) != SPF_E_SUCCESS) goto done;
    } else if (address_octets == 16) {
        struct in6_addr ipv6;
        memcpy(&ipv6, address, 16);
        if (SPF_request_set_ipv6(request, ipv6) != SPF_E_SUCCESS) goto done;
    } else {
        goto done;
    }
    if (helo[0]) SPF_request_set_helo_dom(request, helo);
    if (mail_from[0]) SPF_request_set_env_from(request, mail_from);
    if (!request->env_from && !request->helo_dom) goto done;

    SPF_errcode_t error = SPF_request_query_mailfrom(request, &response);
    if (response) result = result_of(response, error);

done:
    if (response) SPF_response_free(response);
    if (request) SPF_request_free(request);
    SPF_server_free(server);
    return result;
}
