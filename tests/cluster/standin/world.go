// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// readObjects reads one object a line; words maps placeholders such as @GIT_URL@.
func readObjects(path string, words map[string]string) ([]object, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var pairs []string
	for k, v := range words {
		pairs = append(pairs, "@"+k+"@", v)
	}
	replace := strings.NewReplacer(pairs...)
	var out []object
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		if o := decode([]byte(replace.Replace(s.Text()))); len(o) > 0 {
			out = append(out, o)
		}
	}
	return out, s.Err()
}

// managerOf is who writes such an object in a real cluster.
func managerOf(o object) string {
	switch str(o, "kind") {
	case "GitRepository", "Kustomization":
		if str(o, "metadata", "labels", "clusterconfig.azure.com/is-managed") != "" {
			return "fluxconfig-controller"
		}
		return "kustomize-controller"
	case "HelmChart":
		return helmController
	case "HelmRepository", "HelmRelease":
		return "kustomize-controller"
	case "FluxConfig":
		return "fluxconfig-agent"
	case "ExtensionConfig":
		return "config-agent"
	}
	return "helm"
}

// create applies objects in order, then their status where they bring one.
func create(ctx context.Context, c *client, objs []object) error {
	for _, o := range objs {
		status := o["status"]
		delete(o, "status")
		made, err := c.apply(ctx, pathOf(o), managerOf(o), o)
		if err != nil {
			return fmt.Errorf("%s %s: %w", str(o, "kind"), key(o), err)
		}
		if status == nil {
			continue
		}
		for _, v := range list(object{"status": status}, "status", "conditions") {
			if m, ok := v.(object); ok && m["observedGeneration"] != nil {
				m["observedGeneration"] = generation(made)
			}
		}
		// No resourceVersion: kwok may write the status of a node at the same time.
		patch := object{"status": status}
		if _, err := c.merge(ctx, pathOf(o)+"/status", statusManager(o), patch); err != nil {
			return fmt.Errorf("status of %s %s: %w", str(o, "kind"), key(o), err)
		}
	}
	return nil
}

func statusManager(o object) string {
	for _, k := range fluxKinds {
		if k.kind == str(o, "kind") && k.controller != "" {
			return k.controller
		}
	}
	return "kubectl"
}

func cmdWorld(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("world", flag.ContinueOnError)
	api := apiFlags(fs)
	release := fs.String("flux", "2.7", "release of Flux: 2.7 or 2.1")
	data := fs.String("data", "", "directory of the recorded objects")
	gitURL := fs.String("git-url", "", "URL of the Git repository")
	nodes := fs.Bool("nodes", false, "the nodes alone, which need a moment to become ready")
	if err := fs.Parse(args); err != nil {
		return err
	}
	c, err := api()
	if err != nil {
		return err
	}
	words := map[string]string{"GIT_URL": *gitURL, "NOW": now()}
	files := []string{"platform.jsonl", "azure-2.7.jsonl"}
	switch {
	case *nodes:
		files = []string{"nodes.jsonl"}
	case *release == "2.1":
		files = []string{"platform.jsonl", "workload-namespaces.jsonl", "workloads.jsonl", "flux-2.1.jsonl"}
	}
	if !*nodes {
		if err := nodesReady(ctx, c); err != nil {
			return err
		}
	}
	for _, f := range files {
		objs, err := readObjects(filepath.Join(*data, f), words)
		if err != nil {
			return err
		}
		for _, o := range objs {
			if *release == "2.1" {
				oldImages(o)
			}
		}
		if err := create(ctx, c, objs); err != nil {
			return err
		}
	}
	return nil
}

// nodesReady waits until pods can be scheduled, so that a healthy world begins without warnings.
func nodesReady(ctx context.Context, c *client) error {
	for range 300 {
		l, err := c.get(ctx, "/api/v1/nodes")
		able := 0
		for _, v := range list(l, "items") {
			if o, _ := v.(object); err == nil && ready(o) && len(list(o, "spec", "taints")) == 0 {
				able++
			}
		}
		if able > 0 && able == len(list(l, "items")) {
			return nil
		}
		if ctx.Err() != nil {
			break
		}
		sleep(ctx, 100*time.Millisecond)
	}
	return fmt.Errorf("the nodes do not become ready")
}

