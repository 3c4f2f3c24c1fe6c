// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

const fluxconfigController = "fluxconfig-controller"

// azurePlayer is what fluxconfig-controller and fluxconfig-agent write: the status of every
// FluxConfig, derived from the conditions of its source and Kustomizations. It makes nothing
// again that was deleted or changed: tests want to see such a difference.
type azurePlayer struct {
	c                       *client
	configs, sources, ks    *store
	releases, repos, charts *store
	deploys                 *store
}

func (p *azurePlayer) round(ctx context.Context) {
	if !running(p.deploys, fluxconfigController) {
		return
	}
	for _, o := range p.configs.all() {
		if deleting(o) {
			continue
		}
		status := p.status(o)
		writeStatus(ctx, p.c, fluxConfigs, fluxconfigController, o, status)
	}
}

func (p *azurePlayer) status(o object) object {
	s := statusOf(o)
	source := p.sources.get(namespace(o), name(o))
	kinds, done := object{}, []any{}
	bad := false
	for _, v := range list(o, "spec", "kustomizations") {
		spec, _ := v.(object)
		full := name(o) + "-" + str(spec, "name")
		k := p.ks.get(namespace(o), full)
		st := compliance(k)
		st["childStatuses"] = p.children(k)
		kinds[namespace(o)+"/"+full] = st
		if st["complianceState"] == "Compliant" {
			done = append(done, full)
		} else {
			bad = true
		}
	}
	managed := object{"gitRepository": compliance(source), "kustomizations": kinds}
	if s["lastConfigUpdateTime"] == nil || num(o, "status", "observedGeneration") != generation(o) {
		s["lastConfigUpdateTime"] = now()
	}
	if a := sub(source, "status", "artifact"); a != nil {
		s["lastSyncedCommit"], s["lastSourceSyncedTime"] = str(a, "revision"), str(a, "lastUpdateTime")
	}
	if !bad && ready(source) {
		s["lastSucceededGeneration"], s["lastSucceededKustomizations"] = generation(o), done
		s["provisioningState"] = "Succeeded"
	} else if s["provisioningState"] == nil {
		s["provisioningState"] = "Creating"
	}
	changed := !equal(s["managedStatuses"], managed)
	s["managedStatuses"], s["observedGeneration"] = managed, generation(o)
	p.dataplane(s, changed)
	return s
}

// dataplane is the agent's part: it tells Azure after a change, and every ten minutes.
func (p *azurePlayer) dataplane(s object, changed bool) {
	last, _ := time.Parse(time.RFC3339, str(s, "dataplaneStatus", "lastSyncedTime"))
	switch {
	case !running(p.deploys, "fluxconfig-agent"):
		if changed {
			s["dataplaneStatus"] = object{"isSyncedWithAzure": false,
				"lastSyncedTime": str(s, "dataplaneStatus", "lastSyncedTime")}
		}
	case changed || time.Since(last) > 10*time.Minute || !flagSet(s, "dataplaneStatus", "isSyncedWithAzure"):
		s["dataplaneStatus"] = object{"isSyncedWithAzure": true, "lastSyncedTime": now()}
	}
}

// compliance says in Azure's words how an object of Flux is.
func compliance(o object) object {
	if o == nil {
		return object{"complianceState": "Pending", "conditions": []any{}, "message": "Resource not found"}
	}
	conds := []any{}
	for _, v := range list(o, "status", "conditions") {
		if m, ok := v.(object); ok {
			m = clone(m)
			delete(m, "observedGeneration")
			conds = append(conds, m)
		}
	}
	r := condition(o, "Ready")
	state, message := "Pending", str(r, "message")
	switch {
	case suspended(o):
		state, message = "Suspended", "Resource is Suspended"
	case str(r, "status") == "True":
		state, message = "Compliant", "Resource is Ready"
	case str(r, "status") == "False":
		state = "Non-Compliant"
	}
	return object{"complianceState": state, "conditions": conds, "message": message}
}

// children are the Flux objects in the inventory of a Kustomization.
func (p *azurePlayer) children(k object) object {
	out := object{}
	for _, kind := range []string{"bucket", "gitRepository", "helmChart", "helmRelease", "helmRepository", "kustomization"} {
		out[kind] = object{}
	}
	for _, v := range list(k, "status", "inventory", "entries") {
		e, _ := v.(object)
		part := strings.Split(str(e, "id"), "_")
		if len(part) != 4 {
			continue
		}
		kind, from := "", (*store)(nil)
		switch part[3] {
		case "HelmRelease":
			kind, from = "helmRelease", p.releases
		case "HelmRepository":
			kind, from = "helmRepository", p.repos
		default:
			continue
		}
		o := from.get(part[0], part[1])
		st := compliance(o)
		if kind == "helmRelease" && o != nil {
			st["helmReleaseProperties"] = releaseProperties(o)
		}
		out[kind].(object)[fmt.Sprintf("%s/%s", part[0], part[1])] = st
	}
	return out
}

func releaseProperties(o object) object {
	props := object{"helmChart": str(o, "status", "helmChart")}
	if h := list(o, "status", "history"); len(h) > 0 {
		if m, ok := h[0].(object); ok {
			props["lastReleaseRevision"] = num(m, "version")
		}
	}
	return props
}
