// SPDX-License-Identifier: Apache-2.0

package main

import "strings"

// fluxKind is one row of the kinds that the cluster serves. Versions are newest first, "*" marks
// the one that is stored; an empty list means that the release has no such kind.
type fluxKind struct {
	group, kind, plural, short string
	v27, v21                   string
	controller                 string
	columns                    string
}

const (
	age     = "Age=.metadata.creationTimestamp"
	readyIs = `Ready=.status.conditions[?(@.type=="Ready")].status`
	says    = `Status=.status.conditions[?(@.type=="Ready")].message`
	std     = age + "|" + readyIs + "|" + says
	source  = "source.toolkit.fluxcd.io"
	notify  = "notification.toolkit.fluxcd.io"
	image   = "image.toolkit.fluxcd.io"
	azure   = "clusterconfig.azure.com"
)

var fluxKinds = []fluxKind{
	{source, "GitRepository", "gitrepositories", "gitrepo", "v1* v1beta2", "v1* v1beta2 v1beta1",
		"source-controller", "URL=.spec.url|" + std},
	{source, "HelmRepository", "helmrepositories", "helmrepo", "v1* v1beta2", "v1beta2* v1beta1",
		"source-controller", "URL=.spec.url|" + std},
	{source, "HelmChart", "helmcharts", "hc", "v1* v1beta2", "v1beta2* v1beta1", "source-controller",
		"Chart=.spec.chart|Version=.spec.version|Source Kind=.spec.sourceRef.kind|Source Name=.spec.sourceRef.name|" + std},
	{source, "Bucket", "buckets", "", "v1* v1beta2", "v1beta2* v1beta1", "source-controller",
		"Endpoint=.spec.endpoint|" + std},
	{source, "OCIRepository", "ocirepositories", "ocirepo", "v1* v1beta2", "v1beta2*", "source-controller",
		"URL=.spec.url|" + readyIs + "|" + says + "|" + age},
	{source, "ExternalArtifact", "externalartifacts", "", "v1*", "", "source-controller",
		std + "|Source=.spec.sourceRef.name"},
	{"source.extensions.fluxcd.io", "ArtifactGenerator", "artifactgenerators", "ag", "v1beta1*", "",
		"source-controller", std},
	{"kustomize.toolkit.fluxcd.io", "Kustomization", "kustomizations", "ks", "v1* v1beta2", "v1* v1beta2 v1beta1",
		"kustomize-controller", std},
	{"helm.toolkit.fluxcd.io", "HelmRelease", "helmreleases", "hr", "v2* v2beta2", "v2beta1*", "helm-controller", std},
	{notify, "Alert", "alerts", "", "v1beta3* v1beta2", "v1beta2* v1beta1", "notification-controller", age},
	{notify, "Provider", "providers", "", "v1beta3* v1beta2", "v1beta2* v1beta1", "notification-controller", age},
	{notify, "Receiver", "receivers", "", "v1* v1beta2", "v1* v1beta2 v1beta1", "notification-controller", std},
	{image, "ImageRepository", "imagerepositories", "imgrepo imagerepo", "v1* v1beta2", "v1beta2* v1beta1",
		"image-reflector-controller",
		"Image=.spec.image|Tags=.status.lastScanResult.tagCount|" + readyIs + "|" + says + "|" + age},
	{image, "ImagePolicy", "imagepolicies", "imgpol imagepol", "v1* v1beta2", "v1beta2* v1beta1",
		"image-reflector-controller",
		"Image=.status.latestRef.name|Tag=.status.latestRef.tag|" + readyIs + "|" + says + "|" + age},
	{image, "ImageUpdateAutomation", "imageupdateautomations", "iua imgupd imgauto", "v1* v1beta2", "v1beta1*",
		"image-automation-controller", readyIs + "|" + says + "|" + age},
	{azure, "FluxConfig", "fluxconfigs", "fc", "v1alpha1*", "v1alpha1*", "fluxconfig-controller",
		"Scope=.spec.scope|URL=.spec.gitRepository.url|Provision=.status.provisioningState|" + age},
	{azure, "FluxConfigSyncStatus", "fluxconfigsyncstatuses", "", "v1beta1*", "v1beta1*", "fluxconfig-controller", age},
	{azure, "ExtensionConfig", "extensionconfigs", "", "v1beta1*", "v1beta1*", "", age},
	{"aks." + azure, "ExtensionConfig", "extensionconfigs", "aksec", "v1beta1*", "v1beta1*", "", age},
}

// versions of a kind in a release, newest first, and which one is stored.
func (k fluxKind) versions(release string) (all []string, stored string) {
	words := k.v27
	if release == "2.1" {
		words = k.v21
	}
	for _, w := range strings.Fields(words) {
		v := strings.TrimSuffix(w, "*")
		if v != w {
			stored = v
		}
		all = append(all, v)
	}
	return all, stored
}

// columnsIn are the printer columns of a release.
func (k fluxKind) columnsIn(release string) string {
	if release != "2.1" {
		return k.columns
	}
	switch k.kind {
	case "Alert", "Provider":
		return std
	case "ImagePolicy":
		return "LatestImage=.status.latestImage"
	case "ImageRepository":
		return "Last scan=.status.lastScanResult.scanTime|Tags=.status.lastScanResult.tagCount"
	case "ImageUpdateAutomation":
		return "Last run=.status.lastAutomationRunTime"
	}
	return k.columns
}

// shortNames: the image kinds have had theirs since Flux 2.7.
func (k fluxKind) shortNames(release string) []string {
	if release == "2.1" && k.group == image {
		return nil
	}
	return strings.Fields(k.short)
}

func (k fluxKind) crdName() string { return k.plural + "." + k.group }

// kindFor finds where an object of the data files goes; only kinds that those files use.
func kindFor(o object) kindRef {
	group, version, found := strings.Cut(str(o, "apiVersion"), "/")
	if !found {
		group, version = "", group
	}
	kind := str(o, "kind")
	for _, k := range fluxKinds {
		if k.group == group && k.kind == kind {
			return kindRef{group, version, k.plural, kind}
		}
	}
	return kindRef{group, version, strings.ToLower(kind) + "s", kind}
}

func pathOf(o object) string { return kindFor(o).of(o) }
