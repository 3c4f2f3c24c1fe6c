/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "kube/releases.h"

/*
 * From Microsoft's release notes of the extension. "-23" at the end of a tag is Microsoft's rebuild
 * of the same upstream version. 1.8.4 to 1.10.0 ship source-controller 1.2 beside Flux 2.1.
 */
/* clang-format off */
const struct extension_release extension_releases[] = {
	/* version, month, flux, source, kustomize, helm, notification, image-automation, image-reflector */
	{"1.24.1", "2026-08", "2.7.5", "1.7.4-23", "1.7.3-17", "1.4.5-16", "1.7.5-15", "1.0.4-16", "1.0.4-13"},
	{"1.24.0", "2026-07", "2.7.5", "1.7.4-20", "1.7.3-15", "1.4.5-15", "1.7.5-13", "1.0.4-15", "1.0.4-12"},
	{"1.23.3", "2026-07", "2.7.5", "1.7.4-16", "1.7.3-13", "1.4.5-13", "1.7.5-11", "1.0.4-13", "1.0.4-10"},
	{"1.23.1", "2026-06", "2.7.5", "1.7.4-13", "1.7.3-12", "1.4.5-11", "1.7.5-10", "1.0.4-12", "1.0.4-9"},
	{"1.23.0", "2026-06", "2.7.5", "1.7.4-10", "1.7.3-9", "1.4.5-8", "1.7.5-7", "1.0.4-9", "1.0.4-6"},
	{"1.22.2", "2026-05", "2.6.4", "1.6.4-19", "1.6.1-20", "1.3.2-11", "1.6.0-16", "0.41.2-19", "0.35.2-15"},
	{"1.22.1", "2026-05", "2.6.4", "1.6.4-14", "1.6.1-15", "1.3.2-8", "1.6.0-13", "0.41.2-14", "0.35.2-12"},
	{"1.21.1", "2026-04", "2.6.4", "1.6.4-13", "1.6.1-15", "1.3.2-8", "1.6.0-12", "0.41.2-14", "0.35.2-12"},
	{"1.21.0", "2026-04", "2.6.4", "1.6.4-8", "1.6.1-11", "1.3.2-6", "1.6.0-10", "0.41.2-11", "0.35.2-10"},
	{"1.20.4", "2026-03", "2.6.4", "1.6.4-7", "1.6.1-10", "1.3.2-5", "1.6.0-9", "0.41.2-10", "0.35.2-9"},
	{"1.19.5", "2026-02", "2.6.4", "1.6.4", "1.6.1", "1.3.2", "1.6.0", "0.41.2", "0.35.2"},
	{"1.18.5", "2025-12", "2.6.4", "1.6.4", "1.6.1", "1.3.2", "1.6.0", "0.41.2", "0.35.2"},
	{"1.18.4", "2025-11", "2.6.4", "1.6.4-2", "1.6.1-5", "1.3.2-2", "1.6.0-5", "0.41.2-5", "0.35.2-5"},
	{"1.18.2", "2025-10", "2.6.4", "1.6.3", "1.6.1", "1.3.1", "1.6.0", "0.41.2", "0.35.2"},
	{"1.17.3", "2025-09", "2.6.4", "1.6.2", "1.6.1", "1.3.0", "1.6.0", "0.41.2", "0.35.2"},
	{"1.17.2", "2025-08", "2.6.4", "1.6.2", "1.6.1", "1.3.0", "1.6.0", "0.41.2", "0.35.2"},
	{"1.16.12", "2025-07", "2.5.1", "1.5.0", "1.5.2", "1.2.0", "1.5.0", "0.40.0", "0.34.0"},
	{"1.16.8", "2025-06", "2.5.1", "1.5.0", "1.5.2", "1.2.0", "1.5.0", "0.40.0", "0.34.0"},
	{"1.16.3", "2025-05", "2.5.1", "1.5.0", "1.5.1", "1.2.0", "1.5.0", "0.40.0", "0.34.0"},
	{"1.16.2", "2025-03", "2.5.1", "1.5.0", "1.5.1", "1.2.0", "1.5.0", "0.40.0", "0.34.0"},
	{"1.16.1", "2025-03", "2.5.1", "1.5.0", "1.5.1", "1.2.0", "1.5.0", "0.40.0", "0.34.0"},
	{"1.15.2", "2025-05", "2.4.0", "1.4.1", "1.4.0", "1.1.0", "1.4.0", "0.39.0", "0.33.0"},
	{"1.15.1", "2025-02", "2.4.0", "1.4.1", "1.4.0", "1.1.0", "1.4.0", "0.39.0", "0.33.0"},
	{"1.14.1", "2025-01", "2.4.0", "1.4.1", "1.4.0", "1.1.0", "1.4.0", "0.39.0", "0.33.0"},
	{"1.13.1", "2024-10", "2.4.0", "1.4.1", "1.4.0", "1.1.0", "1.4.0", "0.39.0", "0.33.0"},
	{"1.13.0", "2024-10", "2.4.0", "1.4.1", "1.4.0", "1.1.0", "1.4.0", "0.39.0", "0.33.0"},
	{"1.12.0", "2024-09", "2.3.0", "1.3.0", "1.3.0", "1.0.1", "1.3.0", "0.38.0", "0.32.0"},
	{"1.11.1", "2024-08", "2.3.0", "1.3.0", "1.3.0", "1.0.1", "1.3.0", "0.38.0", "0.32.0"},
	{"1.10.0", "2024-06", "2.1.2", "1.2.5", "1.1.1", "0.36.2", "1.1.0", "0.36.1", "0.30.0"},
	{"1.9.1", "2024-04", "2.1.2", "1.2.5", "1.1.1", "0.36.2", "1.1.0", "0.36.1", "0.30.0"},
	{"1.8.4", "2024-04", "2.1.2", "1.2.5", "1.1.1", "0.36.2", "1.1.0", "0.36.1", "0.30.0"},
	{"1.8.3", "2024-03", "2.1.2", "1.1.2", "1.1.1", "0.36.2", "1.1.0", "0.36.1", "0.30.0"},
	{"1.8.2", "2024-02", "2.1.2", "1.1.2", "1.1.1", "0.36.2", "1.1.0", "0.36.1", "0.30.0"},
	{"1.8.1", "2023-11", "2.1.2", "1.1.2", "1.1.1", "0.36.2", "1.1.0", "0.36.1", "0.30.0"},
	{"1.8.0", "2023-10", "2.1.1", "1.1.1", "1.1.0", "0.36.1", "1.1.0", "0.36.1", "0.30.0"},
	{"1.7.8", "2023-10", "2.1.1", "1.1.1", "1.1.0", "0.36.1", "1.1.0", "0.36.1", "0.30.0"},
	{"1.7.7", "2023-09", "2.0.1", "1.0.1", "1.0.1", "0.35.0", "1.0.0", "0.35.0", "0.29.1"},
	{"1.7.6", "2023-08", "2.0.1", "1.0.1", "1.0.1", "0.35.0", "1.0.0", "0.35.0", "0.29.1"},
	{"1.7.5", "2023-08", "2.0.1", "1.0.1", "1.0.1", "0.35.0", "1.0.0", "0.35.0", "0.29.1"},
	{"1.7.4", "2023-06", "0.41.2", "0.36.1", "0.35.1", "0.31.2", "0.33.0", "0.31.0", "0.26.1"},
	{"1.7.3", "2023-04", "0.41.2", "0.36.1", "0.35.1", "0.31.2", "0.33.0", "0.31.0", "0.26.1"},
	{"1.7.0", "2023-03", "0.39.0", "0.34.0", "0.33.0", "0.29.0", "0.31.0", "0.29.0", "0.24.0"},
	{"1.6.4", "2023-02", "0.37.0", "0.32.1", "0.31.0", "0.27.0", "0.29.0", "0.27.0", "0.23.0"},
	{"1.6.3", "2022-12", "0.37.0", "0.32.1", "0.31.0", "0.27.0", "0.29.0", "0.27.0", "0.23.0"},
	{"1.6.1", "2022-10", "0.35.0", "0.30.1", "0.29.0", "0.25.0", "0.27.0", "0.26.0", "0.22.0"},
	{"1.6.0", "2022-09", "0.33.0", "0.28.0", "0.27.1", "0.23.1", "0.25.2", "0.24.2", "0.20.1"},
};

