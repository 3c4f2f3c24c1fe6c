// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

const helmController = "helm-controller"

// releasePlayer is helm-controller: it makes HelmCharts as the real one, installs the recorded
// workloads of the known charts, and writes the status that helm-controller 1.4 writes.
type releasePlayer struct {
	c         *client
	releases  *store
	charts    *store
	workloads []object
	seen      memories
}

func (p *releasePlayer) round(ctx context.Context) {
	for _, o := range p.releases.all() {
		e, due := p.seen.due(o)
		if !due && !deleting(o) {
			continue
		}
		if !finalize(ctx, p.c, helmReleases, helmController, o, func() { p.uninstall(ctx, o) }) || suspended(o) {
			continue
		}
		p.reconcile(ctx, o, e)
	}
}

func chartKey(o object) (ns, n string) {
	ns = str(o, "spec", "chart", "spec", "sourceRef", "namespace")
	if ns == "" {
		ns = namespace(o)
	}
	return ns, namespace(o) + "-" + name(o)
}

func (p *releasePlayer) reconcile(ctx context.Context, o object, e *memory) {
	o = clone(o) // the history is edited below
	chart, reason, message := p.prepare(ctx, o)
	var status object
	ok := false
	switch {
	case chart == nil:
		status = p.failure(o, reason, message)
	default:
		if err := p.install(ctx, o); err != nil {
			// Nothing more is tried after a stall until the spec changes or somebody asks.
			status, ok = p.helmFailure(o, chart, err)
			break
		}
		status, ok = p.success(ctx, o, chart), true
	}
	if r := requestedAt(o); r != "" {
		status["lastHandledReconcileAt"] = r
	}
	if !writeStatus(ctx, p.c, helmReleases, helmController, o, status) {
		return
	}
	switch {
	case ok:
		e.done(o, duration(o, 10*time.Minute, "spec", "interval"))
	case reason == "SourceNotReady" || reason == "DependencyNotReady":
		e.waits(o)
	default:
		e.failed(o)
	}
}

func target(o object) string {
	if t := str(o, "spec", "targetNamespace"); t != "" {
		return t
	}
	return namespace(o)
}

func releaseName(o object) string {
	if r := str(o, "spec", "releaseName"); r != "" {
		return r
	}
	if t := str(o, "spec", "targetNamespace"); t != "" {
		return t + "-" + name(o)
	}
	return name(o)
}

// prepare does what comes before Helm: dependencies, chart, values. A nil chart has a reason.
func (p *releasePlayer) prepare(ctx context.Context, o object) (chart object, reason, message string) {
	for _, v := range list(o, "spec", "dependsOn") {
		d, _ := v.(object)
		ns := str(d, "namespace")
		if ns == "" {
			ns = namespace(o)
		}
		dep := p.releases.get(ns, str(d, "name"))
		if dep == nil {
			return nil, "DependencyNotReady", fmt.Sprintf("unable to get '%s/%s' dependency: helmreleases.%s %q not found",
				ns, str(d, "name"), helmReleases.group, str(d, "name"))
		}
		if !ready(dep) || num(dep, "status", "observedGeneration") != generation(dep) {
			return nil, "DependencyNotReady", fmt.Sprintf("dependency '%s/%s' is not ready", ns, str(d, "name"))
		}
	}
	chart, message = p.chart(ctx, o)
	if chart == nil {
		return nil, "SourceNotReady", message
	}
	for _, v := range list(o, "spec", "valuesFrom") {
		d, _ := v.(object)
		kind := map[string]kindRef{"ConfigMap": configMaps, "Secret": secrets}[str(d, "kind")]
		if kind.plural == "" || flagSet(d, "optional") {
			continue
		}
		if _, err := p.c.get(ctx, kind.path(namespace(o), str(d, "name"))); codeOf(err) == 404 {
			return nil, "ValuesError", fmt.Sprintf("could not resolve %s chart values reference '%s/%s' with key "+
				"'values.yaml': %s %q not found", kind.kind, namespace(o), str(d, "name"), kind.plural, str(d, "name"))
		}
	}
	return chart, "", ""
}

