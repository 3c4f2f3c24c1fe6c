// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"path/filepath"
)

// cmdKinds makes one object of every kind that the healthy world lacks. They stand in a namespace
// of their own and only on request, since their controllers do not run there.
func cmdKinds(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("kinds", flag.ContinueOnError)
	api := apiFlags(fs)
	release := fs.String("flux", "2.7", "release of Flux: 2.7 or 2.1")
	data := fs.String("data", "", "directory of the recorded objects")
	remove := fs.Bool("remove", false, "delete them")
	if err := fs.Parse(args); err != nil {
		return err
	}
	c, err := api()
	if err != nil {
		return err
	}
	objs, err := readObjects(filepath.Join(*data, "kinds-"+*release+".jsonl"), map[string]string{"NOW": now()})
	if err != nil {
		return err
	}
	if !*remove {
		return create(ctx, c, objs)
	}
	for _, o := range objs {

		if _, err := c.do(ctx, "DELETE", pathOf(o), "", nil); err != nil && codeOf(err) != 404 {
			return err
		}
	}
	return nil
}
