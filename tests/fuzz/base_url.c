/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of kubeconfig files and of the proxy environment: any text is parsed or refused, never misread. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *)data, size);
	autofree char *rules = xstrndup((const char *)data, size / 2);
	autofree char *address = xasprintf("https://%s", text + strlen(rules));
	struct url url;

	if (url_parse(text, &url)) {
		autobuf host = BUF_INIT;

		url_host_port(&url, &host);
		if (!host.len || strpbrk(url.host, "/?#"))
			abort();
		url_clear(&url);
	}
	setenv("HTTPS_PROXY", "http://proxy", 1);
	setenv("NO_PROXY", rules, 1);
	if (url_parse(address, &url)) {
		autofree char *proxy = url_proxy_from_environment(&url);

		if (*proxy && !streq(proxy, "http://proxy"))
			abort();
		url_clear(&url);
	}
	return 0;
}
