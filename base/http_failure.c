/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a transfer failed: libcurl's codes sorted into enum http_failure, and worded as Go's net/http
 * words them, since that is what users of Kubernetes tools know and search for.
 */
#include "base/base.h"

#include <arpa/inet.h>
#include <errno.h>

#include "base/alloc.h"
#include "base/http_internal.h"

/* Values of OpenSSL's X509_V_ERR_*, which CURLINFO_SSL_VERIFYRESULT hands out. */
#define VERIFY_OK 0
#define VERIFY_UNSPECIFIED 1 /* what libcurl leaves when the chain was good and the name was not */
#define VERIFY_NOT_YET_VALID 9
#define VERIFY_EXPIRED 10
/* As Go: beyond this many names a certificate's names are counted, not listed. */
#define MAX_NAMES 100

static int fail(struct http_transfer *transfer, enum http_failure failure, enum error_kind kind,
	const char *format, ...) PRINTF(4, 5);

static int fail(struct http_transfer *transfer, enum http_failure failure, enum error_kind kind,
	const char *format, ...)
{
	va_list args;
	autofree char *message = NULL;

	va_start(args, format);
	message = xvasprintf(format, args);
	va_end(args);
	transfer->call->failure = failure;
	return error_set(&transfer->call->error, kind, "%s", message);
}

/* Host, or host:port, of the call's URL; the caller frees. */
static char *url_host(const struct http_transfer *transfer, bool with_port)
{
	CURLU *url = curl_url();
	char *host = NULL;
	char *port = NULL;
	char *text;

	if (!url)
		abort();
	curl_url_set(url, CURLUPART_URL, transfer->call->url, 0);
	curl_url_get(url, CURLUPART_HOST, &host, 0);
	curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	text = with_port ? xasprintf("%s:%s", host ? host : "", port ? port : "")
			 : xstrdup(host ? host : "");
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(url);
	return text;
}

static const char *detail(const struct http_transfer *transfer, CURLcode code)
{
	return *transfer->detail ? transfer->detail : curl_easy_strerror(code);
}

/* ---- names in a certificate */