// chart applies the HelmChart of a release and returns it once it is ready.
func (p *releasePlayer) chart(ctx context.Context, o object) (object, string) {
	ns, n := chartKey(o)
	spec := sub(o, "spec", "chart", "spec")
	if spec == nil {
		return nil, "spec.chartRef is not played in the test cluster"
	}
	want := object{"chart": str(spec, "chart"), "reconcileStrategy": "ChartVersion",
		"interval":  duration(o, 10*time.Minute, "spec", "interval").String(),
		"sourceRef": object{"kind": str(spec, "sourceRef", "kind"), "name": str(spec, "sourceRef", "name")}}
	want["version"] = "*"
	if v := str(spec, "version"); v != "" {
		want["version"] = v
	}
	have := p.charts.get(ns, n)
	made := have == nil
	if made || !equal(have["spec"], want) {
		applied, err := p.c.apply(ctx, helmCharts.path(ns, n), helmController, object{
			"apiVersion": helmCharts.apiVersion(), "kind": helmCharts.kind, "spec": want,
			"metadata": object{"name": n, "namespace": ns, "labels": object{
				"helm.toolkit.fluxcd.io/name": name(o), "helm.toolkit.fluxcd.io/namespace": namespace(o)}}})
		if err != nil {
			return nil, err.Error()
		}
		have = applied
		if made {
			p.c.event(ctx, helmController, o, "Normal", "HelmChartCreated",
				fmt.Sprintf("Created HelmChart/%s/%s with SourceRef '%s/%s/%s'", ns, n,
					str(spec, "sourceRef", "kind"), ns, str(spec, "sourceRef", "name")))
		}
	}
	if num(have, "status", "observedGeneration") != generation(have) {
		return nil, fmt.Sprintf("HelmChart '%s/%s' is not ready: latest generation of object has not been reconciled", ns, n)
	}
	if !ready(have) {
		return nil, fmt.Sprintf("HelmChart '%s/%s' is not ready: %s", ns, n, str(condition(have, "Ready"), "message"))
	}
	return have, ""
}

func (p *releasePlayer) action(o object) string {
	if len(list(o, "status", "history")) == 0 {
		return "install"
	}
	return "upgrade"
}

// failure is the status of what went wrong before Helm; it keeps what a working release had.
func (p *releasePlayer) failure(o object, reason, message string) object {
	s, c := statusOf(o), newConditions(o)
	c.set("Reconciling", "True", "Progressing", "Fulfilling prerequisites")
	c.set("Ready", "False", reason, message)
	c.keep("Released")
	s["conditions"] = c.list()
	ns, n := chartKey(o)
	s["helmChart"] = ns + "/" + n
	if s["observedGeneration"] == nil {
		s["observedGeneration"] = -1
	}
	return s
}

// helmFailure is the status of a Helm action that failed. Once the retries of the spec are used
// up the release is stalled, which the second result says.
func (p *releasePlayer) helmFailure(o, chart object, err error) (object, bool) {
	action, reason := p.action(o), "InstallFailed"
	if action == "upgrade" {
		reason = "UpgradeFailed"
	}
	message := fmt.Sprintf("Helm %s failed for release %s/%s with chart %s@%s: %v", action, target(o), releaseName(o),
		str(chart, "status", "observedChartName"), str(chart, "status", "artifact", "revision"), err)
	if str(condition(o, "Ready"), "message") != message {
		p.c.event(context.Background(), helmController, o, "Warning", reason, message)
	}
	s, c := p.failure(o, reason, message), newConditions(o)
	failures := int64(1)
	if num(o, "status", "lastAttemptedGeneration") == generation(o) {
		failures += num(o, "status", "failures")
	}
	s["failures"], s[action+"Failures"] = failures, failures
	s["lastAttemptedGeneration"], s["lastAttemptedReleaseAction"] = generation(o), action
	stalled := failures > num(o, "spec", action, "remediation", "retries")
	if stalled {
		c.set("Stalled", "True", "RetriesExceeded", fmt.Sprintf("Failed to %s after %d attempt(s)", action, failures))
		s["observedGeneration"] = generation(o)
	} else {
		c.set("Reconciling", "True", "ProgressingWithRetry", message)
	}
	c.set("Ready", "False", reason, message)
	c.set("Released", "False", reason, message)
	s["conditions"] = c.list()
	return s, stalled
}

