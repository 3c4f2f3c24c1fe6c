/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recording by itself, for tests/snapshot:
 *
 *	probe KUBECONFIG OUTPUT [--values] [--logs LINES] [NAMESPACE...]
 *
 * Writes the snapshot to OUTPUT and says on stdout what was read, a line each.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/snapshot.h"
#include "kube/config.h"

static int copy_out(const struct store *store, const struct sha256_text *digest, uint64_t size,
	const char *path, struct error *err)
{
	autofd from = -1;
	struct file_output output;

	if (store_read(store, digest, &from, err) < 0 || file_output_begin(path, &output, err) < 0)
		return -1;
	if (file_copy(from, 0, size, output.fd, path, err) < 0) {
		file_output_abandon(&output);
		return -1;
	}
	return file_output_end(&output, err);
}

static int record(const struct kube_flags *flags, const struct snapshot_options *options,
	const char *path, struct error *err)
{
	CLEANUP(kube_target_clear) struct kube_target target = KUBE_TARGET_INIT;
	CLEANUP(kube_free_pointer) struct kube *kube = NULL;
	CLEANUP(snapshot_report_clear) struct snapshot_report report = SNAPSHOT_REPORT_INIT;
	autostore *store = NULL;

	if (kube_target_resolve(flags, &target, err) < 0 || store_open(&store, err) < 0)
		return -1;
	kube = kube_live_new(&target, "kubectl-flux-arc tests");
	if (snapshot_record(kube, options, store, &report, err) < 0)
		return -1;
	printf("digest %s\nsize %llu\nobjects %llu\nevents %llu\nlogs %llu\nredacted %llu\n",
		report.digest.text, (unsigned long long)report.size,
		(unsigned long long)report.objects, (unsigned long long)report.events,
		(unsigned long long)report.logs, (unsigned long long)report.redacted);
	for (size_t i = 0; i < report.unread.len; i++)
		printf("unread %s\n", report.unread.items[i]);
	return copy_out(store, &report.digest, report.size, path, err);
}

int main(int argc, char **argv)
{
	struct kube_flags flags = {.as_groups = STRV_INIT, .as_extra = STRV_INIT};
	autostrv namespaces = STRV_INIT;
	struct snapshot_options options = {.namespaces = &namespaces};
	autoerror err = ERROR_INIT;

	os_prepare();
	if (argc < 3)
		return 2;
	flags.kubeconfig = argv[1];
	for (int i = 3; i < argc; i++) {
		if (streq(argv[i], "--values"))
			options.include_values = true;
		else if (streq(argv[i], "--logs") && i + 1 < argc)
			options.log_lines = (int)strtol(argv[++i], NULL, 10);
		else
			strv_push(&namespaces, argv[i]);
	}
	if (record(&flags, &options, argv[2], &err) == 0)
		return 0;
	fprintf(stderr, "error: %s\n", err.message);
	return error_exit_status(err.kind);
}