/* The text form that Go prints of an address; false if `text` is none. */
static bool normal_ip(const char *text, char out[INET6_ADDRSTRLEN])
{
	unsigned char bytes[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return inet_ntop(AF_INET, bytes, out, INET6_ADDRSTRLEN) != NULL;
	if (inet_pton(AF_INET6, text, bytes) == 1)
		return inet_ntop(AF_INET6, bytes, out, INET6_ADDRSTRLEN) != NULL;
	return false;
}

/* Add the names of one kind out of "DNS:a, IP Address:1.2.3.4". */
static void collect_names(const char *text, bool ips, struct strv *names)
{
	autostrv parts = STRV_INIT;

	strv_split(&parts, text, ",\n", false);
	for (size_t i = 0; i < parts.len; i++) {
		const char *part = parts.items[i] + strspn(parts.items[i], " ");
		char ip[INET6_ADDRSTRLEN];

		if (!ips && starts_with(part, "DNS:"))
			strv_push(names, part + strlen("DNS:"));
		else if (ips && starts_with(part, "IP Address:") &&
			 normal_ip(part + strlen("IP Address:"), ip))
			strv_push(names, ip);
	}
}

static void certificate_names(const struct http_transfer *transfer, bool ips, struct strv *names)
{
	static const char title[] = "X509v3 Subject Alternative Name:";
	struct curl_certinfo *info = NULL;

	if (curl_easy_getinfo(transfer->easy, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
		info->num_of_certs < 1)
		return;
	for (const struct curl_slist *line = info->certinfo[0]; line; line = line->next)
		if (starts_with(line->data, title))
			collect_names(line->data + strlen(title), ips, names);
}

static void explain_wrong_name(struct http_transfer *transfer, const struct http_options *options)
{
	static const char prefix[] = "tls: failed to verify certificate: x509: ";
	autofree char *url_name = url_host(transfer, false);
	const char *host = str_set(options->tls_server_name) ? options->tls_server_name : url_name;
	autofree char *bare = xstrndup(host + (*host == '['), strcspn(host + (*host == '['), "]"));
	char ip[INET6_ADDRSTRLEN];
	bool is_ip = normal_ip(bare, ip);
	autostrv names = STRV_INIT;

	certificate_names(transfer, is_ip, &names);
	autofree char *list = strv_join(&names, ", ");
	if (!names.len && is_ip)
		fail(transfer, HTTP_WRONG_NAME, ERROR_NETWORK,
			"%scannot validate certificate for %s because it doesn't contain any IP "
			"SANs",
			prefix, bare);
	else if (!names.len)
		fail(transfer, HTTP_WRONG_NAME, ERROR_NETWORK,
			"%scertificate is not valid for any names, but wanted to match %s", prefix,
			bare);
	else if (names.len > MAX_NAMES)
		fail(transfer, HTTP_WRONG_NAME, ERROR_NETWORK,
			"%scertificate is valid for %zu names, but none matched %s", prefix,
			names.len, bare);
	else
		fail(transfer, HTTP_WRONG_NAME, ERROR_NETWORK,
			"%scertificate is valid for %s, not %s", prefix, list, bare);
}

/* ---- by code */

static void explain_verification(struct http_transfer *transfer, const struct http_options *options)
{
	long result = VERIFY_OK;

	curl_easy_getinfo(transfer->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	if (result == VERIFY_OK || result == VERIFY_UNSPECIFIED)
		explain_wrong_name(transfer, options);
	else if (result == VERIFY_EXPIRED || result == VERIFY_NOT_YET_VALID)
		fail(transfer, HTTP_TLS, ERROR_NETWORK,
			"tls: failed to verify certificate: x509: certificate has expired or is "
			"not yet "
			"valid: it %s",
			result == VERIFY_EXPIRED ? "has expired" : "is not yet valid");
	else
		fail(transfer, HTTP_UNKNOWN_AUTHORITY, ERROR_NETWORK,
			"tls: failed to verify certificate: x509: certificate signed by unknown "
			"authority");
}

static void explain_connect(
	struct http_transfer *transfer, const struct http_options *options, CURLcode code)
{
	long number = 0;
	autofree char *host = url_host(transfer, true);

	curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
	if (str_set(options->proxy))
		fail(transfer, HTTP_PROXY, ERROR_NETWORK, "proxyconnect tcp: %s",
			number ? strerror((int)number) : detail(transfer, code));
	else if (number == ECONNREFUSED)
		fail(transfer, HTTP_REFUSED, ERROR_NETWORK,
			"dial tcp %s: connect: connection refused", host);
	else
		fail(transfer, HTTP_OTHER, ERROR_NETWORK, "dial tcp %s: %s", host,
			number ? strerror((int)number) : detail(transfer, code));
}

static void explain_timeout(struct http_transfer *transfer)
{
	curl_off_t connected = 0;
	int64_t took_ms;
	curl_off_t total_us = 0;
	autofree char *host = url_host(transfer, true);
	int limit = transfer->call->timeout_ms;

	curl_easy_getinfo(transfer->easy, CURLINFO_CONNECT_TIME_T, &connected);
	/* Of a connection that was there already the time of connecting is 0. */
	if (!connected)
		curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
	curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &total_us);
	took_ms = total_us / 1000;
	if (limit && took_ms >= limit)
		fail(transfer, HTTP_TIMED_OUT, ERROR_TIMEOUT, "context deadline exceeded");
	else if (!connected)
		fail(transfer, HTTP_TIMED_OUT, ERROR_TIMEOUT, "dial tcp %s: i/o timeout", host);
	else
		fail(transfer, HTTP_TIMED_OUT, ERROR_TIMEOUT,
			"net/http: timeout awaiting the server (nothing came for %lld s)",
			(long long)took_ms / 1000);
}

/* The server's own word, out of "…:SSL routines::tlsv13 alert certificate required, errno 0"; NULL if
 * it sent none. The caller frees. */
static char *alert_text(const char *text)
{
	const char *alert = strstr(text, " alert ");

	if (!alert)
		return NULL;
	alert += strlen(" alert ");
	return xstrndup(alert, strcspn(alert, ",\r\n"));
}

static void explain_tls(struct http_transfer *transfer, CURLcode code)
{
	const char *text = detail(transfer, code);
	autofree char *alert = alert_text(text);

	if (strstr(text, "wrong version number"))
		fail(transfer, HTTP_TLS, ERROR_NETWORK,
			"http: server gave HTTP response to HTTPS client");
	else if (alert)
		fail(transfer, HTTP_TLS, ERROR_NETWORK, "remote error: tls: %s", alert);
	else
		fail(transfer, HTTP_TLS, ERROR_NETWORK, "tls: %s", text);
}

static void explain_interrupted(struct http_transfer *transfer, CURLcode code)
{
	long tunnel = 0;
	long number = 0;
	const char *text = detail(transfer, code);

	if (starts_with(text, "HTTP/2 "))
		text += strlen("HTTP/2 ");
	curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
	curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
	if (tunnel && tunnel / 100 != 2 && !transfer->call->status)
		fail(transfer, HTTP_PROXY, ERROR_NETWORK, "the proxy answered with status %ld",
			tunnel);
	else if (code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM)
		fail(transfer, HTTP_INTERRUPTED, ERROR_NETWORK, "http2: %s", text);
	else if (code == CURLE_RECV_ERROR && strstr(text, " alert "))
		explain_tls(transfer, code);
	else if (code == CURLE_RECV_ERROR && number == ECONNRESET)
		fail(transfer, HTTP_INTERRUPTED, ERROR_NETWORK, "read: connection reset by peer");
	else if (transfer->call->status)
		fail(transfer, HTTP_INTERRUPTED, ERROR_NETWORK, "unexpected EOF");
	else
		fail(transfer, HTTP_INTERRUPTED, ERROR_NETWORK, "EOF");
}

static void explain_lookup(struct http_transfer *transfer)
{
	autofree char *host = url_host(transfer, false);

	fail(transfer, HTTP_NO_SUCH_HOST, ERROR_NETWORK, "dial tcp: lookup %s: no such host", host);
}

void http_explain(struct http_transfer *transfer, const struct http_options *options, CURLcode code)
{
	if (transfer->stopped) {
		transfer->call->failure = HTTP_ABORTED;
		error_move(&transfer->call->error, &transfer->error);
		return;
	}
	switch (code) {
	case CURLE_OK:
		return;
	case CURLE_COULDNT_RESOLVE_HOST:
		explain_lookup(transfer);
		return;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_PROXY:
		fail(transfer, HTTP_PROXY, ERROR_NETWORK, "proxyconnect tcp: %s",
			detail(transfer, code));
		return;
	case CURLE_COULDNT_CONNECT:
		explain_connect(transfer, options, code);
		return;
	case CURLE_OPERATION_TIMEDOUT:
		explain_timeout(transfer);
		return;
	case CURLE_PEER_FAILED_VERIFICATION:
		explain_verification(transfer, options);
		return;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CIPHER:
		explain_tls(transfer, code);
		return;
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_SEND_FAIL_REWIND:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		explain_interrupted(transfer, code);
		return;
	default:
		fail(transfer, HTTP_OTHER, ERROR_NETWORK, "%s", detail(transfer, code));
		return;
	}
}
