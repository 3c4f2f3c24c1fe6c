/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server on 127.0.0.1 for tests of the HTTP client: each connection has a thread, each request is
 * answered by the test's handler. Over TLS with a certificate made on the spot, if asked for.
 */
#ifndef TESTS_UNIT_LOOPBACK_H
#define TESTS_UNIT_LOOPBACK_H

#include "base/base.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/strv.h"

enum loopback_action {
	LOOPBACK_KEEP,  /* wait for the next request */
	LOOPBACK_CLOSE, /* after the reply */
	LOOPBACK_RESET, /* after the reply, with RST */
};

struct loopback {
	/* Called under a lock, `number` counts requests from 0; appends head and body to `reply`. */
	enum loopback_action (*handle)(
		struct loopback *server, size_t number, const char *request, struct buf *reply);
	void *ctx;
	/* What was asked, whole heads with bodies, in order. Read after loopback_stop(). */
	struct strv requests;
	int connections;
	char url[64]; /* http(s)://127.0.0.1:PORT */
	char *ca_pem; /* the certificate, where TLS is on */
	char *key_pem;
	long valid_seconds;    /* of the certificate, from now; 0: an hour */
	const char *client_ca; /* demand a client certificate that this one signed; NULL: none */
	/* Private. */
	int socket, port;
	SSL_CTX *tls;
	pthread_t acceptor, threads[64];
	int sockets[64];
	pthread_mutex_t lock;
};

struct loopback_peer {
	struct loopback *server;
	int index;
	SSL *ssl;
};

static inline void loopback_reply(
	struct buf *reply, int status, const char *headers, const char *body)
{
	buf_addf(reply, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n%s", status, strlen(body),
		headers, body);
}

static inline long loopback_read(struct loopback_peer *peer, char *data, size_t len)
{
	if (peer->ssl)
		return SSL_read(peer->ssl, data, (int)len);
	return (long)read(peer->server->sockets[peer->index], data, len);
}

static inline void loopback_write(struct loopback_peer *peer, const char *data, size_t len)
{
	while (len > 0) {
		long sent = peer->ssl ? SSL_write(peer->ssl, data, (int)len)
				      : (long)send(peer->server->sockets[peer->index], data, len,
						MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		data += sent;
		len -= (size_t)sent;
	}
}

/* One whole request into `request`; false at the end of the connection. */
static inline bool loopback_receive(struct loopback_peer *peer, struct buf *request)
{
	char chunk[4096];
	const char *end;
	size_t want = 0;

	buf_reset(request);
	for (;;) {
		/* A TLS handshake where plain http is spoken: answered in plain text, as Go does. */
		if (request->len && request->ptr[0] == 0x16)
			return true;
		end = strstr(request->ptr, "\r\n\r\n");
		if (end) {
			const char *length = strstr(request->ptr, "Content-Length: ");

			want = (size_t)(end - request->ptr) + 4;
			if (length && length < end)
				want += strtoul(length + 16, NULL, 10);
		}
		if (end && request->len >= want)
			return true;
		long got = loopback_read(peer, chunk, sizeof(chunk));
		if (got <= 0)
			return false;
		buf_add(request, chunk, (size_t)got);
	}
}

static inline void loopback_end(struct loopback_peer *peer, bool reset)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};
	int fd = peer->server->sockets[peer->index];

	if (reset)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	if (peer->ssl && !reset)
		SSL_shutdown(peer->ssl);
	SSL_free(peer->ssl);
	pthread_mutex_lock(&peer->server->lock);
	peer->server->sockets[peer->index] = -1;
	close(fd);
	pthread_mutex_unlock(&peer->server->lock);
	ERR_clear_error();
	free(peer);
}

/* The handshake. After a failed one its alert has to reach the client, so nothing may be left unread
 * that would turn the close into a reset. */
static inline bool loopback_handshake(struct loopback_peer *peer)
{
	int fd = peer->server->sockets[peer->index];
	char rest[512];

	peer->ssl = SSL_new(peer->server->tls);
	SSL_set_fd(peer->ssl, fd);
	if (SSL_accept(peer->ssl) == 1)
		return true;
	shutdown(fd, SHUT_WR);
	while (read(fd, rest, sizeof(rest)) > 0)
		;
	return false;
}

