/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/get.h"

void get_list_init(const struct get *get, const struct get_target *target, struct kind_list *list)
{
	*list = (struct kind_list)KIND_LIST_INIT;
	list->kind = target->kind;
	list->namespace = target->namespace;
	list->name = target->name;
	list->request.label_selector = get->opts->selector;
	list->request.field_selector = get->opts->field_selector;
	/* As kubectl: what has to be held to be sorted is not asked for in pages. */
	if (!target->name && !get->sort)
		list->request.chunk_size = get->opts->chunk_size;
}

bool get_state_wanted(const struct get *get, const struct kind *kind, struct json_object *object)
{
	struct state_reading reading;

	if (!get->states)
		return true;
	object_state_read(kind, object, get->app->kube->now, &reading);
	return (get->states >> reading.state) & 1;
}

bool get_name_wanted(const struct get_target *target, const char *name)
{
	static const char *const owners[] = {".fluxcd.io", ".fluxcd.controlplane.io",
		".clusterconfig.azure.com", ".arc.azure.com"};

	if (target->kind->family != FAMILY_CRD || target->name)
		return true;
	for (size_t i = 0; name && i < countof(owners); i++)
		if (ends_with(name, owners[i]))
			return true;
	return false;
}
