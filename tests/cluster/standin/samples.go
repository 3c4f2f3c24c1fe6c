// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
)

func cmdKinds(context.Context, []string) error { return errors.New("not yet") }
