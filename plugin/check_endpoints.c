/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of --pre about Azure's endpoints, asked from this machine: whether the name resolves, whether the port
 * answers, whether TLS comes up, each told apart. From here is a hint only: the agents ask from the cluster.
 * Endpoints: Microsoft's network requirements of Azure Arc-enabled Kubernetes, for the three clouds.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/http.h"
#include "base/json.h"
#include "base/url.h"
#include "plugin/check.h"

#define ENDPOINT_CONNECT_MS 5000
#define ENDPOINT_TOTAL_MS 8000

enum cloud {
	CLOUD_PUBLIC,
	CLOUD_USGOV,
	CLOUD_CHINA,
	CLOUD_COUNT
};

struct endpoint {
	const char *purpose;
	const char *hosts[CLOUD_COUNT]; /* "%s" is the region; NULL: not in this cloud */
	bool needed;                    /* without it the extension does not work */
	bool arc;                       /* only of Azure Arc */
};

/* clang-format off */
static const struct endpoint endpoints[] = {
	{ "Azure Resource Manager", { "management.azure.com", "management.usgovcloudapi.net", "management.chinacloudapi.cn" }, true, false },
	{ "configuration data plane", { "%s.dp.kubernetesconfiguration.azure.com", "%s.dp.kubernetesconfiguration.azure.us", "%s.dp.kubernetesconfiguration.azure.cn" }, true, false },
	{ "sign-in", { "login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn" }, true, false },
	{ "regional sign-in", { "%s.login.microsoft.com", "%s.login.microsoftonline.us", "%s.login.chinacloudapi.cn" }, false, true },
	{ "images", { "mcr.microsoft.com", "mcr.microsoft.com", "mcr.azk8s.cn" }, true, false },
	{ "identity certificates", { "gbl.his.arc.azure.com", "gbl.his.arc.azure.us", "gbl.his.arc.azure.cn" }, false, true },
	{ "notifications", { "guestnotificationservice.azure.com", "guestnotificationservice.azure.us", "guestnotificationservice.azure.cn" }, false, true },
};
/* clang-format on */

static void rule_endpoints(struct check *check, const struct check_rule *rule);

/* clang-format off */
const struct check_rule check_endpoint_rules[] = {
	{ "endpoint-unreachable",          SEVERITY_ERROR,   "the agents need this endpoint; this is the view from here, theirs is from the cluster", rule_endpoints, 1 },
	{ "optional-endpoint-unreachable", SEVERITY_WARNING, "Azure Arc uses this endpoint; this is the view from here, the agents' is from the cluster", rule_endpoints, 0 },
};
/* clang-format on */
const size_t check_endpoint_rules_count = countof(check_endpoint_rules);

struct probe {
	const struct endpoint *endpoint;
	char *host;
	char *url;
	char *proxy; /* "" for none */
	struct http_call call;
};

static enum cloud cloud_index(const char *name)
{
	if (streq(name, "usgov"))
		return CLOUD_USGOV;
	return streq(name, "china") ? CLOUD_CHINA : CLOUD_PUBLIC;
}

/* "http://user:secret@proxy:3128" without its user. */
static char *proxy_for_display(const char *proxy)
{
	autourl url = URL_INIT;
	autobuf host = BUF_INIT;

	if (!*proxy || !url_parse(proxy, &url))
		return xstrdup("");
	url_host_port(&url, &host);
	return xasprintf("%s://%s", url.scheme, host.ptr);
}

/* The step that failed, in words; NULL if a reply came. */
static char *probe_failure(const struct probe *probe)
{
	const char *step = NULL;
	autofree char *proxy = NULL;

	switch (probe->call.failure) {
	case HTTP_NO_FAILURE:
		return NULL;
	case HTTP_NO_SUCH_HOST:
		step = "DNS: the name does not resolve";
		break;
	case HTTP_REFUSED:
		step = "TCP: port 443 refuses connections";
		break;
	case HTTP_TIMED_OUT:
		step = "TCP: no answer from port 443 within 8 s";
		break;
	case HTTP_UNKNOWN_AUTHORITY:
		step = "TLS: the certificate is of an unknown authority (a proxy that opens TLS?)";
		break;
	case HTTP_WRONG_NAME:
		step = "TLS: the certificate is for other names";
		break;
	case HTTP_TLS:
		step = "TLS: the handshake failed";
		break;
	case HTTP_PROXY:
		step = "proxy: it refuses or does not answer";
		break;
	default:
		step = "the connection broke";
		break;
	}
	proxy = proxy_for_display(probe->proxy);
	return xasprintf("%s%s%s%s%s", step, *proxy ? ", through proxy " : "", proxy,
		probe->call.error.message ? ": " : "",
		probe->call.error.message ? probe->call.error.message : "");
}

