package e2e

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/clienttest"
)

// The cluster of docker-compose.yml in a real engine.
//
// It is the same cluster as that of TestComposeCluster, in containers. It builds the image and takes minutes, so it has to be asked for.

// dockerVariable asks for these tests. They need Docker with compose, and the images that
// the file names, or the network to get them from.
const dockerVariable = "NATSTRON_DOCKER"

// dockerPatience bounds a command: the first one builds the image, on a slow machine.
const dockerPatience = 15 * time.Minute

// engine is a project of docker compose, with all its ports on a loopback address of its own.
type engine struct {
	t       *testing.T
	ip      string
	project string
	env     []string
}

func dockerEngine(t *testing.T) *engine {
	t.Helper()
	if os.Getenv(dockerVariable) == "" {
		t.Skipf("########## docker-compose.yml IS NOT RUN IN A DOCKER ENGINE: set %s=1 where there is one ##########", dockerVariable)
	}
	e := &engine{t: t, ip: loopbackNetwork(t)(), project: fmt.Sprintf("natstron-test-%d", os.Getpid())}
	e.set("BIND="+e.ip, "INTERNAL_BIND="+e.ip)
	if out, err := e.docker("info"); err != nil {
		t.Fatalf("%s is set, but no engine answers: %v\n%s", dockerVariable, err, out)
	}
	t.Cleanup(func() {
		if t.Failed() {
			out, _ := e.compose("logs", "--no-color", "--tail", "20")
			t.Logf("the last words of each service:\n%s", out)
		}
		e.must("down", "--volumes", "--remove-orphans", "--timeout", "2")
		for _, kind := range []string{"volume", "network"} {
			out, err := e.docker(kind, "ls", "-q", "--filter", "label=com.docker.compose.project="+e.project)
			if err != nil || strings.TrimSpace(out) != "" {
				t.Errorf("a %s stays behind: %s, %v", kind, out, err)
			}
		}
	})
	return e
}

// set adds variables for the commands to come.
func (e *engine) set(variables ...string) { e.env = append(e.env, variables...) }

func (e *engine) docker(args ...string) (string, error) {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), dockerPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), e.env...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("docker %s: %w\n%s", strings.Join(args, " "), err, problems.String())
	}
	return out.String(), nil
}

func (e *engine) compose(args ...string) (string, error) {
	e.t.Helper()
	return e.docker(append([]string{"compose", "--profile", "hello", "--project-name", e.project}, args...)...)
}

// must is a command of compose that has to succeed.
func (e *engine) must(args ...string) string {
	e.t.Helper()
	out, err := e.compose(args...)
	must(e.t, err)
	return out
}

// inspect is what the engine says of a service's container.
func (e *engine) inspect(service, format string) string {
	e.t.Helper()
	id := strings.TrimSpace(e.must("ps", "--all", "--quiet", service))
	out, err := e.docker("inspect", "--format", format, id)
	must(e.t, err)
	return strings.TrimSpace(out)
}

// finished is when a service's process ended.
func (e *engine) finished(service string) time.Time {
	e.t.Helper()
	at, err := time.Parse(time.RFC3339Nano, e.inspect(service, "{{.State.FinishedAt}}"))
	must(e.t, err)
	return at
}

// eventually waits much longer than poll, since the engine starts what has failed again after
// a while that doubles.
func (e *engine) eventually(what string, done func() error) {
	e.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		err := done()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			e.t.Fatalf("waited in vain for %s: %v", what, err)
		}
		time.Sleep(100 * time.Millisecond) // each try starts a program
	}
}

// ready waits until each astrond reports that it is: the engine's state is seconds old.
func (e *engine) ready(services ...string) {
	e.t.Helper()
	for _, name := range services {
		e.eventually(name+" to be ready", func() error {
			_, err := e.compose("exec", "-T", name, "/astrond", "health")
			return err
		})
	}
}

// kill ends the process of a service without the engine's knowing, as an empty memory would.
func (e *engine) kill(service string) {
	e.t.Helper()
	pid, err := strconv.Atoi(e.inspect(service, "{{.State.Pid}}"))
	if err != nil || pid < 2 {
		e.t.Fatalf("%s has the process %d, %v", service, pid, err)
	}
	process, err := os.FindProcess(pid)
	if err == nil {
		err = process.Kill()
	}
	if err != nil {
		e.t.Skipf("the processes of the engine are not this user's, or on another machine: %v", err)
	}
	e.eventually(service+" to be started again", func() error {
		if now := e.inspect(service, "{{.State.Pid}} {{.State.Running}}"); now == fmt.Sprint(pid, " true") || !strings.HasSuffix(now, " true") {
			return fmt.Errorf("process and running are %s", now)
		}
		return nil
	})
}

