// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"time"
)

var pods = kindRef{"", "v1", "pods", "Pod"}

// cmdHeal makes the world what it was: the installation's objects are applied again, those of the
// configuration get the spec of the data files and nothing else, pods that are not ready go, and
// every controller is asked to reconcile.
func cmdHeal(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("heal", flag.ContinueOnError)
	api := apiFlags(fs)
	data := fs.String("data", "", "directory of the recorded objects")
	gitURL := fs.String("git-url", "", "URL of the Git repository")
	if err := fs.Parse(args); err != nil {
		return err
	}
	c, err := api()
	if err != nil {
		return err
	}
	words := map[string]string{"GIT_URL": *gitURL, "NOW": now()}
	platform, err := readObjects(filepath.Join(*data, "platform.jsonl"), nil)
	if err != nil {
		return err
	}
	if err := create(ctx, c, platform); err != nil {
		return err
	}
	objs, err := readObjects(filepath.Join(*data, "azure-2.7.jsonl"), words)
	if err != nil {
		return err
	}
	for _, o := range objs {
		if err := restore(ctx, c, o); err != nil {
			return fmt.Errorf("%s %s: %w", str(o, "kind"), key(o), err)
		}
	}
	if err := deleteUnready(ctx, c); err != nil {
		return err
	}
	for _, k := range []kindRef{gitRepositories, kustomizations, helmRepositories, helmReleases} {
		if err := request(ctx, c, k); err != nil {
			return err
		}
	}
	return nil
}

// restore puts the spec of o in place of whatever is there. An apply would leave the fields that
// somebody else added, such as spec.suspend.
func restore(ctx context.Context, c *client, o object) error {
	var err error
	for range 50 {
		var have object
		have, err = c.get(ctx, pathOf(o))
		switch {
		case codeOf(err) == 404 || err == nil && o["spec"] == nil:
			return create(ctx, c, []object{clone(o)})
		case err != nil:
			return err
		case !deleting(have):
			have["spec"] = o["spec"]
			_, err = c.do(ctx, "PUT", pathOf(o)+"?fieldManager="+managerOf(o), typeJSON, have)
			if codeOf(err) != 409 {
				return err
			}
		default:
			err = fmt.Errorf("is still being deleted")
		}
		sleep(ctx, 200*time.Millisecond)
	}
	return err
}

func deleteUnready(ctx context.Context, c *client) error {
	for _, ns := range []string{fluxSystem, "azure-arc", "nginx", "podinfo", "redis"} {
		l, err := c.get(ctx, pods.path(ns, ""))
		if err != nil {
			return err
		}
		for _, v := range list(l, "items") {
			o, _ := v.(object)
			if ready(o) && !restarted(o) {
				continue
			}
			if _, err := c.do(ctx, "DELETE", pods.of(o)+"?gracePeriodSeconds=0", "", nil); err != nil && codeOf(err) != 404 {
				return err
			}
		}
	}
	return nil
}

// restarted pods were faked by a test: kwok restarts nothing.
func restarted(o object) bool {
	for _, v := range list(o, "status", "containerStatuses") {
		m, _ := v.(object)
		if num(m, "restartCount") > 0 || !flagSet(m, "ready") {
			return true
		}
	}
	return false
}

func request(ctx context.Context, c *client, k kindRef) error {
	l, err := c.get(ctx, k.path("", "")+"?labelSelector=%21"+loadLabel)
	if err != nil {
		return err
	}
	when := time.Now().UTC().Format(time.RFC3339Nano)
	for _, v := range list(l, "items") {
		o, _ := v.(object)
		patch := object{"metadata": object{"annotations": object{"reconcile.fluxcd.io/requestedAt": when}}}
		if _, err := c.merge(ctx, k.of(o), "flux", patch); err != nil && codeOf(err) != 404 {
			return err
		}
	}
	return nil
}
