# SPDX-License-Identifier: Apache-2.0
# Writes OUTPUT, a header with the commit of SOURCE, when it changed: run at each build.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --exclude=* --abbrev=8
	OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
	set(commit unknown)
endif()
set(text "/* Generated at build time. */\n#define FLUX_ARC_COMMIT \"${commit}\"\n")
if(EXISTS ${OUTPUT})
	file(READ ${OUTPUT} before)
endif()
if(NOT "${before}" STREQUAL "${text}")
	file(WRITE ${OUTPUT} "${text}")
endif()
