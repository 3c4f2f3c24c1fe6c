/* SPDX-License-Identifier: Apache-2.0 */
/* The options of one transfer. Every trap named in base/http.h is dealt with here. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/http_internal.h"
#include "base/os.h"

#define RECEIVE_BUFFER (256L << 10)
#define CONNECT_TIMEOUT_MS 30000
/* A server from which nothing at all comes for so long is gone. Its own limit for a request is 60 s.
 */
#define SILENCE_SECONDS 120
/* libcurl's own 64 KiB make one system call of each. */
#define SEND_BUFFER (512L << 10)

/* Remembers the first option that libcurl refused. */
struct setter {
	CURL *easy;
	CURLcode code;
	const char *option;
};

static void note(struct setter *setter, CURLcode code, const char *option)
{
	if (setter->code == CURLE_OK && code != CURLE_OK) {
		setter->code = code;
		setter->option = option;
	}
}

#define SET(setter, option, value) \
	note((setter), curl_easy_setopt((setter)->easy, CURLOPT_##option, (value)), #option)

static void set_blob(
	struct setter *setter, CURLoption option, const char *name, const char *data, size_t len)
{
	struct curl_blob blob;
	char *unconst;

	/* Not written to: with NOCOPY libcurl only reads it. */
	memcpy(&unconst, &data, sizeof(unconst));
	blob.data = unconst;
	blob.len = len;
	blob.flags = CURL_BLOB_NOCOPY;
	note(setter, curl_easy_setopt(setter->easy, option, &blob), name);
}

/*
 * The system's CAs, where OpenSSL, Go and others look for them: what SSL_CERT_FILE and SSL_CERT_DIR name, else
 * the system's folder or bundle. A static libcurl knows of none, and a folder has to be hashed (c_rehash).
 */
static void set_system_trust(struct setter *setter)
{
	const char *file = os_env("SSL_CERT_FILE");
	const char *folders = os_env("SSL_CERT_DIR");

	if (!file && !folders)
		folders = os_ca_folder();
	if (!file && !folders)
		file = os_ca_bundle();
	if (!file && !folders)
		return;
	SET(setter, CAINFO, file);
	SET(setter, PROXY_CAINFO, file);
	SET(setter, CAPATH, folders);
	SET(setter, PROXY_CAPATH, folders);
}

/* The CAs: those given and no other; else the system's. */
static void set_trust(struct setter *setter, const struct http_options *options)
{
	SET(setter, SSL_VERIFYPEER, options->insecure ? 0L : 1L);
	SET(setter, SSL_VERIFYHOST, options->insecure ? 0L : 2L);
	SET(setter, PROXY_SSL_VERIFYPEER, options->insecure ? 0L : 1L);
	SET(setter, PROXY_SSL_VERIFYHOST, options->insecure ? 0L : 2L);
	if (options->insecure || options->ca_pem) {
		SET(setter, CAPATH, NULL);
		SET(setter, CAINFO, NULL);
		SET(setter, PROXY_CAPATH, NULL);
		SET(setter, PROXY_CAINFO, NULL);
	}
	if (options->insecure)
		return;
	if (options->ca_pem) {
		set_blob(setter, CURLOPT_CAINFO_BLOB, "CAINFO_BLOB", options->ca_pem,
			options->ca_pem_len);
		set_blob(setter, CURLOPT_PROXY_CAINFO_BLOB, "PROXY_CAINFO_BLOB", options->ca_pem,
			options->ca_pem_len);
	} else {
		set_system_trust(setter);
	}
}

static void set_tls(struct setter *setter, const struct http_options *options)
{
	set_trust(setter, options);
	SET(setter, SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* The names in the certificate, for the error that lists them. */
	SET(setter, CERTINFO, 1L);
	if (!options->cert_pem || !options->key_pem)
		return;
	set_blob(setter, CURLOPT_SSLCERT_BLOB, "SSLCERT_BLOB", options->cert_pem,
		options->cert_pem_len);
	set_blob(
		setter, CURLOPT_SSLKEY_BLOB, "SSLKEY_BLOB", options->key_pem, options->key_pem_len);
	SET(setter, SSLCERTTYPE, "PEM");
	SET(setter, SSLKEYTYPE, "PEM");
}

static void set_proxy(struct setter *setter, const struct http_options *options)
{
	const char *proxy = options->proxy ? options->proxy : "";
	autofree char *remote_names = NULL;

	if (starts_with(proxy, "socks5://")) {
		remote_names = xasprintf("socks5h://%s", proxy + strlen("socks5://"));
		proxy = remote_names;
	}
	/* Both always: unset, libcurl would look at ALL_PROXY and NO_PROXY itself. */
	SET(setter, PROXY, proxy);
	SET(setter, NOPROXY, "");
	SET(setter, SUPPRESS_CONNECT_HEADERS, 1L);
}

static void set_transport(struct setter *setter, const struct http_options *options)
{
	int connect_ms = options->connect_timeout_ms;
	int silence = options->silence_seconds;

	SET(setter, NOSIGNAL, 1L);
	SET(setter, PROTOCOLS_STR, "http,https");
	SET(setter, FOLLOWLOCATION, 0L);
	SET(setter, PATH_AS_IS, 1L);
	SET(setter, PIPEWAIT, 1L);
	SET(setter, BUFFERSIZE, RECEIVE_BUFFER);
	SET(setter, TCP_KEEPALIVE, 1L);
	SET(setter, TCP_KEEPIDLE, 30L);
	SET(setter, TCP_KEEPINTVL, 15L);
	SET(setter, LOW_SPEED_LIMIT, 1L);
	SET(setter, LOW_SPEED_TIME, (long)(silence ? silence : SILENCE_SECONDS));
	SET(setter, CONNECTTIMEOUT_MS, connect_ms ? (long)connect_ms : CONNECT_TIMEOUT_MS);
	if (options->user_agent)
		SET(setter, USERAGENT, options->user_agent);
	/* NULL: neither the header nor inflating. */
	SET(setter, ACCEPT_ENCODING, options->no_compression ? NULL : "gzip");
	/* May fail in a libcurl without HTTP/2, which then speaks 1.1. */
	curl_easy_setopt(setter->easy, CURLOPT_HTTP_VERSION,
		(long)(options->no_http2 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
}

/* As Go's net/http: no control characters but tabs in a value, and a name before a colon. */
static int check_header(const char *header, struct error *err)
{
	const char *colon = strchr(header, ':');
	size_t name = colon ? (size_t)(colon - header) : 0;

	if (!name)
		return error_set(err, ERROR_CONFIG, "net/http: invalid header field name");
	for (const char *p = colon + 1; *p; p++) {
		unsigned char byte = (unsigned char)*p;

		if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
			return error_set(err, ERROR_CONFIG,
				"net/http: invalid header field value for \"%.*s\"", (int)name,
				header);
	}
	for (size_t i = 0; i < name; i++)
		if ((unsigned char)header[i] <= 0x20 || (unsigned char)header[i] >= 0x7f)
			return error_set(err, ERROR_CONFIG,
				"net/http: invalid header field name \"%.*s\"", (int)i, header);
	return 0;
}

static void append(struct curl_slist **list, const char *text)
{
	struct curl_slist *grown = curl_slist_append(*list, text);

	if (!grown)
		abort();
	*list = grown;
}

/* To libcurl "Name:" means "do not send it", and "Name;" an empty value. */
static void append_header(struct curl_slist **list, const char *header)
{
	const char *colon = strchr(header, ':');
	autofree char *empty = NULL;

	if (colon[1 + strspn(colon + 1, " \t")] == '\0') {
		empty = xasprintf("%.*s;", (int)(colon - header), header);
		header = empty;
	}
	append(list, header);
}

static int set_headers(struct setter *setter, struct http_transfer *transfer, struct error *err)
{
	const struct strv *headers = transfer->call->headers;

	for (size_t i = 0; headers && i < headers->len; i++) {
		if (check_header(headers->items[i], err) < 0)
			return -1;
		append_header(&transfer->headers, headers->items[i]);
	}
	/* Never wait for "100 Continue". */
	append(&transfer->headers, "Expect:");
	SET(setter, HTTPHEADER, transfer->headers);
	return 0;
}

static void set_method(struct setter *setter, const struct http_call *call)
{
	const char *method = call->method ? call->method : "GET";

	if (call->next_body) {
		SET(setter, POST, 1L);
		SET(setter, POSTFIELDSIZE_LARGE, (curl_off_t)call->upload_size);
		SET(setter, UPLOAD_BUFFERSIZE, SEND_BUFFER);
		SET(setter, CUSTOMREQUEST, method);
	} else if (call->body) {
		SET(setter, POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
		SET(setter, POSTFIELDS, call->body);
		SET(setter, CUSTOMREQUEST, method);
	} else if (streq(method, "HEAD")) {
		SET(setter, NOBODY, 1L);
	} else if (!streq(method, "GET")) {
		SET(setter, CUSTOMREQUEST, method);
	}
	if (call->timeout_ms)
		SET(setter, TIMEOUT_MS, (long)call->timeout_ms);
}

/*
 * Another name for SNI and verification: that name goes into the URL, the connection to the real
 * host, and the Host header keeps what the URL said.
 */
static int set_server_name(
	struct setter *setter, struct http_transfer *transfer, const char *name, struct error *err)
{
	char *host = NULL;
	char *port = NULL;
	char *given = NULL;
	CURLU *url = curl_url();

	transfer->url = url;
	if (!url || curl_url_set(url, CURLUPART_URL, transfer->call->url, CURLU_PATH_AS_IS) ||
		curl_url_get(url, CURLUPART_HOST, &host, 0) ||
		curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) ||
		curl_url_set(url, CURLUPART_HOST, name, 0)) {
		curl_free(host);
		curl_free(port);
		return error_set(err, ERROR_CONFIG, "tls-server-name '%s' is not a name", name);
	}
	curl_url_get(url, CURLUPART_PORT, &given, 0);
	autofree char *connect = xasprintf("::%s:%s", host, port);
	autofree char *header =
		xasprintf("Host: %s%s%s", host, given ? ":" : "", given ? given : "");
	curl_free(host);
	curl_free(port);
	curl_free(given);
	append(&transfer->connect_to, connect);
	append(&transfer->headers, header);
	SET(setter, CURLU, url);
	SET(setter, CONNECT_TO, transfer->connect_to);
	return 0;
}

int http_setup(
	struct http_transfer *transfer, const struct http_options *options, struct error *err)
{
	struct setter setter = {.easy = transfer->easy};

	SET(&setter, ERRORBUFFER, transfer->detail);
	set_transport(&setter, options);
	set_proxy(&setter, options);
	set_tls(&setter, options);
	set_method(&setter, transfer->call);
	if (!str_set(options->tls_server_name))
		SET(&setter, URL, transfer->call->url);
	else if (set_server_name(&setter, transfer, options->tls_server_name, err) < 0)
		return -1;
	if (set_headers(&setter, transfer, err) < 0)
		return -1;
	if (setter.code != CURLE_OK)
		return error_set(err, ERROR_FAILED, "libcurl refuses %s: %s", setter.option,
			curl_easy_strerror(setter.code));
	return 0;
}
