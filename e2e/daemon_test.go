package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/internal/race"
)

// quick lets tests of dead nodes not take long, and still bear a busy machine; patient is for those
// in which nobody is to die.
var quick = ", heartbeat: 100ms, dead_after: " + map[bool]string{false: "3s", true: "5s"}[race.Enabled]

const patient = ", dead_after: 30s"

// buildDir is where astrond is built; TestMain makes and removes it.
var buildDir string

// built is the path of astrond, built once for all tests of this package.
var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "astrond")
	args := []string{"build", "-o", path}
	if race.Enabled {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "natstron/cmd/astrond")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build astrond: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

// raceVariable turns these tests on under the race detector. Daemons that are ten times
// slower on a busy machine do not answer for longer than a cluster waits, and are rightly
// declared dead.
const raceVariable = "NATSTRON_E2E_RACE"

func testMain(m *testing.M) int {
	if race.Enabled && os.Getenv(raceVariable) == "" {
		fmt.Println("whole daemons are not tested under the race detector; set " + raceVariable + "=1 on a quiet machine")
		return 0
	}
	if file := os.Getenv(natsVariable); file != "" {
		if err := serveNATS(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	var err error
	if buildDir, err = os.MkdirTemp("", "natstron-e2e"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(buildDir)
	// Built with the race detector, astrond waits a second at its end otherwise.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	return m.Run()
}

// daemon is a running astrond: a daemon, or one of its commands.
type daemon struct {
	t   testing.TB
	cmd *exec.Cmd
	dir string

	mu     sync.Mutex
	output bytes.Buffer
	grown  chan struct{} // closed and replaced when there is more output

	ended chan struct{}
	err   error // of Wait, once ended is closed
}

// alone is the backbone of a daemon that nobody else can join.
const alone = "backbone: {embedded: {listen: none}}\n"

// start runs astrond with a configuration, and does not wait for anything.
func start(t testing.TB, configuration string, args ...string) *daemon {
	t.Helper()
	d := prepare(t, configuration, args...)
	d.launch()
	return d
}

// prepare returns a daemon that is not started yet, with a configuration in its own
// folder.
func prepare(t testing.TB, configuration string, args ...string) *daemon {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "astrond.yml")
	write(t, file, configuration)
	d := command(t, append(args, "--boring", file)...)
	d.dir = dir
	return d
}

// command returns astrond with any arguments, not started yet.
func command(t testing.TB, args ...string) *daemon {
	t.Helper()
	path, err := built()
	must(t, err)
	return program(t, exec.Command(path, args...))
}

// program returns another program that is watched like a daemon, not started yet.
func program(t testing.TB, cmd *exec.Cmd) *daemon {
	d := &daemon{t: t, cmd: cmd, grown: make(chan struct{}), ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = d, d
	return d
}

// launch starts a prepared daemon; the test's end ends it.
func (d *daemon) launch() {
	t := d.t
	t.Helper()
	must(t, d.cmd.Start())
	go func() {
		d.err = d.cmd.Wait()
		close(d.ended)
	}()
	t.Cleanup(func() {
		_ = d.cmd.Process.Signal(thawSignal) // it may be stopped
		_ = d.cmd.Process.Kill()
		<-d.ended
		if t.Failed() {
			t.Logf("output of %s, process %d:\n%s", filepath.Base(d.cmd.Path), d.cmd.Process.Pid, d.text())
		}
		if strings.Contains(d.text(), "DATA RACE") {
			t.Errorf("data race in astrond:\n%s", d.text())
		}
	})
}

// run starts astrond and waits until it is ready. The given functions put further files
// into the folder of its configuration.
func run(t testing.TB, configuration string, furnish ...func(dir string)) *daemon {
	t.Helper()
	d := newcomer(t, configuration, furnish...)
	d.waitFor("ready")
	return d
}

// newcomer starts a process that is not expected to be ready.
func newcomer(t testing.TB, configuration string, furnish ...func(dir string)) *daemon {
	t.Helper()
	d := prepare(t, configuration)
	for _, f := range furnish {
		f(d.dir)
	}
	d.launch()
	return d
}

// Write implements io.Writer for the daemon's output.
func (d *daemon) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.grown)
	d.grown = make(chan struct{})
	return d.output.Write(p)
}

func (d *daemon) text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.output.String()
}

// waitFor returns the first line of output that contains what.
func (d *daemon) waitFor(what string) string {
	d.t.Helper()
	deadline := time.After(mdtest.Patience)
	for {
		d.mu.Lock()
		grown := d.grown
		scanner := bufio.NewScanner(strings.NewReader(d.output.String()))
		d.mu.Unlock()
		for scanner.Scan() {
			if strings.Contains(scanner.Text(), what) {
				return scanner.Text()
			}
		}
		select {
		case <-grown:
		case <-d.ended:
			if strings.Contains(d.text(), what) {
				continue
			}
			d.t.Fatalf("%s ended (%v) before it said %q", filepath.Base(d.cmd.Path), d.err, what)
		case <-deadline:
			d.t.Fatalf("%s did not say %q", filepath.Base(d.cmd.Path), what)
		}
	}
}

// waitForEach waits for lines of output that contain these, in this order.
func (d *daemon) waitForEach(lines ...string) {
	d.t.Helper()
	last := 0
	for i, what := range lines {
		d.waitFor(what)
		at := strings.Index(d.text(), what)
		if at < last {
			d.t.Fatalf("%v said %q before %q", d.cmd.Args, what, lines[i-1])
		}
		last = at
	}
}

// said is the value of a key in the ready line.
func (d *daemon) said(key string) string {
	d.t.Helper()
	line := d.waitFor("ready")
	m := regexp.MustCompile(` ` + key + `="?([^" ]+)`).FindStringSubmatch(line)
	if m == nil {
		d.t.Fatalf("no %s in %q", key, line)
	}
	return m[1]
}

// port is where the message director listens.
func (d *daemon) port() string { d.t.Helper(); return d.said("message_director") }

// nats is where the backbone is.
func (d *daemon) nats() string { d.t.Helper(); return d.said("nats") }

func (d *daemon) dial() *mdtest.Client { d.t.Helper(); return mdtest.Dial(d.t, d.port()) }

func (d *daemon) signal(s os.Signal) {
	d.t.Helper()
	must(d.t, d.cmd.Process.Signal(s))
}

// wait waits until astrond has ended, and returns its exit code.
func (d *daemon) wait() int {
	d.t.Helper()
	select {
	case <-d.ended:
	case <-time.After(mdtest.Patience):
		d.t.Fatalf("astrond has not ended after %v", mdtest.Patience)
	}
	var exit *exec.ExitError
	if d.err != nil && !errors.As(d.err, &exit) {
		d.t.Fatal(d.err)
	}
	return d.cmd.ProcessState.ExitCode()
}

// ends waits until astrond has ended, with this exit code.
func (d *daemon) ends(code int) {
	d.t.Helper()
	if got := d.wait(); got != code {
		d.t.Errorf("%v ended with exit code %d, want %d", d.cmd.Args, got, code)
	}
}

// astrond runs a command to its end.
func astrond(t testing.TB, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	path, err := built()
	must(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), mdtest.Patience)
	defer cancel()
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errOut.String(), cmd.ProcessState.ExitCode()
}

// must ends the test if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
