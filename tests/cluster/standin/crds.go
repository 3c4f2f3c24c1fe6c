// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// cmdCRDs creates the CRDs. Those that come on standard input (a JSON List, or documents one
// after another) are taken as they are, plus the deprecated versions that the played release
// still served; the others get open schemas.
func cmdCRDs(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("crds", flag.ContinueOnError)
	api := apiFlags(fs)
	release := fs.String("flux", "2.7", "release of Flux: 2.7 or 2.1")
	if err := fs.Parse(args); err != nil {
		return err
	}
	c, err := api()
	if err != nil {
		return err
	}
	real, err := readCRDs(os.Stdin)
	if err != nil {
		return err
	}
	var wait []string
	for _, k := range fluxKinds {
		if versions, _ := k.versions(*release); len(versions) == 0 {
			continue
		}
		crd := real[k.crdName()]
		if crd == nil {
			crd = openCRD(k, *release)
		} else {
			addVersions(crd, k, *release)
		}
		decorate(crd, k)
		if _, err := c.apply(ctx, crdKind.path("", k.crdName()), "helm", crd); err != nil {
			return fmt.Errorf("%s: %w", k.crdName(), err)
		}
		wait = append(wait, k.crdName())
	}
	return established(ctx, c, wait)
}

func readCRDs(r io.Reader) (map[string]object, error) {
	out := map[string]object{}
	d := json.NewDecoder(r)
	d.UseNumber()
	for {
		var o object
		if err := d.Decode(&o); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		items := list(o, "items")
		if items == nil {
			items = []any{o}
		}
		for _, v := range items {
			if m, ok := v.(object); ok {
				out[name(m)] = m
			}
		}
	}
}

func openCRD(k fluxKind, release string) object {
	names := object{"kind": k.kind, "listKind": k.kind + "List", "plural": k.plural, "singular": strings.ToLower(k.kind)}
	if short := k.shortNames(release); len(short) > 0 {
		names["shortNames"] = short
	}
	all := []any{}
	versions, stored := k.versions(release)
	for _, v := range versions {
		all = append(all, openVersion(k, v, k.columnsIn(release), v == stored, v == versions[0]))
	}
	return object{"apiVersion": crdKind.apiVersion(), "kind": crdKind.kind,
		"metadata": object{"name": k.crdName()},
		"spec":     object{"group": k.group, "names": names, "scope": "Namespaced", "versions": all}}
}

func openVersion(k fluxKind, version, printed string, stored, newest bool) object {
	columns := []any{}
	for _, c := range strings.Split(printed, "|") {
		n, path, _ := strings.Cut(c, "=")
		kind := "string"
		switch n {
		case "Age":
			kind = "date"
		case "Tags":
			kind = "integer"
		}
		columns = append(columns, object{"name": n, "type": kind, "jsonPath": path})
	}
	v := object{"name": version, "served": true, "storage": stored,
		"additionalPrinterColumns": columns, "subresources": object{"status": object{}},
		"schema": object{"openAPIV3Schema": object{"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}
	if !newest {
		v["deprecated"] = true
		v["deprecationWarning"] = fmt.Sprintf("%s %s is deprecated, upgrade to a newer version", version, k.kind)
	}
	return v
}

// addVersions adds what a newer module's CRD serves no more.
func addVersions(crd object, k fluxKind, release string) {
	versions, _ := k.versions(release)
	have := list(crd, "spec", "versions")
	for i, v := range versions {
		found := false
		for _, h := range have {
			m, _ := h.(object)
			found = found || str(m, "name") == v
		}
		if !found {
			have = append(have, openVersion(k, v, k.columnsIn(release), false, i == 0))
		}
	}
	sub(crd, "spec")["versions"] = have
}

// decorate gives a CRD what the extension's Helm chart gives it.
func decorate(crd object, k fluxKind) {
	m := sub(crd, "metadata")
	labels, notes := sub(m, "labels"), sub(m, "annotations")
	if labels == nil {
		labels = object{}
	}
	if notes == nil {
		notes = object{}
	}
	labels["app.kubernetes.io/managed-by"] = "Helm"
	notes["meta.helm.sh/release-name"], notes["meta.helm.sh/release-namespace"] = "flux", "flux-system"
	switch {
	case k.controller == "":
		notes["meta.helm.sh/release-name"], notes["meta.helm.sh/release-namespace"] = "azure-arc", "azure-arc-release"
	case !strings.HasSuffix(k.group, azure):
		labels["app.kubernetes.io/component"], labels["app.kubernetes.io/part-of"] = k.controller, "flux"
	}
	m["labels"], m["annotations"] = labels, notes
	delete(m, "creationTimestamp")
	delete(crd, "status")
}

// established waits until every CRD is served in every version.
func established(ctx context.Context, c *client, names []string) error {
	deadline := time.Now().Add(30 * time.Second)
	for _, n := range names {
		for {
			crd, err := c.get(ctx, crdKind.path("", n))
			if err == nil && str(condition(crd, "Established"), "status") == "True" && served(ctx, c, crd) {
				break
			}
			if ctx.Err() != nil || time.Now().After(deadline) {
				return fmt.Errorf("%s is not served", n)
			}
			sleep(ctx, 100*time.Millisecond)
		}
	}
	return nil
}

func served(ctx context.Context, c *client, crd object) bool {
	for _, v := range list(crd, "spec", "versions") {
		m, _ := v.(object)
		if !flagSet(m, "served") {
			continue
		}
		k := kindRef{str(crd, "spec", "group"), str(m, "name"), str(crd, "spec", "names", "plural"), ""}
		if _, err := c.get(ctx, k.path("", "")+"?limit=1"); err != nil {
			return false
		}
	}
	return true
}
