/* SPDX-License-Identifier: Apache-2.0 */
/* Sources on top of what the other side has: as they are there, the difference, or whole. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "bundle/collect.h"

static bool same_refs(const struct refs *refs, const struct lock_git *git)
{
	if (refs->count != git->ref_count || !*git->bundle.text)
		return false;
	for (size_t i = 0; i < refs->count; i++)
		if (!streq(refs->items[i].name, git->refs[i].name) ||
			!oid_equal(&refs->items[i].oid, &git->refs[i].oid))
			return false;
	return true;
}

/* The base's objects are not here: they come from the same server, into the store. */
static int fetch_base(struct collect *collect, const struct fetch *of, const struct lock_git *git,
	struct base_objects *objects, struct error *err)
{
	autofetch fetch = {
		.store = of->store,
		.url = of->url,
		.credentials = of->credentials,
		.user_agent = of->user_agent,
		.fixed = git,
		.tick = of->tick,
		.on_progress = of->on_progress,
		.ctx = of->ctx,
		.prefixes = STRV_INIT,
	};

	if (fetch_open(&fetch, err) < 0 || fetch_run(&fetch, err) < 0)
		return -1;
	strv_pushf(&collect->warnings,
		"%s: the objects of the base were not here, so they were fetched too", of->url);
	collect->downloaded += fetch.recalled ? 0 : fetch.size;
	return base_objects_stored(of->store, &fetch.bundle, objects)
		       ? 0
		       : error_set(err, ERROR_FAILED, "the cache lost what was fetched");
}

/* Where the base cannot be had, the source is packed whole. */
static int use_base(struct collect *collect, struct fetch *fetch, const struct lock_git *git,
	struct base_objects *objects, struct error *err)
{
	autoerror why = ERROR_INIT;

	base_objects_find(collect->base, git, collect->store, objects);
	if (!objects->odb && fetch_base(collect, fetch, git, objects, &why) < 0) {
		if (os_interrupted())
			return error_move(err, &why);
		strv_pushf(&collect->warnings, "%s: packed whole, since its base cannot be had: %s",
			fetch->url, why.message);
		return 0;
	}
	fetch->base = git;
	fetch->base_odb = TAKE(objects->odb);
	fetch->base_packs = objects->packs;
	return 0;
}

static int note_base(struct collect *collect, const struct fetch *fetch, struct error *err)
{
	if (!fetch->base || !*fetch->base->bundle.text)
		return 0;
	return base_note(collect->store, &fetch->bundle, &fetch->base->bundle, err);
}

static void keep_as_it_is(
	struct collect *collect, const struct lock_git *base, struct collect_git *result)
{
	result->same = base;
	result->fetch.bundle = base->bundle;
	result->fetch.size = lock_blob(&collect->base->lock, &base->bundle)->size;
	base_findings(collect->base, base, &result->fetch.findings);
}

int collect_fetch(struct collect *collect, const struct plan_git *git, struct collect_git *result,
	struct error *err)
{
	CLEANUP(base_objects_clear) struct base_objects objects = {.odb = NULL};
	const struct lock_git *base = NULL;
	struct fetch *fetch = &result->fetch;
	int outcome;

	if (collect->history == HISTORY_TIP) {
		if (collect_tip_choose(result, git, err) < 0)
			return -1;
	} else {
		base = base_git(collect->base, git->url);
	}
	if (base && same_refs(&fetch->refs, base)) {
		keep_as_it_is(collect, base, result);
		return 0;
	}
	if (base && use_base(collect, fetch, base, &objects, err) < 0)
		return -1;
	outcome = fetch_run(fetch, err);
	/* It reads from the objects that end here. */
	odb_free(TAKE(fetch->base_odb));
	return outcome < 0 ? -1 : note_base(collect, fetch, err);
}
