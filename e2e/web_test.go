package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/internal/status"
)

// The web server of a process: its state, readiness and metrics, and astrond top.

// The web server of a whole daemon.

// watchedCluster is a configuration with roles, a web server, and nothing on fixed ports.
const watchedCluster = `
daemon: {name: Toon Valley}
backbone: {embedded: {listen: '127.0.0.1:0'}}
messagedirector: {bind: '127.0.0.1:0'}
general: {dc_files: [game.dc]}
roles:
  - {type: stateserver, control: 402000}
  - {type: clientagent, bind: '127.0.0.1:0', channels: {min: 1000000, max: 1009999}}
  - {type: database, control: 4003, generate: {min: 100000000, max: 100000999}, backend: {type: embedded, file: objects.db}}
`

const watchedDC = "dclass Toon { setName(string name = \"nobody\") required broadcast ram db; setXY(int16/10 x, int16/10 y) ram broadcast; };\n"

func withDC(t testing.TB) func(dir string) {
	return with(t, "game.dc", watchedDC)
}

// web asks a daemon's web server.
func (d *daemon) web(path string, login ...string) (code int, body string) {
	d.t.Helper()
	return get(d.t, strings.TrimSuffix(d.said("status"), "/")+path, login...)
}

func get(t testing.TB, url string, login ...string) (code int, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), mdtest.Patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	must(t, err)
	if len(login) > 0 {
		request.SetBasicAuth(login[0], login[1])
	}
	answer, err := http.DefaultClient.Do(request)
	must(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer.StatusCode, string(text)
}

// until asks again and again, until what comes is wanted.
func until(t testing.TB, what string, wanted func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(mdtest.Patience); !wanted(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s did not come", what)
		}
	}
}

func (d *daemon) snapshot() status.Snapshot {
	d.t.Helper()
	code, body := d.web("/api/status")
	var s status.Snapshot
	if err := json.Unmarshal([]byte(body), &s); err != nil || code != 200 {
		d.t.Fatalf("%d, %v: %s", code, err, body)
	}
	return s
}

// createToon creates an object at a location.
func createToon(t testing.TB, c *mdtest.Client, id wire.DoID, at wire.Location) {
	c.Send(mdtest.Datagram(t, func(w *wire.Writer) {
		w.Header(5000, wire.StateServerCreateObjectWithRequired, 402000).DoID(id).Location(at).DClassID(0).Text("Flippy")
	}))
}

