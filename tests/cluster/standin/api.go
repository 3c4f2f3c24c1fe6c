// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"
)

const (
	typeJSON  = "application/json"
	typeMerge = "application/merge-patch+json"
	typeApply = "application/apply-patch+yaml" // JSON is YAML
)

type client struct {
	http *http.Client
	base string
}

type statusError struct {
	code            int
	reason, message string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.code, e.reason, e.message)
}

func codeOf(err error) int {
	var s *statusError
	if errors.As(err, &s) {
		return s.code
	}
	return 0
}

func newClient(server, ca, cert, key string) (*client, error) {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	t := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}},
		MaxIdleConnsPerHost: 64,
	}
	return &client{http: &http.Client{Transport: t}, base: server}, nil
}

// open sends a request; a reply that is not 2xx becomes an error.
func (c *client) open(ctx context.Context, method, path, ctype string, body any) (io.ReadCloser, error) {
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, r)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", typeJSON)
	if ctype != "" {
		req.Header.Set("Content-Type", ctype)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode/100 == 2 {
		return res.Body, nil
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	s := decode(b)
	return nil, &statusError{res.StatusCode, str(s, "reason"), str(s, "message")}
}

func (c *client) do(ctx context.Context, method, path, ctype string, body any) (object, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	r, err := c.open(ctx, method, path, ctype, body)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return decode(b), nil
}

func (c *client) get(ctx context.Context, path string) (object, error) {
	return c.do(ctx, "GET", path, "", nil)
}

// apply is a server-side apply that takes every field; it creates what is not there.
func (c *client) apply(ctx context.Context, path, manager string, o object) (object, error) {
	q := "?force=true&fieldManager=" + url.QueryEscape(manager)
	return c.do(ctx, "PATCH", path+q, typeApply, o)
}

func (c *client) merge(ctx context.Context, path, manager string, patch object) (object, error) {
	return c.do(ctx, "PATCH", path+"?fieldManager="+manager, typeMerge, patch)
}

// putStatus writes o.status; the resourceVersion in o guards against a stale view.
func (c *client) putStatus(ctx context.Context, path, manager string, o object) error {
	_, err := c.do(ctx, "PUT", path+"/status?fieldManager="+manager, typeJSON, o)
	return err
}

// kindRef says where a kind is served.
type kindRef struct{ group, version, plural, kind string }

func (k kindRef) apiVersion() string {
	if k.group == "" {
		return k.version
	}
	return k.group + "/" + k.version
}

// path of one object, or of the collection when name is empty.
func (k kindRef) path(namespace, name string) string {
	p := "/apis/" + k.group + "/" + k.version
	if k.group == "" {
		p = "/api/" + k.version
	}
	if namespace != "" {
		p += "/namespaces/" + namespace
	}
	p += "/" + k.plural
	if name != "" {
		p += "/" + name
	}
	return p
}

func (k kindRef) of(o object) string { return k.path(namespace(o), name(o)) }

var (
	gitRepositories  = kindRef{"source.toolkit.fluxcd.io", "v1", "gitrepositories", "GitRepository"}
	helmRepositories = kindRef{"source.toolkit.fluxcd.io", "v1", "helmrepositories", "HelmRepository"}
	helmCharts       = kindRef{"source.toolkit.fluxcd.io", "v1", "helmcharts", "HelmChart"}
	helmReleases     = kindRef{"helm.toolkit.fluxcd.io", "v2", "helmreleases", "HelmRelease"}
	kustomizations   = kindRef{"kustomize.toolkit.fluxcd.io", "v1", "kustomizations", "Kustomization"}
	fluxConfigs      = kindRef{"clusterconfig.azure.com", "v1alpha1", "fluxconfigs", "FluxConfig"}
	deployments      = kindRef{"apps", "v1", "deployments", "Deployment"}
	statefulSets     = kindRef{"apps", "v1", "statefulsets", "StatefulSet"}
	namespaces       = kindRef{"", "v1", "namespaces", "Namespace"}
	secrets          = kindRef{"", "v1", "secrets", "Secret"}
	configMaps       = kindRef{"", "v1", "configmaps", "ConfigMap"}
	events           = kindRef{"", "v1", "events", "Event"}
	crdKind          = kindRef{"apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition"}
)

// event records a Kubernetes event about o, as a controller's recorder does.
func (c *client) event(ctx context.Context, component string, o object, kind, reason, message string) {
	when := now()
	ev := object{
		"apiVersion": "v1", "kind": "Event",
		"metadata": object{"name": fmt.Sprintf("%s.%x", name(o), time.Now().UnixNano()),
			"namespace": namespace(o)},
		"involvedObject": object{"apiVersion": o["apiVersion"], "kind": o["kind"],
			"namespace": namespace(o), "name": name(o), "uid": str(o, "metadata", "uid"),
			"resourceVersion": str(o, "metadata", "resourceVersion")},
		"reason": reason, "message": message, "type": kind, "count": 1,
		"firstTimestamp": when, "lastTimestamp": when,
		"source":             object{"component": component},
		"reportingComponent": component, "reportingInstance": "",
	}
	if _, err := c.do(ctx, "POST", events.path(namespace(o), ""), typeJSON, ev); err != nil {
		logf("event %s: %v", reason, err)
	}
}