static int any_body(struct http_call *call, const char *data, size_t len, struct error *err)
{
	(void)call;
	(void)data;
	(void)len;
	(void)err;
	return 0;
}

static void probe_init(struct probe *probe, const struct endpoint *endpoint, const char *host)
{
	autourl url = URL_INIT;

	probe->endpoint = endpoint;
	probe->host = xstrdup(host);
	probe->url = xasprintf("https://%s/", host);
	probe->proxy = url_parse(probe->url, &url) ? url_proxy_from_environment(&url) : xstrdup("");
	probe->call = (struct http_call){
		.method = "HEAD",
		.url = probe->url,
		.timeout_ms = ENDPOINT_TOTAL_MS,
		.on_data = any_body,
	};
}

static void probe_clear(struct probe *probe)
{
	http_call_reset(&probe->call);
	free(probe->host);
	free(probe->url);
	free(probe->proxy);
}

/* The name becomes part of a host's, and part of a command. */
static bool is_region(const char *name)
{
	return strlen(name) <= 40 &&
	       !name[strspn(
		       name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")];
}

static const char *region_of(const struct check *check)
{
	const char *region = check->region;

	if (!str_set(region) && check->survey->arc_config)
		region = json_str(check->survey->arc_config, "AZURE_REGION");
	return str_set(region) && is_region(region) ? region : NULL;
}

/* The probes of one rule that have a host; the count. */
static size_t collect(struct check *check, bool needed, struct probe probes[])
{
	const char *region = region_of(check);
	size_t count = 0;

	for (size_t i = 0; i < countof(endpoints); i++) {
		const struct endpoint *endpoint = &endpoints[i];
		const char *pattern = endpoint->hosts[cloud_index(check->cloud)];
		const char *mark = pattern ? strstr(pattern, "%s") : NULL;
		autofree char *host = NULL;

		if (!pattern || endpoint->needed != needed ||
			(endpoint->arc && !check->survey->arc_config))
			continue;
		if (mark && !region) {
			check_unanswered(check,
				"endpoint <region>%s: region unknown, name it with --region, such "
				"as "
				"eastus2",
				mark + 2);
			continue;
		}
		host = mark ? xasprintf("%s%s", region, mark + 2) : xstrdup(pattern);
		probe_init(&probes[count++], endpoint, host);
	}
	return count;
}

/* Run side by side all probes that go through the proxy of probes[first], which is the first of them. */
static int run_group(
	struct check *check, struct probe probes[], size_t count, size_t first, struct error *err)
{
	CLEANUP(http_free_pointer)
	struct http *http = http_new(&(struct http_options){
		.user_agent = "kubectl-flux_arc",
		.proxy = probes[first].proxy,
		.connect_timeout_ms = ENDPOINT_CONNECT_MS,
	});

	for (size_t i = first; i < count; i++) {
		if (streq(probes[i].proxy, probes[first].proxy))
			http_add(http, &probes[i].call);
	}
	return http_run(http, check->app->kube->tick, check->app->kube->tick_ctx, err);
}

static bool first_of_group(const struct probe probes[], size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (streq(probes[i].proxy, probes[index].proxy))
			return false;
	}
	return true;
}

static void judge(struct check *check, const struct check_rule *rule, const struct probe *probe,
	size_t *reached)
{
	char *why = probe_failure(probe);

	if (!why) {
		(*reached)++;
		return;
	}
	check_found(check, rule, xasprintf("%s:443 (%s)", probe->host, probe->endpoint->purpose),
		why, xasprintf("curl -sSI https://%s/", probe->host));
}

static void rule_endpoints(struct check *check, const struct check_rule *rule)
{
	struct probe probes[countof(endpoints)];
	size_t count = collect(check, rule->which == 1, probes);
	size_t reached = 0;
	autoerror err = ERROR_INIT;

	app_progress(check->app, "asking %zu endpoints of Azure", count);
	for (size_t i = 0; i < count && err.kind == ERROR_NONE; i++) {
		if (first_of_group(probes, i))
			run_group(check, probes, count, i, &err);
	}
	for (size_t i = 0; i < count && err.kind == ERROR_NONE; i++)
		judge(check, rule, &probes[i], &reached);
	if (err.kind != ERROR_NONE)
		check_unanswered(check, "endpoints: %s", err.message);
	for (size_t i = 0; i < count; i++)
		probe_clear(&probes[i]);
	if (reached)
		check_passed(check, "%zu %s endpoints answer from here", reached,
			rule->which ? "needed" : "optional");
}
