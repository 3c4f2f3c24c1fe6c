/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

#include "base/alloc.h"
#include "bundle/canonical.h"

/* Where libgit2 reads objects. Errors of ours wait here until it has come back. */
struct backend {
	git_odb_backend parent; /* first: the address is the same */
	const struct canonical *canonical;
	struct buf content;
	struct error *err;
	bool failed;
};

struct build {
	const struct canonical *canonical;
	struct backend *backend; /* owned by the odb */
	git_odb *odb;
	git_repository *repository;
	git_config *config;
	git_packbuilder *builder;
};

/* libgit2's own failure, or ours that made it fail. */
static int failed(const struct build *build, struct error *err)
{
	const git_error *last = git_error_last();

	if (build->backend && build->backend->failed)
		return -1;
	return error_set(err, ERROR_FAILED, "libgit2: %s", last ? last->message : "no reason");
}

/* ---- reading */

static int read_object(git_odb_backend *parent, const git_oid *oid, size_t *len, git_object_t *ret)
{
	struct backend *backend = (struct backend *)parent;
	enum object_type type;
	struct oid name;

	memcpy(name.bytes, oid->id, OID_LEN);
	if (odb_read(backend->canonical->odb, &name, &type, &backend->content, backend->err) < 0) {
		backend->failed = true;
		return GIT_ERROR;
	}
	*len = backend->content.len;
	*ret = (git_object_t)type; /* the numbers are those of packs in both */
	return 0;
}

static int on_read(
	void **data, size_t *len, git_object_t *type, git_odb_backend *parent, const git_oid *oid)
{
	if (read_object(parent, oid, len, type) < 0)
		return GIT_ERROR;
	*data = git_odb_backend_data_alloc(parent, *len);
	if (!*data)
		return GIT_ERROR;
	memcpy(*data, ((struct backend *)parent)->content.ptr, *len);
	return 0;
}

static int on_read_header(
	size_t *len, git_object_t *type, git_odb_backend *parent, const git_oid *oid)
{
	return read_object(parent, oid, len, type);
}

static int on_exists(git_odb_backend *parent, const git_oid *oid)
{
	struct oid name;

	memcpy(name.bytes, oid->id, OID_LEN);
	return odb_has(((struct backend *)parent)->canonical->odb, &name);
}

static void on_free(git_odb_backend *parent)
{
	struct backend *backend = (struct backend *)parent;

	buf_clear(&backend->content);
	free(backend);
}

/* ---- building */

static int on_pack(void *data, size_t len, void *ctx)
{
	struct backend *backend = ctx;
	const struct canonical *canonical = backend->canonical;

	if (canonical->on_pack(canonical->ctx, data, len, backend->err) == 0)
		return 0;
	backend->failed = true;
	return GIT_EUSER;
}

static int on_progress(int stage, uint32_t done, uint32_t total, void *ctx)
{
	struct backend *backend = ctx;
	const struct canonical *canonical = backend->canonical;

	(void)stage;
	(void)done;
	(void)total;
	if (!canonical->tick || canonical->tick(canonical->ctx, backend->err) == 0)
		return 0;
	backend->failed = true;
	return GIT_EUSER;
}

static void build_clear(struct build *build)
{
	git_packbuilder_free(build->builder);
	git_repository_free(build->repository);
	git_config_free(build->config);
	git_odb_free(build->odb);
	git_libgit2_shutdown();
}

/*
 * A repository that is nothing but our objects, with an empty configuration: what the user has set
 * (pack.windowMemory, say) would show in the bytes.
 */
static int open_repository(struct build *build, struct error *err)
{
	struct backend *backend = xcalloc(1, sizeof(*backend));

	build->backend = backend;
	backend->canonical = build->canonical;
	backend->content = (struct buf)BUF_INIT;
	backend->err = err;
	if (git_odb_init_backend(&backend->parent, GIT_ODB_BACKEND_VERSION) < 0 ||
		git_odb_new(&build->odb) < 0) {
		on_free(&backend->parent);
		build->backend = NULL;
		return -1;
	}
	backend->parent.read = on_read;
	backend->parent.read_header = on_read_header;
	backend->parent.exists = on_exists;
	backend->parent.free = on_free;
	if (git_odb_add_backend(build->odb, &backend->parent, 1) < 0) {
		on_free(&backend->parent);
		build->backend = NULL;
		return -1;
	}
	if (git_repository_wrap_odb(&build->repository, build->odb) < 0 ||
		git_config_new(&build->config) < 0)
		return -1;
	return git_repository_set_config(build->repository, build->config);
}

static int insert(struct build *build, const struct canonical_order *order)
{
	for (size_t i = 0; i < order->count; i++) {
		const struct canonical_object *object = &order->items[i];
		git_oid oid;

		memcpy(oid.id, object->oid.bytes, OID_LEN);
		if (git_packbuilder_insert(
			    build->builder, &oid, *object->path ? object->path : NULL) < 0)
			return -1;
	}
	return 0;
}

int canonical_pack(const struct canonical *canonical, uint32_t *objects, struct error *err)
{
	CLEANUP(canonical_order_clear) struct canonical_order order = {0};
	CLEANUP(build_clear) struct build build = {.canonical = canonical};

	git_libgit2_init();
	/* Names were checked when the packs were indexed. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
	if (canonical_order(canonical, &order, err) < 0)
		return -1;
	if (open_repository(&build, err) < 0 ||
		git_packbuilder_new(&build.builder, build.repository) < 0)
		return failed(&build, err);
	git_packbuilder_set_threads(build.builder, 1);
	if (git_packbuilder_set_callbacks(build.builder, on_progress, build.backend) < 0 ||
		insert(&build, &order) < 0 ||
		git_packbuilder_foreach(build.builder, on_pack, build.backend) < 0)
		return failed(&build, err);
	*objects = (uint32_t)git_packbuilder_object_count(build.builder);
	return 0;
}