static inline void *loopback_serve(void *ctx)
{
	struct loopback_peer *peer = ctx;
	struct loopback *server = peer->server;
	enum loopback_action action = LOOPBACK_KEEP;
	autobuf request = BUF_INIT;
	autobuf reply = BUF_INIT;
	sigset_t pipe;

	/* In the server's threads alone: the client has to do without. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	if (server->tls && !loopback_handshake(peer))
		action = LOOPBACK_CLOSE;
	while (action == LOOPBACK_KEEP && loopback_receive(peer, &request)) {
		buf_reset(&reply);
		pthread_mutex_lock(&server->lock);
		strv_push(&server->requests, request.ptr);
		action = server->handle(server, server->requests.len - 1, request.ptr, &reply);
		pthread_mutex_unlock(&server->lock);
		loopback_write(peer, reply.ptr, reply.len);
	}
	loopback_end(peer, action == LOOPBACK_RESET);
	return NULL;
}

static inline void *loopback_accept(void *ctx)
{
	struct loopback *server = ctx;

	for (;;) {
		int fd = accept(server->socket, NULL, NULL);

		if (fd < 0)
			return NULL;
		if (server->connections >= (int)countof(server->threads)) {
			close(fd);
			continue;
		}
		struct loopback_peer *peer = xcalloc(1, sizeof(*peer));

		peer->server = server;
		peer->index = server->connections;
		pthread_mutex_lock(&server->lock);
		server->sockets[peer->index] = fd;
		server->connections++;
		pthread_mutex_unlock(&server->lock);
		pthread_create(&server->threads[peer->index], NULL, loopback_serve, peer);
	}
}

/* What a PEM writer wrote. */
static inline char *loopback_pem(BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);
	char *text = xstrndup(data, (size_t)len);

	BIO_free(bio);
	return text;
}

static inline void loopback_demand_client(struct loopback *server)
{
	BIO *bio = BIO_new_mem_buf(server->client_ca, -1);
	X509 *ca = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	X509_STORE_add_cert(SSL_CTX_get_cert_store(server->tls), ca);
	SSL_CTX_set_verify(server->tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	X509_free(ca);
	BIO_free(bio);
}

/* A self-signed certificate for the names ("DNS:localhost,IP:127.0.0.1"; NULL: without any). */
static inline void loopback_certificate(struct loopback *server, const char *names)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	BIO *pem = BIO_new(BIO_s_mem());
	BIO *key_pem = BIO_new(BIO_s_mem());

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -7200);
	X509_gmtime_adj(
		X509_getm_notAfter(cert), server->valid_seconds ? server->valid_seconds : 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "O", MBSTRING_ASC,
		(const unsigned char *)"loopback", -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	X509_set_pubkey(cert, key);
	if (names) {
		X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);

		X509_add_ext(cert, san, -1);
		X509_EXTENSION_free(san);
	}
	X509_sign(cert, key, EVP_sha256());
	PEM_write_bio_X509(pem, cert);
	PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL);
	server->ca_pem = loopback_pem(pem);
	server->key_pem = loopback_pem(key_pem);
	server->tls = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(server->tls, cert);
	SSL_CTX_use_PrivateKey(server->tls, key);
	if (server->client_ca)
		loopback_demand_client(server);
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* Fill in `handle` and `ctx` before. `names`: of the certificate; "" for plain http. */
static inline void loopback_start(struct loopback *server, const char *names)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	server->requests = (struct strv)STRV_INIT;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->socket = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(server->socket, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(server->socket, 64) < 0 ||
		getsockname(server->socket, (struct sockaddr *)&address, &len) < 0)
		abort();
	server->port = ntohs(address.sin_port);
	if (!names || *names)
		loopback_certificate(server, names);
	snprintf(server->url, sizeof(server->url), "%s://127.0.0.1:%d",
		server->tls ? "https" : "http", server->port);
	pthread_mutex_init(&server->lock, NULL);
	pthread_create(&server->acceptor, NULL, loopback_accept, server);
}

/* End all threads; `requests` and `connections` stay. */
static inline void loopback_stop(struct loopback *server)
{
	shutdown(server->socket, SHUT_RDWR);
	pthread_join(server->acceptor, NULL);
	close(server->socket);
	pthread_mutex_lock(&server->lock);
	for (int i = 0; i < server->connections; i++)
		if (server->sockets[i] >= 0)
			shutdown(server->sockets[i], SHUT_RDWR);
	pthread_mutex_unlock(&server->lock);
	for (int i = 0; i < server->connections; i++)
		pthread_join(server->threads[i], NULL);
	SSL_CTX_free(server->tls);
	server->tls = NULL;
}

static inline void loopback_clear(struct loopback *server)
{
	strv_clear(&server->requests);
	free(server->ca_pem);
	free(server->key_pem);
}

#endif