// Tags of extension 1.10.0, which shipped Flux 2.1.2.
var oldTags = strings.NewReplacer(
	"source-controller:v1.7.4-23", "source-controller:v1.2.5",
	"kustomize-controller:v1.7.3-17", "kustomize-controller:v1.1.1",
	"helm-controller:v1.4.5-16", "helm-controller:v0.36.2",
	"notification-controller:v1.7.5-15", "notification-controller:v1.1.0",
	"azurek8sflux/fluxconfig-agent:1.24.1", "azurek8sflux/fluxconfig-agent:1.10.0",
	"azurek8sflux/fluxconfig-controller:1.24.1", "azurek8sflux/fluxconfig-controller:1.10.0",
	"azurek8sflux/fluent-bit:1.24.1", "azurek8sflux/fluent-bit:1.10.0")

func oldImages(o object) {
	for _, v := range list(o, "spec", "template", "spec", "containers") {
		if m, ok := v.(object); ok {
			m["image"] = oldTags.Replace(str(m, "image"))
		}
	}
}

// cmdWait waits until every Kustomization, source and release is ready, every FluxConfig is
// compliant and every Deployment has its pods.
func cmdWait(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("wait", flag.ContinueOnError)
	api := apiFlags(fs)
	timeout := fs.Duration("timeout", time.Minute, "how long at most")
	release := fs.String("flux", "2.7", "release of Flux: 2.7 or 2.1")
	if err := fs.Parse(args); err != nil {
		return err
	}
	c, err := api()
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(*timeout); ; sleep(ctx, 300*time.Millisecond) {
		missing := unready(ctx, c, *release)
		if len(missing) == 0 {
			return nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return fmt.Errorf("not ready after %v:\n  %s", *timeout, strings.Join(missing, "\n  "))
		}
	}
}

func unready(ctx context.Context, c *client, release string) []string {
	var out []string
	count := func(k kindRef, least int, ok func(object) bool) {
		l, err := c.get(ctx, k.path("", "")+"?labelSelector=%21"+loadLabel)
		if err != nil {
			out = append(out, k.plural+": "+err.Error())
			return
		}
		items := list(l, "items")
		if len(items) < least {
			out = append(out, fmt.Sprintf("%s: %d of %d", k.plural, len(items), least))
		}
		for _, v := range items {
			if o, isObject := v.(object); isObject && !ok(o) {
				out = append(out, fmt.Sprintf("%s %s: %s", k.plural, key(o), str(condition(o, "Ready"), "message")))
			}
		}
	}
	replicas := func(o object) bool { return num(o, "status", "readyReplicas") >= num(o, "spec", "replicas") }
	count(deployments, 19, replicas)
	count(statefulSets, 2, replicas)
	if release == "2.1" {
		return out
	}
	settled := func(o object) bool {
		handled := requestedAt(o) == "" || requestedAt(o) == str(o, "status", "lastHandledReconcileAt")
		return suspended(o) || ready(o) && handled && num(o, "status", "observedGeneration") == generation(o)
	}
	count(gitRepositories, 1, settled)
	count(helmRepositories, 3, settled)
	count(helmCharts, 3, settled)
	count(helmReleases, 3, settled)
	count(kustomizations, 2, settled)
	count(fluxConfigs, 1, compliant)
	return out
}

func compliant(o object) bool {
	if str(o, "status", "managedStatuses", "gitRepository", "complianceState") != "Compliant" {
		return false
	}
	for _, v := range sub(o, "status", "managedStatuses", "kustomizations") {
		if m, _ := v.(object); str(m, "complianceState") != "Compliant" {
			return false
		}
	}
	return len(sub(o, "status", "managedStatuses", "kustomizations")) > 0
}
