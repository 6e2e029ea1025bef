package helm

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// patience bounds every wait of a test.
const patience = time.Minute

// process is a program that runs until the test ends, and what it said.
type process struct {
	t     testing.TB
	name  string
	cmd   *exec.Cmd
	ended chan struct{}

	mu  sync.Mutex
	out bytes.Buffer
}

func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(text)
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

func run(t testing.TB, name string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p, p
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // the test reads the exit code of the process
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-p.ended
		if t.Failed() {
			t.Logf("%s said:\n%s", name, p.said())
		}
	})
	return p
}

// waitFor waits until the process has said something.
func (p *process) waitFor(text string) {
	p.t.Helper()
	poll(p.t, p.name+" to say "+text, func() bool { return strings.Contains(p.said(), text) })
}

func poll(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// serve starts the NATS server of a pod.
func (p *pod) serve(t testing.TB) {
	t.Helper()
	for name, value := range p.env {
		t.Setenv(name, value)
	}
	o, err := server.ProcessConfigFile(filepath.Join(p.dir, "etc/nats/nats.conf"))
	if err != nil {
		t.Fatal(err)
	}
	o.Host, o.HTTPHost, o.NoSigs, o.NoLog = p.ip, p.ip, true, true
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(patience) {
		t.Fatal("the NATS server did not start")
	}
}

// asks sends one of a pod's probes.
func (p *pod) asks(get string) bool {
	answer, err := http.Get("http://" + p.ip + ":8080" + get)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// The release hello runs: all of its pods become ready, and players of examples/hello meet in
// it. Then the client agent is told to end: it is not ready at once, and its players have the
// configured time.
func TestRelease(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("########## NO PYTHON HERE: THE RELEASE hello IS NOT PLAYED IN ##########")
	}
	bin := astrond(t)
	// A password that NATS would take for a number.
	n := schedule(t, release{files: []string{"hello.yaml"}, values: "nats: {password: \"1234\"}"}.rendered(t), nil)
	n.pods["game-natstron-nats-0"].serve(t)
	processes := map[string]*process{}
	for name, p := range n.pods {
		if p.runsAstrond() {
			processes[name] = run(t, name, p.command(bin, p.spec.Containers[0].Args...))
		}
	}
	if len(processes) != 5 {
		t.Fatalf("the release has %d processes", len(processes))
	}
	for name := range processes {
		p := n.pods[name]
		probes := p.spec.Containers[0]
		poll(t, name+" to be ready", func() bool {
			return p.asks(probes.LivenessProbe.HTTPGet.Path) && p.asks(probes.ReadinessProbe.HTTPGet.Path)
		})
	}

	hello, err := filepath.Abs(filepath.Join(root, "examples/hello"))
	if err != nil {
		t.Fatal(err)
	}
	play := func(script string, args ...string) *process {
		return run(t, script+" "+fmt.Sprint(args), exec.Command(python, append([]string{"-B", filepath.Join(hello, script)}, args...)...))
	}
	gate := n.pods["game-natstron-clientagent-0"]
	ai := play("ai.py", n.pods["game-natstron-bridge-0"].ip+":7199")
	ai.waitFor("waiting for players")
	ada := play("client.py", "Ada", gate.ip+":7198")
	ada.waitFor("bird moves to ")
	bob := play("client.py", "Bob", gate.ip+":7198")
	bob.waitFor("Ada is at ")
	bob.waitFor("Ada moves to ")

	agent := processes[gate.name]
	if err := agent.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	agent.waitFor("stopping")
	poll(t, "the client agent not to be ready", func() bool { return !gate.asks("/readyz") })
	// A new client does not come in, and those that are there play on, until the time is up.
	refused := play("client.py", "Eve", gate.ip+":7198")
	<-refused.ended
	heard := strings.Count(bob.said(), "bird moves to ")
	poll(t, "Bob to play on", func() bool { return strings.Count(bob.said(), "bird moves to ") > heard })
	select {
	case <-agent.ended:
	case <-time.After(patience):
		t.Fatal("the client agent does not end")
	}
	if code := agent.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the client agent ended with %d", code)
	}
	<-bob.ended
	if logs, err := filepath.Glob(filepath.Join(n.pods["game-natstron-eventlogger-0"].dir, "data/events-*.log")); err != nil || len(logs) == 0 {
		t.Errorf("no events were written: %v", err)
	}
}

// Three NATS servers know each other, whatever characters the password has, and the observer
// may look.
func TestNATSConfiguration(t *testing.T) {
	for _, password := range []string{"1234", `a#b "c" \d $e {f}`, "true"} {
		r := release{files: []string{"hello.yaml"}, values: fmt.Sprintf(`
nats: {replicas: 3, jetStream: {enabled: true}, observer: {enabled: true, password: 1k}, password: %q, config: 'max_payload: 2MB'}`, password)}
		r.values = strings.Replace(r.values, "password: 1k", `password: "1k"`, 1)
		n := schedule(t, r.rendered(t), nil)
		p := n.pods["game-natstron-nats-2"]
		for name, value := range p.env {
			t.Setenv(name, value)
		}
		o, err := server.ProcessConfigFile(filepath.Join(p.dir, "etc/nats/nats.conf"))
		if err != nil {
			t.Errorf("password %s: %v", password, err)
			continue
		}
		if o.ServerName != p.name || o.Cluster.Port != 6222 || len(o.Routes) != 3 || !o.JetStream || o.MaxPayload != 2e6 && o.MaxPayload != 2<<20 {
			t.Errorf("the server is %q, cluster port %d, routes %v, JetStream %t, payload %d", o.ServerName, o.Cluster.Port, o.Routes, o.JetStream, o.MaxPayload)
		}
		users := map[string]string{}
		for _, u := range o.Users {
			users[u.Username] = u.Password
			if u.Username == "observer" && (u.Permissions == nil || len(u.Permissions.Publish.Deny) != 1) {
				t.Error("the observer may speak")
			}
		}
		if users["natstron"] != password || users["observer"] != "1k" {
			t.Errorf("the users are %v, want the password %s", users, password)
		}
		if text, err := os.ReadFile(filepath.Join(n.pods["game-natstron-bridge-0"].dir, folder, "astrond.yml")); err != nil || strings.Count(string(text), "- nats://127.") != 3 {
			t.Errorf("%s %v", text, err)
		}
	}
}
