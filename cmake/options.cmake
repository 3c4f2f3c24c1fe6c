# SPDX-License-Identifier: Apache-2.0
# Every flag of the build goes through one target, flux_arc_options, so that no variable of CMake's is edited.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(FLUX_ARC_SANITIZE "Address and undefined behaviour sanitizers" OFF)
option(FLUX_ARC_WERROR "Warnings are errors" OFF)
option(FLUX_ARC_HARDEN "Release hardening" OFF)
option(FLUX_ARC_FUZZ "Build fuzz targets with libFuzzer (clang)" OFF)

add_library(flux_arc_options INTERFACE)
target_include_directories(flux_arc_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(flux_arc_options INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
target_compile_options(flux_arc_options INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wwrite-strings -Wcast-qual
	-Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition -Wvla -Wundef
	$<$<BOOL:${FLUX_ARC_WERROR}>:-Werror>)
if(FLUX_ARC_SANITIZE)
	target_compile_options(flux_arc_options INTERFACE -fsanitize=address,undefined
		-fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(flux_arc_options INTERFACE -fsanitize=address,undefined)
endif()
if(FLUX_ARC_FUZZ)
	target_compile_options(flux_arc_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(FLUX_ARC_HARDEN)
	target_compile_options(flux_arc_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
		-fstack-protector-strong -fstack-clash-protection -fcf-protection)
	target_link_options(flux_arc_options INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
# CMake asks gcc for -flto, which links with one process and says so at every link.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	set(CMAKE_C_COMPILE_OPTIONS_IPO -flto=auto -fno-fat-lto-objects)
endif()