func TestDockerCompose(t *testing.T) {
	e := dockerEngine(t)
	file := readCompose(t)
	var astronds []string
	for _, name := range inOrder(t, file) {
		if file.Services[name].isAstrond() {
			astronds = append(astronds, name)
		}
	}
	began := time.Now()
	step := func(format string, args ...any) {
		t.Helper()
		t.Logf("%6.1f s  %s", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}

	// The ports of servers are not opened to the network with a password that all know.
	open := *e
	open.env = append(open.env[:len(open.env):len(open.env)], "INTERNAL_BIND=0.0.0.0", "NATS_PASSWORD=")
	e.set("VERSION=1.2.3", "REVISION=0123abcd")
	e.must("build")
	step("the image is built")
	if out, err := open.compose("run", "--rm", "--no-deps", "-T", "nats"); err == nil || !strings.Contains(out, "set NATS_PASSWORD first") {
		t.Errorf("NATS is open to all with the password natstron: %v, %s", err, out)
	}
	e.set("NATS_PASSWORD=0815")

	// The image says what it is, and the AI of the example is in the cluster.
	e.must("up", "--detach")
	step("all services are up")
	if out := e.must("logs", "--no-color", "image"); !strings.Contains(out, "astrond 1.2.3:") || !strings.Contains(out, "Revision: 0123abcd") {
		t.Errorf("the image is of another version:\n%s", out)
	}
	if label := e.inspect("bridge", `{{index .Config.Labels "org.opencontainers.image.revision"}}`); label != "0123abcd" {
		t.Errorf("the label of the image says revision %q", label)
	}
	for _, name := range append([]string{"nats", "ai"}, astronds...) {
		if user := e.inspect(name, "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}"); user != "65532:65532 true" {
			t.Errorf("user and read-only of %s: %s", name, user)
		}
	}
	if interpreter, err := exec.LookPath("python3"); err == nil {
		e.hello(interpreter, astronds, step)
	}
	e.must("stop", "ai")

	// A game through the published ports, after each service was killed, and restarted.
	s := newGameSession(t, e.ip+":7199", e.ip+":7198")
	s.play()
	step("a session was played")
	for _, name := range append([]string{"nats", "mongo"}, astronds...) {
		e.kill(name)
		e.ready(astronds...)
		s.play()
		step("a session was played after %s was killed", name)
		e.must("restart", "--no-deps", name)
		e.ready(astronds...)
		s.play()
		step("a session was played after %s was restarted", name)
	}

	// The objects come out in a file.
	if out := e.must("exec", "-T", "database", "/astrond", "db", "export"); !strings.Contains(out, s.name) {
		t.Errorf("the export lacks %q:\n%s", s.name, out)
	}

	// Players may finish when the cluster is stopped; what was stored is there again.
	player := clienttest.Dial(t, s.gate)
	player.Hello(s.hash, "hello-1")
	stopped := make(chan error, 1)
	go func() {
		_, err := e.compose("stop")
		stopped <- err
	}()
	player.UntilEject(wire.EjectMaintenance)
	must(t, <-stopped)
	for _, name := range astronds {
		if code := e.inspect(name, "{{.State.ExitCode}}"); code != "0" {
			t.Errorf("%s was stopped with %s", name, code)
		}
	}
	if left, cut := e.finished("clientagent"), e.finished("bridge"); cut.Before(left) {
		t.Errorf("the AIs were cut off at %v, while players could finish until %v", cut, left)
	}
	step("all is stopped, and the player was told")
	e.must("start")
	e.must("stop", "ai") // which has the channel of the game that we play
	e.ready(astronds...)
	s.play()
	step("a session was played after all was stopped and started")

	// Any password will do; TestComposePasswords has more of them.
	for _, password := range []string{"1k", "true", "a # b"} {
		e.set("NATS_PASSWORD=" + password)
		e.must("up", "--detach", "nats", "eventlogger")
		e.ready("eventlogger")
		step("the password is %s", password)
	}
}

// hello has a player meet the AI of the example, which comes back when it was cut off, or
// its world was lost.
func (e *engine) hello(interpreter string, astronds []string, step func(string, ...any)) {
	t := e.t
	t.Helper()
	e.ready(astronds...)
	meet := func(after string) {
		t.Helper()
		began := time.Now()
		e.eventually("a player to see the bird after "+after, func() error {
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, interpreter, "-u", "-B", filepath.Join("examples", "hello", "client.py"), "Ada", e.ip+":7198")
			cmd.Dir = root
			out, err := cmd.CombinedOutput()
			if !regexp.MustCompile(`bird moves to .*\n`).Match(out) {
				return fmt.Errorf("%s%w", out, cmp.Or(err, ctx.Err()))
			}
			return nil
		})
		step("a player saw the bird %.1f s after %s", time.Since(began).Seconds(), after)
	}
	meet("the start")
	for _, name := range []string{"bridge", "stateserver", "nats"} {
		e.kill(name)
		meet(name + " was killed")
		e.must("restart", "--no-deps", name)
		meet(name + " was restarted")
	}
}
