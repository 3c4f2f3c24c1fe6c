// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// checkout is one revision of a repository on disk.
type checkout struct {
	dir, hash, revision, subject string
}

// gitRun runs git with nobody's configuration and no questions asked.
func gitRun(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_ASKPASS=true", "LC_ALL=C")
	cmd.WaitDelay = time.Second
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return "", errors.New("context deadline exceeded")
		}
		return "", errors.New(strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(string(out)), nil
}

// refOf reads spec.ref: what to fetch, and the words before the hash in a revision.
func refOf(o object) (ref, prefix string, err error) {
	ref = "refs/heads/master"
	prefix = "master@"
	switch {
	case str(o, "spec", "ref", "commit") != "":
		return str(o, "spec", "ref", "commit"), "", nil
	case str(o, "spec", "ref", "name") != "":
		ref = str(o, "spec", "ref", "name")
		return ref, ref + "@", nil
	case str(o, "spec", "ref", "semver") != "":
		return "", "", fmt.Errorf("no match found for semver: %s", str(o, "spec", "ref", "semver"))
	case str(o, "spec", "ref", "tag") != "":
		t := str(o, "spec", "ref", "tag")
		return "refs/tags/" + t, t + "@", nil
	case str(o, "spec", "ref", "branch") != "":
		b := str(o, "spec", "ref", "branch")
		return "refs/heads/" + b, b + "@", nil
	}
	return ref, prefix, nil
}

// fetchRef asks for one ref of a source. Errors read as go-git's, which Flux uses.
func fetchRef(ctx context.Context, o object, dir string) (*checkout, error) {
	address := str(o, "spec", "url")
	ref, prefix, err := refOf(o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, min(duration(o, time.Minute, "spec", "timeout"), 15*time.Second))
	defer cancel()
	if _, err := gitRun(ctx, dir, "init", "-q", "."); err != nil {
		return nil, err
	}
	if _, err = gitRun(ctx, dir, "fetch", "-q", "--depth=1", "--no-tags", "--end-of-options", address, ref); err != nil {
		return nil, likeGoGit(err, address, ref)
	}
	if _, err = gitRun(ctx, dir, "checkout", "-q", "FETCH_HEAD"); err != nil {
		return nil, err
	}
	c := &checkout{dir: dir}
	if c.hash, err = gitRun(ctx, dir, "rev-parse", "HEAD"); err != nil {
		return nil, err
	}
	c.subject, err = gitRun(ctx, dir, "log", "-1", "--format=%s")
	c.revision = prefix + "sha1:" + c.hash
	return c, err
}

func likeGoGit(err error, address, ref string) error {
	text := strings.ToLower(err.Error())
	u, _ := url.Parse(address)
	host, port := "", "443"
	if u != nil {
		host = u.Hostname()
		if u.Port() != "" {
			port = u.Port()
		}
	}
	refs := strings.TrimSuffix(address, "/") + "/info/refs?service=git-upload-pack"
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("could not resolve host"):
		return fmt.Errorf("Get \"%s\": dial tcp: lookup %s: no such host", refs, host)
	case has("failed to connect", "connection refused", "couldn't connect"):
		return fmt.Errorf("Get \"%s\": dial tcp %s:%s: connect: connection refused", refs, host, port)
	case has("couldn't find remote ref", "not our ref"):
		return fmt.Errorf("couldn't find remote ref %q", ref)
	case has("could not read username", "authentication failed", "terminal prompts disabled"):
		return errors.New("authentication required: Unauthorized")
	case has("not found", "does not appear to be a git repository", "does not exist"):
		return errors.New("repository not found: ")
	case has("certificate"):
		return fmt.Errorf("Get \"%s\": tls: failed to verify certificate: x509: certificate signed by unknown authority", refs)
	}
	lines := strings.Split(err.Error(), "\n")
	return errors.New(lines[len(lines)-1])
}

// pack writes dir as source-controller does (.tar.gz without .git and without times) and returns
// digest and size.
func pack(dir, file string) (digest string, size int64, err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", 0, err
	}
	f, err := os.Create(file + ".part")
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	z := gzip.NewWriter(io.MultiWriter(f, h))
	t := tar.NewWriter(z)
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		if !d.Type().IsRegular() {
			return nil
		}
		return addFile(t, dir, path)
	})
	if err = errors.Join(err, t.Close(), z.Close()); err != nil {
		return "", 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return "", 0, err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), info.Size(), os.Rename(file+".part", file)
}

func addFile(t *tar.Writer, dir, path string) error {
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	h := &tar.Header{Name: filepath.ToSlash(rel), Mode: 0o644, Size: int64(len(b)), Typeflag: tar.TypeReg}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err = t.Write(b)
	return err
}
