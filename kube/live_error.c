/* SPDX-License-Identifier: Apache-2.0 */
/* Failures of a request in the words of kubectl, with what helps. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/url.h"
#include "kube/live.h"
#include "kube/status_error.h"

/* A longer text of a server is not repeated in a hint. */
#define MAX_HINT 200

/* "127.0.0.1:6443", as the kubeconfig's server names it. */
static void server_host(const struct kube_target *target, struct buf *out)
{
	const char *host = strstr(target->server, "://");

	host = host ? host + 3 : target->server;
	buf_add(out, host, strcspn(host, "/?#"));
}

/* Where the settings came from, for hints. */
static const char *context_of(const struct kube_target *target)
{
	if (target->in_cluster)
		return "the pod's service account";
	return target->context ? target->context : "the command line";
}

static void hint_unreachable(struct exchange *exchange)
{
	const struct kube_target *target = exchange->live->target;
	bool named = target->context && !target->in_cluster;
	autofree char *who = named ? xasprintf("context '%s' has", target->context)
				   : xasprintf("%s names", context_of(target));

	error_hint(&exchange->request->error,
		"%s the server %s; check it, the network and the proxy%s", who, target->server,
		str_set(target->proxy) ? " (one is set)" : "");
}

static void add_hint(struct exchange *exchange)
{
	struct error *error = &exchange->request->error;

	switch (exchange->call.failure) {
	case HTTP_NO_SUCH_HOST:
	case HTTP_REFUSED:
		hint_unreachable(exchange);
		break;
	case HTTP_TIMED_OUT:
		error_hint(error, "is a VPN or a firewall in between? a longer wait: "
				  "--request-timeout=2m");
		break;
	case HTTP_UNKNOWN_AUTHORITY:
		error_hint(error, "the cluster's certificate was not issued by the CA in the "
				  "kubeconfig; fetch the kubeconfig again, or give "
				  "--certificate-authority");
		break;
	case HTTP_WRONG_NAME:
		error_hint(error, "if one of those names is right: --tls-server-name=NAME, or "
				  "tls-server-name in the kubeconfig");
		break;
	case HTTP_PROXY:
		error_hint(error, "the proxy comes from proxy-url in the kubeconfig or from "
				  "HTTPS_PROXY; NO_PROXY names exceptions");
		break;
	case HTTP_NO_FAILURE:
	case HTTP_TLS:
	case HTTP_INTERRUPTED:
	case HTTP_ABORTED:
	case HTTP_OTHER:
		break;
	}
}

/* A change whose answer never came may have been made. */
static bool maybe_done(const struct exchange *exchange)
{
	switch (exchange->call.failure) {
	case HTTP_INTERRUPTED:
	case HTTP_TIMED_OUT:
	case HTTP_OTHER:
		return exchange->request->method && !streq(exchange->request->method, "GET");
	default:
		return false;
	}
}

void live_network_error(struct exchange *exchange)
{
	struct kube_request *request = exchange->request;
	const struct error *cause = &exchange->call.error;
	const char *text = cause->message ? cause->message : "";
	autobuf host = BUF_INIT;
	autobuf so_far = BUF_INIT;

	if (exchange->call.failure == HTTP_REFUSED) {
		server_host(exchange->live->target, &host);
		error_set(&request->error, ERROR_NETWORK,
			"The connection to the server %s was refused - did you specify the right "
			"host or port?",
			host.ptr);
	} else if (cause->kind == ERROR_CONFIG) {
		/* Nothing was sent: a header or name that cannot be. */
		error_set(&request->error, ERROR_CONFIG, "%s", text);
	} else if (exchange->call.status) {
		live_items_so_far(request, &so_far);
		error_set(&request->error, cause->kind, "the answer to %s broke off%s: %s",
			request->path, so_far.ptr, text);
	} else {
		error_set(
			&request->error, cause->kind, "Unable to connect to the server: %s", text);
	}
	add_hint(exchange);
	if (maybe_done(exchange))
		error_hint(&request->error,
			"whether the change was made is not known: look before it is sent again");
}

/* The generic words for a 400 leave out what the server said, such as "Client sent an HTTP request
 * to an HTTPS server." */
static void hint_text(struct exchange *exchange)
{
	autobuf text = BUF_INIT;

	buf_add(&text, exchange->problem.ptr, strcspn(exchange->problem.ptr, "\r\n"));
	buf_trim(&text);
	if (text.len && text.len <= MAX_HINT)
		error_hint(&exchange->request->error, "it said: %s", text.ptr);
}

void live_status_error(struct exchange *exchange)
{
	struct kube_request *request = exchange->request;
	const struct kube_target *target = exchange->live->target;
	const char *location = http_reply_header(&exchange->call, "Location");
	const char *method = exchange->call.method ? exchange->call.method : "GET";
	autofree char *what = live_what(method, request->path);

	kube_status_error(request->status, exchange->problem.ptr, exchange->problem.len, what,
		&request->error);
	if (request->status == 401)
		error_hint(&request->error,
			"the credentials of user '%s' are missing, wrong or expired: log in again",
			target->user ? target->user : context_of(target));
	else if (request->status / 100 == 3 && location)
		error_hint(&request->error,
			"the server redirects to %s: does a login page or a proxy stand in "
			"between?",
			location);
	else if (request->status == 400 && *exchange->problem.ptr != '{')
		hint_text(exchange);
}