func (p *releasePlayer) success(ctx context.Context, o, chart object) object {
	s, c := statusOf(o), newConditions(o)
	chartName, version := str(chart, "status", "observedChartName"), str(chart, "status", "artifact", "revision")
	values, _ := json.Marshal(dig(o, "spec", "values"))
	config := "sha256:" + hexSum("values", string(values))
	history := list(o, "status", "history")
	last, _ := any(nil), 0
	if len(history) > 0 {
		last = history[0]
	}
	prev, _ := last.(object)
	if prev == nil || str(prev, "chartVersion") != version || str(prev, "configDigest") != config {
		prev = p.record(o, chart, config, num(prev, "version")+1)
		history = append([]any{prev}, history...)
		history = history[:min(len(history), 5)]
	}
	word, reason, action := "install", "InstallSucceeded", "install"
	if num(prev, "version") > 1 {
		word, reason, action = "upgrade", "UpgradeSucceeded", "upgrade"
	}
	message := fmt.Sprintf("Helm %s succeeded for release %s/%s.v%d with chart %s@%s", word, target(o), releaseName(o),
		num(prev, "version"), chartName, version)
	c.set("Ready", "True", reason, message)
	c.set("Released", "True", reason, message)
	if str(condition(o, "Ready"), "message") != message {
		p.c.event(ctx, helmController, o, "Normal", reason, message)
	}
	ns, n := chartKey(o)
	maps.Copy(s, object{"conditions": c.list(), "helmChart": ns + "/" + n, "history": history,
		"lastAttemptedConfigDigest": config, "lastAttemptedGeneration": generation(o),
		"lastAttemptedReleaseAction": action, "lastAttemptedRevision": version,
		"observedGeneration": generation(o), "storageNamespace": namespace(o)})
	if s["lastAttemptedReleaseActionDuration"] == nil {
		s["lastAttemptedReleaseActionDuration"] = "5.581705346s"
	}
	for _, k := range []string{"failures", "installFailures", "upgradeFailures"} {
		delete(s, k)
	}
	return s
}

func (p *releasePlayer) record(o, chart object, config string, version int64) object {
	n, v := str(chart, "status", "observedChartName"), str(chart, "status", "artifact", "revision")
	app := v
	if c := findChart(repoOfChart(n), n, v); c != nil {
		app = c.app
	}
	if sub := list(o, "status", "history"); len(sub) > 0 {
		if prev, ok := sub[0].(object); ok {
			prev["status"] = "superseded"
		}
	}
	return object{"apiVersion": "v2", "appVersion": app, "chartName": n, "chartVersion": v, "configDigest": config,
		"digest": "sha256:" + hexSum(key(o), v, config), "firstDeployed": now(), "lastDeployed": now(),
		"name": releaseName(o), "namespace": target(o), "status": "deployed", "version": version}
}

func repoOfChart(n string) string {
	for _, c := range charts {
		if c.name == n {
			return c.repo
		}
	}
	return ""
}

// workloadsOf are the recorded objects of the release.
func (p *releasePlayer) workloadsOf(o object) []object {
	var out []object
	for _, w := range p.workloads {
		labels := sub(w, "metadata", "labels")
		if namespace(w) == target(o) && str(labels, "helm.toolkit.fluxcd.io/name") == name(o) &&
			str(labels, "helm.toolkit.fluxcd.io/namespace") == namespace(o) {
			out = append(out, w)
		}
	}
	return out
}

func (p *releasePlayer) install(ctx context.Context, o object) error {
	if _, err := p.c.get(ctx, namespaces.path("", target(o))); codeOf(err) == 404 && !flagSet(o, "spec", "install", "createNamespace") {
		return fmt.Errorf("failed to create resource: namespaces %q not found", target(o))
	}
	for _, w := range p.workloadsOf(o) {
		if _, err := p.c.apply(ctx, pathOf(w), helmController, w); err != nil {
			return err
		}
	}
	return nil
}

func (p *releasePlayer) uninstall(ctx context.Context, o object) {
	ns, n := chartKey(o)
	p.c.do(ctx, "DELETE", helmCharts.path(ns, n), "", nil)
	for _, w := range p.workloadsOf(o) {
		p.c.do(ctx, "DELETE", pathOf(w)+"?propagationPolicy=Background", "", nil)
	}
}
