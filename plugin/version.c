/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/version.h"
#include "version_commit.h"

#if defined(__APPLE__)
#define SYSTEM "darwin"
#elif defined(_WIN32)
#define SYSTEM "windows"
#else
#define SYSTEM "linux"
#endif

#if defined(__x86_64__)
#define MACHINE "amd64"
#elif defined(__aarch64__)
#define MACHINE "arm64"
#elif defined(__arm__)
#define MACHINE "arm"
#elif defined(__i386__)
#define MACHINE "386"
#else
#define MACHINE "unknown"
#endif

#define NUMBER "v" FLUX_ARC_VERSION
#define PLATFORM SYSTEM "/" MACHINE

const char *version_number(void)
{
	return NUMBER;
}

const char *version_commit(void)
{
	return FLUX_ARC_COMMIT;
}

const char *version_platform(void)
{
	return PLATFORM;
}

const char *version_user_agent(void)
{
	return "kubectl-flux_arc/" NUMBER " (" PLATFORM ")";
}
