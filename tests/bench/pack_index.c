/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Index a pack as the program does, and nothing else: `pack_index PACK [THREADS [read]]`; "read"
 * reads every object back, too. What `git index-pack` is compared with.
 */
#include "base/base.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/pack.h"

static int read_file(void *ctx, uint64_t offset, void *data, size_t len, struct error *err)
{
	const int *fd = ctx;

	if (pread(*fd, data, len, (off_t)offset) != (ssize_t)len)
		return error_set(err, ERROR_FAILED, "the file ends too early");
	return 0;
}

static int read_all(struct odb *odb, const struct pack *pack, struct error *err)
{
	autobuf content = BUF_INIT;

	for (uint32_t i = 0; i < pack_count(pack); i++) {
		enum object_type type;

		if (odb_read(odb, pack_oid(pack, i), &type, &content, err) < 0)
			return -1;
	}
	return 0;
}

static int run(int fd, unsigned threads, bool read_back, struct error *err)
{
	struct stat info;
	struct pack_bytes bytes = {.read = read_file, .ctx = &fd};
	struct pack_work work = {.threads = threads};
	struct pack *pack;
	autoodb *odb = odb_new();

	if (fstat(fd, &info) < 0)
		return error_set(err, ERROR_FAILED, "no such file");
	bytes.size = (uint64_t)info.st_size;
	if (pack_index(&bytes, NULL, &work, &pack, err) < 0)
		return -1;
	printf("%u objects\n", pack_count(pack));
	odb_add(odb, pack);
	return read_back ? read_all(odb, pack, err) : 0;
}

int main(int argc, char **argv)
{
	autoerror err = ERROR_INIT;
	int threads = argc > 2 ? atoi(argv[2]) : 2;
	int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1;

	if (fd < 0 || threads < 1) {
		fputs("usage: pack_index PACK [THREADS [read]]\n", stderr);
		return 2;
	}
	if (run(fd, (unsigned)threads, argc > 3, &err) == 0)
		return 0;
	fprintf(stderr, "error: %s\n", err.message);
	return 1;
}
