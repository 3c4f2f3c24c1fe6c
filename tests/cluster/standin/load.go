// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	loadNamespaces = 50
	loadWorkers    = 24
)

// cmdLoad adds N HelmReleases of about 6 KB with status and managedFields; those that are there
// already stay. 0 removes them all.
func cmdLoad(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("load", flag.ContinueOnError)
	api := apiFlags(fs)
	release := fs.String("flux", "2.7", "release of Flux: 2.7 or 2.1")
	if err := fs.Parse(args); err != nil {
		return err
	}
	n, err := strconv.Atoi(fs.Arg(0))
	if err != nil || n < 0 || n > 1000000 {
		return fmt.Errorf("%q is no number from 0 to 1000000", fs.Arg(0))
	}
	c, err := api()
	if err != nil {
		return err
	}
	kind := helmReleases
	if *release == "2.1" {
		kind.version = "v2beta1"
	}
	begin := time.Now()
	if n == 0 {
		if err := unload(ctx, c, kind); err != nil {
			return err
		}
		fmt.Printf("load: removed in %.0f s\n", time.Since(begin).Seconds())
		return nil
	}
	if err := loadAll(ctx, c, kind, n); err != nil {
		return err
	}
	fmt.Printf("load: %d HelmReleases in %.0f s\n", n, time.Since(begin).Seconds())
	return nil
}

func loadNamespace(i int) string { return fmt.Sprintf("load-%02d", i%loadNamespaces) }

// parallel runs work for 0..n-1 and returns the first error.
func parallel(ctx context.Context, n int, work func(context.Context, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var group sync.WaitGroup
	for range loadWorkers {
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := work(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

func loadAll(ctx context.Context, c *client, kind kindRef, n int) error {
	err := parallel(ctx, loadNamespaces, func(ctx context.Context, i int) error {
		ns := object{"apiVersion": "v1", "kind": "Namespace",
			"metadata": object{"name": loadNamespace(i), "labels": object{loadLabel: "true"}}}
		_, err := c.apply(ctx, namespaces.path("", loadNamespace(i)), "load", ns)
		return err
	})
	if err != nil {
		return err
	}
	var made atomic.Int64
	return parallel(ctx, n, func(ctx context.Context, i int) error {
		o := loadObject(kind, i)
		out, err := c.do(ctx, "POST", kind.path(namespace(o), "")+"?fieldManager=kustomize-controller", typeJSON, o)
		if codeOf(err) == 409 {
			return nil
		}
		if err != nil {
			return err
		}
		out["status"] = loadStatus(kind, out, i)
		if err := c.putStatus(ctx, kind.of(o), helmController, out); err != nil {
			return err
		}
		if m := made.Add(1); m%5000 == 0 {
			fmt.Fprintf(os.Stderr, "load: %d of %d\n", m, n)
		}
		return nil
	})
}

func unload(ctx context.Context, c *client, kind kindRef) error {
	return parallel(ctx, loadNamespaces, func(ctx context.Context, i int) error {
		long, cancel := context.WithTimeout(ctx, 5*time.Minute)
		defer cancel()
		r, err := c.open(long, "DELETE", kind.path(loadNamespace(i), ""), "", nil)
		if err != nil && codeOf(err) != 404 {
			return err
		}
		if err == nil {
			r.Close()
		}
		_, err = c.do(ctx, "DELETE", namespaces.path("", loadNamespace(i)), "", nil)
		if codeOf(err) == 404 {
			return nil
		}
		return err
	})
}

func loadObject(kind kindRef, i int) object {
	n := fmt.Sprintf("app-%06d", i)
	env := []any{}
	for j := range 26 {
		env = append(env, object{"name": fmt.Sprintf("SETTING_%02d", j),
			"value": "value-" + hexSum(n, strconv.Itoa(j))[:24]})
	}
	return object{"apiVersion": kind.apiVersion(), "kind": kind.kind,
		"metadata": object{"name": n, "namespace": loadNamespace(i),
			"labels": object{loadLabel: "true", "app.kubernetes.io/part-of": "load",
				"kustomize.toolkit.fluxcd.io/name": "load", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}},
		"spec": object{"interval": "10m0s", "releaseName": n, "targetNamespace": loadNamespace(i),
			"chart": object{"spec": object{"chart": "podinfo", "version": "6.14.1", "reconcileStrategy": "ChartVersion",
				"sourceRef": object{"kind": "HelmRepository", "name": "podinfo", "namespace": "cluster-config"}}},
			"install": object{"remediation": object{"retries": 3}},
			"values": object{"replicaCount": i % 3, "env": env,
				"ingress": object{"enabled": true, "className": "nginx", "hosts": []any{n + ".apps.contoso.test"}},
				"resources": object{"limits": object{"cpu": "500m", "memory": "256Mi"},
					"requests": object{"cpu": "10m", "memory": "32Mi"}}}}}
}

func loadStatus(kind kindRef, o object, i int) object {
	n, ns, when := name(o), namespace(o), now()
	message := fmt.Sprintf("Helm upgrade succeeded for release %s/%s.v3 with chart podinfo@6.14.1", ns, n)
	cond := func(t string) object {
		return object{"type": t, "status": "True", "reason": "UpgradeSucceeded", "message": message,
			"lastTransitionTime": when, "observedGeneration": generation(o)}
	}
	s := object{"conditions": []any{cond("Ready"), cond("Released")}, "helmChart": "cluster-config/" + ns + "-" + n,
		"lastAttemptedRevision": "6.14.1", "observedGeneration": generation(o)}
	if strings.HasPrefix(kind.version, "v2beta1") {
		s["lastAppliedRevision"], s["lastReleaseRevision"] = "6.14.1", 3
		s["lastAttemptedValuesChecksum"] = hexSum(n)[:40]
		return s
	}
	history := []any{}
	for v := 3; v >= 1; v-- {
		word := "superseded"
		if v == 3 {
			word = "deployed"
		}
		history = append(history, object{"apiVersion": "v2", "appVersion": "6.14.1", "chartName": "podinfo",
			"chartVersion": "6.14.1", "configDigest": "sha256:" + hexSum(n, "c", strconv.Itoa(v)),
			"digest": "sha256:" + hexSum(n, "d", strconv.Itoa(v)), "firstDeployed": when, "lastDeployed": when,
			"name": n, "namespace": ns, "status": word, "version": v})
	}
	maps.Copy(s, object{"history": history, "lastAttemptedConfigDigest": "sha256:" + hexSum(n, "c", "3"),
		"lastAttemptedGeneration": generation(o), "lastAttemptedReleaseAction": "upgrade",
		"lastAttemptedReleaseActionDuration": "5.343000626s", "storageNamespace": ns})
	return s
}
