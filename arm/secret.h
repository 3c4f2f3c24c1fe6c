/* SPDX-License-Identifier: Apache-2.0 */
/* Which members of a request's body are secret, so that they are shown nowhere. */
#ifndef ARM_SECRET_H
#define ARM_SECRET_H

#include "base/base.h"

struct json_object;

/* A copy with "(secret)" in place of every secret; `*found` (may be NULL) says whether there was one. */
struct json_object *arm_secret_hide(struct json_object *body, bool *found);

#endif
