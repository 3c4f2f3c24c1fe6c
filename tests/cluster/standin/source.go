// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	sourceController = "source-controller"
	artifactHost     = "http://source-controller.flux-system.svc.cluster.local./"
)

// sourcePlayer is source-controller for Git sources, and for charts as far as known.go goes.
type sourcePlayer struct {
	c       *client
	git     *store
	repos   *store
	charts  *store
	storage string
	seen    memories
}

func (p *sourcePlayer) round(ctx context.Context) {
	for _, o := range p.git.all() {
		p.one(ctx, gitRepositories, o, p.reconcileGit)
	}
	for _, o := range p.repos.all() {
		if str(o, "spec", "type") != "oci" { // static since Flux 2.2
			p.one(ctx, helmRepositories, o, p.reconcileRepo)
		}
	}
	for _, o := range p.charts.all() {
		p.one(ctx, helmCharts, o, p.reconcileChart)
	}
}

// one reconciles o when it is due. work returns the wanted status, and whether it was a success.
func (p *sourcePlayer) one(ctx context.Context, kind kindRef, o object,
	work func(context.Context, object) (object, bool)) {
	e, due := p.seen.due(o)
	if !due && !deleting(o) {
		return
	}
	if !finalize(ctx, p.c, kind, sourceController, o, nil) || suspended(o) {
		return
	}
	status, ok := work(ctx, o)
	if r := requestedAt(o); r != "" {
		status["lastHandledReconcileAt"] = r
	}
	if !writeStatus(ctx, p.c, kind, sourceController, o, status) {
		return
	}
	switch reason := str(newReady(status), "reason"); {
	case ok:
		e.done(o, duration(o, 10*time.Minute, "spec", "interval"))
	case reason == "SourceUnavailable" || reason == "NoSourceArtifact":
		e.waits(o)
	default:
		e.failed(o)
	}
}

func newReady(status object) object { return condition(object{"status": status}, "Ready") }

// writeStatus writes what differs; a conflict is left to the next round.
func writeStatus(ctx context.Context, c *client, kind kindRef, manager string, o, status object) bool {
	if equal(o["status"], status) {
		return true
	}
	n := clone(o)
	n["status"] = status
	err := c.putStatus(ctx, kind.of(o), manager, n)
	if err != nil && codeOf(err) != 409 && codeOf(err) != 404 {
		logf("status of %s %s: %v", kind.kind, key(o), err)
	}
	return err == nil
}

func statusOf(o object) object {
	if s := sub(o, "status"); s != nil {
		return clone(s)
	}
	return object{}
}

// fail writes the conditions of a source that could not be fetched: the last artifact stays, and
// observedGeneration keeps telling of the last success.
func failStatus(o object, reason, message string) object {
	s, c := statusOf(o), newConditions(o)
	progress := "building artifact"
	if seen := num(o, "status", "observedGeneration"); seen > 0 && seen != generation(o) {
		progress = fmt.Sprintf("processing object: new generation %d -> %d", seen, generation(o))
	}
	c.set("Reconciling", "True", "ProgressingWithRetry", progress)
	c.set("Ready", "False", reason, message)
	c.set("FetchFailed", "True", reason, message)
	c.keep("ArtifactInStorage")
	s["conditions"] = c.list()
	if s["observedGeneration"] == nil {
		s["observedGeneration"] = -1
	}
	return s
}

func successStatus(o object, reason, message string, artifact object) object {
	s, c := statusOf(o), newConditions(o)
	c.set("Ready", "True", reason, message)
	c.set("ArtifactInStorage", "True", reason, message)
	s["conditions"], s["artifact"], s["observedGeneration"] = c.list(), artifact, generation(o)
	return s
}

// warn makes no event of the moment in which a chart is younger than its repository.
func (p *sourcePlayer) warn(ctx context.Context, o object, reason, message string) {
	first := o["status"] == nil || len(list(o, "status", "conditions")) == 0
	if first && (reason == "SourceUnavailable" || reason == "NoSourceArtifact") {
		return
	}
	if str(condition(o, "Ready"), "message") != message {
		p.c.event(ctx, sourceController, o, "Warning", reason, message)
	}
}

func (p *sourcePlayer) reconcileGit(ctx context.Context, o object) (object, bool) {
	fail := func(reason, message string) (object, bool) {
		p.warn(ctx, o, reason, message)
		return failStatus(o, reason, message), false
	}
	if s := str(o, "spec", "secretRef", "name"); s != "" {
		if _, err := p.c.get(ctx, secrets.path(namespace(o), s)); codeOf(err) == 404 {
			text := fmt.Sprintf("failed to get secret '%s/%s': ", namespace(o), s)
			return fail("AuthenticationFailed", text+text+fmt.Sprintf("secrets %q not found", s))
		}
	}
	dir, err := os.MkdirTemp(p.storage, ".checkout-")
	if err != nil {
		return fail("StorageOperationFailed", err.Error())
	}
	defer os.RemoveAll(dir)
	c, err := fetchRef(ctx, o, dir)
	if err != nil {
		step := "unable to clone"
		if str(o, "status", "artifact", "revision") != "" {
			step = "unable to list remote for"
		}
		return fail("GitOperationFailed", fmt.Sprintf("failed to checkout and determine revision: %s '%s': %v",
			step, str(o, "spec", "url"), err))
	}
	message := fmt.Sprintf("stored artifact for revision '%s'", c.revision)
	path := fmt.Sprintf("gitrepository/%s/%s/%s.tar.gz", namespace(o), name(o), c.hash)
	file := filepath.Join(p.storage, path)
	if _, err := os.Stat(file); err == nil && str(o, "status", "artifact", "revision") == c.revision {
		return successStatus(o, "Succeeded", message, sub(o, "status", "artifact")), true
	}
	digest, size, err := pack(dir, file)
	if err != nil {
		return fail("StorageOperationFailed", err.Error())
	}
	p.c.event(ctx, sourceController, o, "Normal", "NewArtifact", fmt.Sprintf("stored artifact for commit '%s'", c.subject))
	return successStatus(o, "Succeeded", message, object{"digest": digest, "lastUpdateTime": now(), "path": path,
		"revision": c.revision, "size": size, "url": artifactHost + path}), true
}