func TestWebShowsWhatRuns(t *testing.T) {
	t.Parallel()
	d := run(t, watchedCluster+"web: {bind: '127.0.0.1:0'}\n", withDC(t))
	if code, body := d.web("/readyz"); code != 200 || body != "ready\n" {
		t.Errorf("/readyz: %d %q", code, body)
	}
	if code, body := d.web("/"); code != 200 || !strings.Contains(body, "<title>astrond</title>") {
		t.Errorf("/: %d %q", code, body)
	}
	if code, _ := d.web("/debug/pprof/"); code != 404 {
		t.Errorf("/debug/pprof/: %d", code)
	}
	c := d.dial()
	c.Control(wire.Control{Type: wire.ControlSetConName, Data: []byte("Toon AI")})
	c.Subscribe(5000, 5001)
	createToon(t, c, 101, wire.Location{Parent: 100, Zone: 2000})
	createToon(t, c, 102, wire.Location{Parent: 100, Zone: 2000})
	c.Send(mdtest.Datagram(t, func(w *wire.Writer) { w.Header(5000, wire.StateServerCreateObjectWithRequired, 402000).Uint8(1) }))

	var s status.Snapshot
	until(t, "two toons", func() bool {
		s = d.snapshot()
		objects := s.Metrics["astrond_stateserver_objects"]
		return len(objects) == 1 && objects[0].Value == 2 && len(s.Warnings) > 0
	})
	if !s.Ready || s.Process.Name != "Toon Valley" || !s.Backbone.Connected || s.Backbone.URL != d.nats() {
		t.Errorf("the process is %v, ready %v, on %v", s.Process, s.Ready, s.Backbone)
	}
	states := map[string]string{}
	for _, r := range s.Roles {
		states[r.Type] = r.State
	}
	for _, kind := range []string{"stateserver", "clientagent", "database", "messagedirector"} {
		if states[kind] != status.StateRunning {
			t.Errorf("%s is %q", kind, states[kind])
		}
	}
	if len(s.Connections) != 1 || s.Connections[0].Name != "Toon AI" || s.Connections[0].Channels != 2 ||
		s.Connections[0].Address != c.Conn.LocalAddr().String() {
		t.Errorf("connected are %v", s.Connections)
	}
	if len(s.Others) == 0 || s.Others[0].Name != "Toon of stateserver[402000]" || s.Others[0].Count != 2 {
		t.Errorf("others are %v", s.Others)
	}
	if w := s.Warnings[0]; w.Level != "warning" || !strings.Contains(w.Text, "State Server: refused a message") {
		t.Errorf("the warning is %v", w)
	}
	_, scrape := d.web("/metrics")
	for _, want := range []string{
		"astrond_ready 1",
		`astrond_stateserver_objects{dclass="Toon",role="stateserver[402000]"} 2`,
		`astrond_stateserver_refused_total{reason="truncated",role="stateserver[402000]"} 1`,
		`astrond_log_warnings_total{level="warning"} 1`,
		"md_participants_size 1",
	} {
		if !strings.Contains(scrape, want+"\n") {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}

// A process that has lost its backbone is alive, but not ready, and says why; it
// is ready again by itself.
func TestReadyFollowsTheBackbone(t *testing.T) {
	t.Parallel()
	hub := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\n")
	nats := hub.nats()
	d := run(t, strings.Replace(watchedCluster, "{embedded: {listen: '127.0.0.1:0'}}", "{urls: ['"+nats+"'], on_gap: continue}", 1)+
		"web: {bind: '127.0.0.1:0'}\n", withDC(t))
	hub.signal(os.Kill)
	until(t, "not ready", func() bool { code, _ := d.web("/readyz"); return code == 503 })
	if _, body := d.web("/readyz"); !strings.Contains(body, "the backbone is lost") {
		t.Errorf("/readyz says %q", body)
	}
	if code, _ := d.web("/healthz"); code != 200 {
		t.Errorf("/healthz: %d", code)
	}
	if s := d.snapshot(); s.Ready || s.Backbone.Connected || len(s.NotReady) == 0 {
		t.Errorf("the page says ready %v, connected %v", s.Ready, s.Backbone.Connected)
	}
	run(t, "backbone: {embedded: {listen: '"+strings.TrimPrefix(nats, "nats://")+"'}}\n")
	until(t, "ready", func() bool { code, _ := d.web("/readyz"); return code == 200 })
}

// top shows in a terminal what the page shows, and needs its password.
func TestTop(t *testing.T) {
	t.Parallel()
	d := run(t, watchedCluster+"web: {bind: '127.0.0.1:0', pprof: true, authentication: {username: operator, password_file: secret}}\n",
		withDC(t), with(t, "secret", "hunter2\n"))
	c := d.dial()
	c.Control(wire.Control{Type: wire.ControlSetConName, Data: []byte("Toon AI")})
	createToon(t, c, 101, wire.Location{Parent: 100, Zone: 2000})
	at := strings.TrimPrefix(d.said("status"), "http://")
	if _, errOut, code := astrond(t, "top", "--once", "--every", "100ms", at); code != 1 || !strings.Contains(errOut, "--password-file") {
		t.Errorf("without a password: %d, %s", code, errOut)
	}
	until(t, "the toon", func() bool {
		out, errOut, code := astrond(t, "top", "--once", "--every", "100ms", "http://operator:hunter2@"+at)
		if code != 0 || strings.Contains(out+errOut, "hunter2") {
			t.Fatalf("%d: %s%s", code, out, errOut)
		}
		for _, want := range []string{"Toon Valley: ready", "Toon    1 ", "Toon AI", "clientagent[127.0.0.1:0]", "0/s"} {
			if !strings.Contains(out, want) {
				return false
			}
		}
		return true
	})
	out, errOut, code := astrond(t, "top", "--json", "--config", filepath.Join(d.dir, "astrond.yml"), at)
	var s status.Snapshot
	if err := json.Unmarshal([]byte(out), &s); err != nil || code != 0 || s.Process.Name != "Toon Valley" {
		t.Errorf("--json: %d, %v: %s%s", code, err, out, errOut)
	}
	if code, _ := d.web("/debug/pprof/", "operator", "hunter2"); code != 200 {
		t.Errorf("/debug/pprof/: %d", code)
	}
	if strings.Contains(d.text(), "hunter") {
		t.Errorf("the log shows a password:\n%s", d.text())
	}
}