/*
 * Upstream. A minor of Flux fixes the minors of its controllers. Inferred, since no source at hand
 * says it: the whole row of 2.2 but its kinds, the image controllers of 2.8, and Kubernetes' minimum
 * of 2.2; the rest is from release notes and from what the extension ships.
 */
const struct flux_release flux_releases[] = {
	/* minor, source, kustomize, helm, notification, image-automation, image-reflector, Kubernetes, supported */
	{"2.9", "1.9", "1.9", "1.6", "1.9", "1.2", "1.2", "1.33", true},
	{"2.8", "1.8", "1.8", "1.5", "1.8", "1.1", "1.1", "1.33", true},
	{"2.7", "1.7", "1.7", "1.4", "1.7", "1.0", "1.0", "1.32", true},
	{"2.6", "1.6", "1.6", "1.3", "1.6", "0.41", "0.35", "1.31", false},
	{"2.5", "1.5", "1.5", "1.2", "1.5", "0.40", "0.34", "1.30", false},
	{"2.4", "1.4", "1.4", "1.1", "1.4", "0.39", "0.33", "1.28", false},
	{"2.3", "1.3", "1.3", "1.0", "1.3", "0.38", "0.32", "1.28", false},
	{"2.2", "1.2", "1.2", "0.37", "1.2", "0.37", "0.31", "1.26", false},
	{"2.1", "1.1", "1.1", "0.36", "1.1", "0.36", "0.30", "1.25", false},
	{"2.0", "1.0", "1.0", "0.35", "1.0", "0.35", "0.29", "1.24", false},
	{"0.41", "0.36", "0.35", "0.31", "0.33", "0.31", "0.26", "1.20", false},
};
/* clang-format on */

