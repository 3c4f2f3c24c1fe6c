/* SPDX-License-Identifier: Apache-2.0 */
/* What a path of the Kubernetes API names. */
#ifndef KUBE_PATH_H
#define KUBE_PATH_H

#include "base/base.h"

/* "/apis/GROUP/VERSION[/namespaces/NAMESPACE]/PLURAL[/NAME[/SUBRESOURCE]]", percent-decoded; all
 * owned. `group` is "" for core; NULL: that part is not there. */
struct kube_path {
	char *group, *version, *namespace, *plural, *name, *subresource;
};
#define KUBE_PATH_INIT        \
	{                     \
		.group = NULL \
	}
#define autokubepath CLEANUP(kube_path_clear) struct kube_path

/* False for a path of no resource ("/version", "/apis/GROUP"); what `ret` held is released. */
bool kube_path_parse(const char *path, struct kube_path *ret);
void kube_path_clear(struct kube_path *path);

#endif
