/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a bundle may hold, all in one place. A bundle from a stranger can ask for no more memory, disk
 * or time than these allow; each is far above what honest ones need, and an error that comes from one
 * names it.
 */
#ifndef BUNDLE_LIMITS_H
#define BUNDLE_LIMITS_H

#define KiB (1024UL)
#define MiB (1024UL * KiB)
#define GiB (1024ULL * MiB)

/* ---- the container */
#define LIMIT_LOCK (64 * MiB)      /* bytes of lock.json */
#define LIMIT_LOCK_ITEMS 2000000   /* elements of all its lists together */
#define LIMIT_INDEX (16 * MiB)     /* bytes of index.json */
#define LIMIT_SIGNATURE (64 * KiB) /* bytes of lock.json.sig */
#define LIMIT_BLOBS 200000         /* blobs of one bundle */
#define LIMIT_BLOB (1ULL << 44)    /* bytes of one blob: 16 TiB */
#define LIMIT_PARTS 9999           /* parts of one set */
#define LIMIT_PARTS_LIST (4 * MiB) /* bytes of parts.json */

/* ---- the content store under the user's cache directory: what is kept of what no run has used */
#define LIMIT_STORE (20 * GiB)       /* bytes */
#define LIMIT_STORE_DAYS INT64_C(90) /* since it was used last */

/* ---- Git */
#define LIMIT_GIT_SOURCES 10000       /* Git sources of one bundle */
#define LIMIT_GIT_NAME 200            /* bytes of a source's name in the lock */
#define LIMIT_GIT_REFS 1000000        /* refs of one remote or of one source */
#define LIMIT_GIT_REF_NAME 1024       /* bytes of a ref's name */
#define LIMIT_GIT_HEADER (128 * MiB)  /* bytes before the pack in a git bundle */
#define LIMIT_PACK_OBJECTS 50000000UL /* objects of one pack */
#define LIMIT_PACK_DELTAS 4096        /* deltas on top of each other; git makes 50, rarely 250 */
#define LIMIT_PACK_CONTENT (64 * GiB) /* bytes of all objects of a pack, or LIMIT_PACK_RATIO */
#define LIMIT_PACK_RATIO 20000        /* times its own bytes, whichever is more */
#define LIMIT_OBJECT (2 * GiB)        /* bytes of one blob that is only hashed on its way */
#define LIMIT_OBJECT_HELD \
	(512 * MiB)                /* bytes of one object that has to be held: a delta's base or
					 result, a tree, a commit */
#define LIMIT_TAG_DEPTH 100        /* tags that name tags */
#define LIMIT_TREE_DEPTH 1024      /* folders within folders */
#define LIMIT_PATH 4096            /* bytes of a path */
#define LIMIT_TREE_FILES 5000000UL /* files of one working tree */
#define LIMIT_SUBMODULES 1000      /* of one source, nested ones counted */

/* ---- remotes */
#define LIMIT_ADVERTISEMENT (256 * MiB)       /* bytes of a server's list of refs */
#define LIMIT_REMOTE_MESSAGE (64 * KiB)       /* of one error or progress text of a server */
#define LIMIT_REMOTE_PROGRESS (64 * MiB)      /* of all progress texts of one transfer */
#define LIMIT_REMOTE_WAIT_MS (60 * 60 * 1000) /* of progress without a byte of the pack */
#define LIMIT_CREDENTIALS 1000                /* rows of --credentials */
#define LIMIT_CREDENTIALS_FILE (1 * MiB)      /* bytes of it, and of each file that it names */
#define LIMIT_RECEIPT (128 * MiB)             /* bytes of a receipt */
#define LIMIT_TRUST_FILE (4 * MiB)            /* bytes of an allowed_signers file */

/* ---- charts and artifacts: source-controller's own limits for the first two */
#define LIMIT_CHART_INDEX (50 * MiB)
#define LIMIT_CHART (10 * MiB)
#define LIMIT_IGNORE_RULES 10000    /* of one repository's .sourceignore files */
#define LIMIT_IGNORE_RULE 1024      /* bytes of one */
#define LIMIT_IGNORE_FILE (4 * MiB) /* bytes of one file */
#define LIMIT_ARTIFACT (4 * GiB)

/* ---- the snapshot */
#define LIMIT_SNAPSHOT (16 * GiB)       /* bytes of one list after inflation */
#define LIMIT_SNAPSHOT_INDEX (32 * MiB) /* bytes of its index after inflation */
#define LIMIT_SNAPSHOT_LINE (2 * MiB)   /* bytes of one line of its index */
#define LIMIT_SNAPSHOT_ANSWERS 10000    /* lines of its index */

#endif