const size_t extension_releases_count = countof(extension_releases);
const size_t flux_releases_count = countof(flux_releases);

const char *extension_releases_as_of(void)
{
	return extension_releases[0].month;
}

const struct extension_release *extension_release_find(const char *version)
{
	for (size_t i = 0; version && i < extension_releases_count; i++)
		if (version_compare(extension_releases[i].version, version) == 0)
			return &extension_releases[i];
	return NULL;
}

/* Length of "1.24." in "1.24.1". */
static size_t minor_prefix(const char *version)
{
	size_t major = strcspn(version, ".") + 1;

	return version[major - 1] ? major + strcspn(version + major, ".") : major - 1;
}

static bool same_minor(const char *a, const char *b)
{
	size_t len = minor_prefix(a);

	return minor_prefix(b) == len && strncmp(a, b, len) == 0;
}

size_t extension_release_minors_behind(const char *version)
{
	const char *last = NULL;
	size_t count = 0;

	for (size_t i = 0; i < extension_releases_count; i++) {
		const char *other = extension_releases[i].version;

		if (same_minor(other, version) || version_compare(other, version) <= 0)
			return count;
		if (!last || !same_minor(last, other))
			count++;
		last = other;
	}
	return count;
}

static const char *minor_of(const struct flux_release *release, const char *controller)
{
	const struct {
		const char *controller, *minor;
	} columns[] = {
		{"source-controller", release->source},
		{"kustomize-controller", release->kustomize},
		{"helm-controller", release->helm},
		{"notification-controller", release->notification},
		{"image-automation-controller", release->image_automation},
		{"image-reflector-controller", release->image_reflector},
	};

	for (size_t i = 0; i < countof(columns); i++)
		if (streq(columns[i].controller, controller))
			return columns[i].minor;
	return NULL;
}

const struct flux_release *flux_release_of_image(const char *controller, const char *tag)
{
	if (!tag)
		return NULL;
	tag += *tag == 'v';
	for (size_t i = 0; i < flux_releases_count; i++) {
		const char *minor = minor_of(&flux_releases[i], controller);
		size_t len = minor ? strlen(minor) : 0;

		if (len > 0 && strncmp(tag, minor, len) == 0 && tag[len] == '.')
			return &flux_releases[i];
	}
	return NULL;
}

const struct flux_release *flux_release_of_version(const char *version)
{
	for (size_t i = 0; i < flux_releases_count; i++) {
		const char *minor = flux_releases[i].minor;
		size_t len = strlen(minor);

		if (strncmp(version, minor, len) == 0 && (version[len] == '.' || !version[len]))
			return &flux_releases[i];
	}
	return NULL;
}
