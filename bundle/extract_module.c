/* SPDX-License-Identifier: Apache-2.0 */
/* Submodules that the bundle holds as sources of their own. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/extract_private.h"
#include "bundle/limits.h"
#include "bundle/object.h"

static void add(struct extract_modules *modules, char *path, struct source *source)
{
	modules->items = xreallocarray(modules->items, modules->count + 1, sizeof(*modules->items));
	modules->items[modules->count++] = (struct extract_module){path, source};
}

void extract_modules_begin(
	struct extract_modules *modules, struct extract *extract, struct source *top)
{
	*modules = (struct extract_modules){.extract = extract};
	add(modules, xstrdup(""), top);
}

void extract_modules_clear(struct extract_modules *modules)
{
	for (size_t i = 0; i < modules->count; i++) {
		source_free(modules->items[i].source);
		free(modules->items[i].path);
	}
	free(modules->items);
}

/* `path` below `above`, without the slash between; NULL if it is not. */
static const char *below(const char *above, const char *path)
{
	size_t len = strlen(above);

	if (!len)
		return path;
	return starts_with(path, above) && path[len] == '/' ? path + len + 1 : NULL;
}

/* The module that is opened there, or else the nearest one above. */
static struct extract_module *nearest(const struct extract_modules *modules, const char *path)
{
	for (size_t i = modules->count; i > 0; i--)
		if (streq(modules->items[i - 1].path, path) ||
			below(modules->items[i - 1].path, path))
			return &modules->items[i - 1];
	return NULL;
}

/* The source that has this commit for the submodule, by what the lock says; NULL: it is not packed. */
static const struct lock_git *find(const struct extract_modules *modules,
	const struct extract_module *above, const char *path, const struct oid *commit)
{
	const struct lock_git *git = above->source->git;
	const char *name = below(above->path, path);

	for (size_t i = 0; i < git->submodule_count; i++) {
		const struct lock_submodule *submodule = &git->submodules[i];

		if (submodule->source && streq(submodule->path, name) &&
			oid_equal(&submodule->oid, commit))
			return lock_git_find(&modules->extract->bundle->lock, submodule->source);
	}
	return NULL;
}

int extract_module_open(void *ctx, const char *path, const struct oid *commit, struct odb **odb,
	struct oid *tree, struct error *err)
{
	struct extract_modules *modules = ctx;
	struct extract_module *module = nearest(modules, path);
	struct commit parsed;

	if (!streq(module->path, path)) {
		const struct lock_git *git = find(modules, module, path, commit);
		struct source *source;

		if (!git)
			return 0;
		if (modules->count > LIMIT_SUBMODULES)
			return error_set(
				err, ERROR_DAMAGED, "more than %d submodules", LIMIT_SUBMODULES);
		if (extract_source(modules->extract, git, &source, err) < 0)
			return -1;
		add(modules, xstrdup(path), source);
		module = &modules->items[modules->count - 1];
	}
	if (odb_commit(module->source->odb, commit, &parsed, err) < 0)
		return error_wrap(err, "submodule '%s'", path);
	*tree = parsed.tree;
	*odb = module->source->odb;
	commit_clear(&parsed);
	return 1;
}
