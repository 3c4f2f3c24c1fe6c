// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const fluxSystem = "flux-system"

// running tells whether a Deployment of flux-system wants pods: a controller that was scaled to
// zero does nothing.
func running(deploys *store, n string) bool {
	d := deploys.get(fluxSystem, n)
	return d != nil && num(d, "spec", "replicas") > 0
}

// loop runs round after every change and once a second, while its controller runs.
func loop(ctx context.Context, wake <-chan struct{}, round func(context.Context)) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for ctx.Err() == nil {
		round(ctx)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-tick.C:
		}
	}
}

func cmdRun(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("run", flag.ContinueOnError)
	api := apiFlags(fs)
	data := fs.String("data", "", "directory of the recorded objects")
	storage := fs.String("storage", "", "directory for the artifacts")
	repos := fs.String("repos", "", "directory of the bare Git repositories")
	gitPort := fs.Int("git-port", 0, "port of the Git server")
	artifactPort := fs.Int("artifact-port", 0, "port of the artifact server")
	controller := fs.String("kustomize-controller", "", "file with the command line of kustomize-controller")
	if err := fs.Parse(args); err != nil {
		return err
	}
	c, err := api()
	if err != nil {
		return err
	}
	workloads, err := readObjects(filepath.Join(*data, "workloads.jsonl"), nil)
	if err != nil {
		return err
	}
	if err := serveGit(*gitPort, *repos); err != nil {
		return err
	}
	play(ctx, c, workloads, *storage, *artifactPort, *controller)
	return nil
}

func play(ctx context.Context, c *client, workloads []object, storage string, artifactPort int, controller string) {
	wakeSource, wakeHelm := make(chan struct{}, 1), make(chan struct{}, 1)
	wakeAzure, wakeProcess := make(chan struct{}, 1), make(chan struct{}, 1)
	deploys := follow(ctx, c, deployments, wakeSource, wakeHelm, wakeAzure, wakeProcess)
	git := follow(ctx, c, gitRepositories, wakeSource, wakeAzure)
	repos := follow(ctx, c, helmRepositories, wakeSource, wakeAzure)
	hc := follow(ctx, c, helmCharts, wakeSource, wakeHelm)
	hr := follow(ctx, c, helmReleases, wakeHelm, wakeAzure)
	ks := follow(ctx, c, kustomizations, wakeAzure)
	fc := follow(ctx, c, fluxConfigs, wakeAzure)

	source := &sourcePlayer{c, git, repos, hc, storage, memories{}}
	release := &releasePlayer{c, hr, hc, workloads, memories{}}
	azure := &azurePlayer{c, fc, git, ks, hr, repos, hc, deploys}
	artifacts := &artifactServer{address: fmt.Sprintf("127.0.0.1:%d", artifactPort), dir: storage}
	process := &process{file: controller}

	var group sync.WaitGroup
	start := func(wake <-chan struct{}, round func(context.Context)) {
		group.Add(1)
		go func() {
			defer group.Done()
			loop(ctx, wake, round)
		}()
	}
	start(wakeSource, func(ctx context.Context) {
		artifacts.serve(running(deploys, sourceController))
		if running(deploys, sourceController) {
			source.round(ctx)
		}
	})
	start(wakeHelm, func(ctx context.Context) {
		if running(deploys, helmController) {
			release.round(ctx)
		}
	})
	start(wakeAzure, azure.round)
	group.Add(1)
	go func() {
		defer group.Done()
		// The kernel ties a child to the thread that started it (dieWithParent).
		runtime.LockOSThread()
		loop(ctx, wakeProcess, func(context.Context) {
			process.want(running(deploys, "kustomize-controller"), 5*time.Second)
		})
		process.want(false, 500*time.Millisecond)
	}()
	group.Wait()
}

// serveGit is a smart HTTP Git server over the bare repositories; pushes are welcome.
func serveGit(port int, repos string) error {
	path, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return fmt.Errorf("git --exec-path: %w", err)
	}
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(path)), "git-http-backend"),
		Root: "/git",
		Env: []string{"GIT_PROJECT_ROOT=" + repos, "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=test",
			"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	go http.Serve(l, backend)
	return nil
}

// artifactServer answers only while source-controller runs, as the real one does.
type artifactServer struct {
	address, dir string
	server       *http.Server
}

func (a *artifactServer) serve(on bool) {
	switch {
	case on && a.server == nil:
		l, err := net.Listen("tcp", a.address)
		if err != nil {
			logf("artifacts: %v", err)
			return
		}
		a.server = &http.Server{Handler: http.FileServer(http.Dir(a.dir))}
		go a.server.Serve(l)
	case !on && a.server != nil:
		a.server.Close()
		a.server = nil
	}
}

// process is kustomize-controller: started and stopped with its Deployment.
type process struct {
	file string // lines: log file, then program and arguments; NAME=VALUE lines first
	cmd  *exec.Cmd
	done chan struct{}
	last time.Time
}

// want starts or ends it; what does not end within grace is killed.
func (p *process) want(on bool, grace time.Duration) {
	alive := false
	if p.cmd != nil {
		select {
		case <-p.done:
			logf("kustomize-controller ended: %v", p.cmd.ProcessState)
			p.cmd = nil
		default:
			alive = true
		}
	}
	switch {
	case on && !alive && time.Since(p.last) > 2*time.Second:
		p.last = time.Now()
		if err := p.start(); err != nil {
			logf("kustomize-controller: %v", err)
		}
	case !on && alive:
		p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(grace):
			p.cmd.Process.Kill()
			<-p.done
		}
		p.cmd = nil
		p.last = time.Time{}
	}
}

func (p *process) start() error {
	b, err := os.ReadFile(p.file)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) < 2 {
		return fmt.Errorf("%s: no command line", p.file)
	}
	log, err := os.OpenFile(lines[0], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	env, words := os.Environ(), lines[1:]
	for len(words) > 1 && !strings.HasPrefix(words[0], "/") {
		env, words = append(env, words[0]), words[1:]
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, log, log
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	p.cmd, p.done = cmd, make(chan struct{})
	go func(done chan struct{}) {
		cmd.Wait()
		close(done)
	}(p.done)
	return nil
}
