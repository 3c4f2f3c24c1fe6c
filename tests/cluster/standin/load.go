// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	loadNamespaces = 50
	loadWorkers    = 8
)

// cmdLoad adds N HelmReleases of about 6 KB with status and managedFields; those that are there
// already stay. 0 removes them.
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
	db, err := newEtcd(fs.Lookup("env").Value.String())
	if err != nil {
		return err
	}
	kind := helmReleases
	if *release == "2.1" {
		kind.version = "v2beta1"
	}
	begin := time.Now()
	if n == 0 {
		if err := unload(ctx, c, db, kind); err != nil {
			return err
		}
		fmt.Printf("load: removed in %.0f s\n", time.Since(begin).Seconds())
		return nil
	}
	if err := loadAll(ctx, c, db, kind, n); err != nil {
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

// loadAll makes the first object through the API and copies it into etcd for all others: two API
// writes for each of 10,000 objects take minutes, and what is stored is the same.
func loadAll(ctx context.Context, c *client, db *etcd, kind kindRef, n int) error {
	err := parallel(ctx, loadNamespaces, func(ctx context.Context, i int) error {
		ns := object{"apiVersion": "v1", "kind": "Namespace",
			"metadata": object{"name": loadNamespace(i), "labels": object{loadLabel: "true"}}}
		_, err := c.apply(ctx, namespaces.path("", loadNamespace(i)), "load", ns)
		return err
	})
	if err != nil {
		return err
	}
	model, err := loadModel(ctx, c, kind)
	if err != nil {
		return err
	}
	have, err := db.keys(ctx, registryPrefix(kind)+"load-")
	if err != nil {
		return err
	}
	const batch = 50
	err = parallel(ctx, (n+batch-1)/batch, func(ctx context.Context, b int) error {
		pairs := map[string]object{}
		for i := b * batch; i < min(n, (b+1)*batch); i++ {
			o := loadObject(kind, i)
			k := registryPrefix(kind) + namespace(o) + "/" + name(o)
			if have[k] {
				continue
			}
			m := sub(o, "metadata")
			m["uid"], m["generation"], m["creationTimestamp"] = newUID(), 1, now()
			m["managedFields"] = list(model, "metadata", "managedFields")
			o["status"] = loadStatus(kind, o, i)
			pairs[k] = o
		}
		return db.put(ctx, pairs)
	})
	if err != nil {
		return err
	}
	return visible(ctx, c, kind, n)
}

// loadModel is object 0, written as the controllers write: its managedFields are everybody's.
func loadModel(ctx context.Context, c *client, kind kindRef) (object, error) {
	o := loadObject(kind, 0)
	made, err := c.do(ctx, "POST", kind.path(namespace(o), "")+"?fieldManager=kustomize-controller", typeJSON, o)
	if codeOf(err) == 409 {
		return c.get(ctx, kind.of(o))
	}
	if err != nil {
		return nil, err
	}
	made["status"] = loadStatus(kind, made, 0)
	if err := c.putStatus(ctx, kind.of(o), helmController, made); err != nil {
		return nil, err
	}
	return c.get(ctx, kind.of(o))
}

// visible waits until the API server's cache has object n-1.
func visible(ctx context.Context, c *client, kind kindRef, n int) error {
	last := loadObject(kind, n-1)
	return cached(ctx, c, kind.path(namespace(last), "")+"?resourceVersion=0&fieldSelector=metadata.name="+name(last), 1)
}

// cached polls a list from the cache until it has so many items.
func cached(ctx context.Context, c *client, path string, want int) error {
	for range 600 {
		l, err := c.get(ctx, path)
		if err == nil && len(list(l, "items")) == want {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		sleep(ctx, 300*time.Millisecond)
	}
	return fmt.Errorf("the API server's cache does not follow: %s", path)
}

// unload leaves the namespaces: fifty of them take a minute to go, and the next load wants them.
func unload(ctx context.Context, c *client, db *etcd, kind kindRef) error {
	if err := db.remove(ctx, registryPrefix(kind)+"load-"); err != nil {
		return err
	}
	// The events of one transaction come in the order of the keys.
	last := fmt.Sprintf("load-%02d", loadNamespaces-1)
	return cached(ctx, c, kind.path(last, "")+"?resourceVersion=0", 0)
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
