package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/internal/status"
)

// patience is how long a test waits for what should come.
const patience = 20 * time.Second

// start is a server with what is missing in the options.
func start(t *testing.T, o Options) (s *Server, url string) {
	t.Helper()
	o.Bind = "127.0.0.1:0"
	if o.Status == nil {
		o.Status = func() *status.Snapshot { return &status.Snapshot{Process: status.Process{Name: "me"}} }
	}
	if o.Ready == nil {
		o.Ready = func(context.Context) []string { return nil }
	}
	if o.Metrics == nil {
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a_metric 1\n") })
	}
	o.Log = slog.New(slog.DiscardHandler)
	s, err := Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return s, "http://" + s.Addr().String()
}

type answer struct {
	code   int
	header http.Header
	body   string
}

func ask(t *testing.T, method, url string, login ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(login) > 0 {
		r.SetBasicAuth(login[0], login[1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func TestAnswers(t *testing.T) {
	_, url := start(t, Options{})
	for _, test := range []struct {
		method, path string
		code         int
		body         string
	}{
		{"GET", "/", 200, "<!doctype html>"},
		{"HEAD", "/", 200, ""},
		{"GET", "/healthz", 200, "ok\n"},
		{"GET", "/readyz", 200, "ready\n"},
		{"GET", "/metrics", 200, "a_metric 1\n"},
		{"GET", "/api/status", 200, `"name":"me"`},
		{"GET", "/debug/pprof/", 404, ""},
		{"GET", "/debug/pprof/heap", 404, ""},
		{"GET", "/index.html", 404, ""},
		{"GET", "/../../etc/passwd", 404, ""},
		{"POST", "/", 405, ""},
		{"DELETE", "/api/status", 405, ""},
	} {
		got := ask(t, test.method, url+test.path)
		if got.code != test.code || !strings.Contains(got.body, test.body) {
			t.Errorf("%s %s: %d %q; want %d %q", test.method, test.path, got.code, got.body, test.code, test.body)
		}
		if h := got.header; h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s %s lacks headers: %v", test.method, test.path, h)
		}
	}
}

func TestProfilerOnlyWhenAskedFor(t *testing.T) {
	_, url := start(t, Options{Profile: true, Authentication: &Authentication{Username: "u", Password: "p"}})
	if got := ask(t, "GET", url+"/debug/pprof/goroutine?debug=1", "u", "p"); got.code != 200 || !strings.Contains(got.body, "goroutine profile") {
		t.Errorf("%d %q", got.code, got.body)
	}
	if got := ask(t, "GET", url+"/debug/pprof/heap"); got.code != 401 {
		t.Errorf("without a password: %d", got.code)
	}
}

func TestPassword(t *testing.T) {
	s, url := start(t, Options{
		Authentication: &Authentication{Username: "operator", Password: "correct horse"}, Profile: true,
		Ready: func(context.Context) []string { return []string{"a secret reason"} },
	})
	for _, path := range []string{"/", "/api/status", "/metrics", "/debug/pprof/", "/debug/pprof/profile", "/debug/pprof/trace"} {
		for name, login := range map[string][]string{
			"none": nil, "wrong password": {"operator", "correct hors"}, "wrong user": {"operato", "correct horse"},
			"empty": {"", ""}, "only the user": {"operator", ""}, "only the password": {"", "correct horse"},
		} {
			got := ask(t, "GET", url+path, login...)
			if got.code != 401 || !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Basic ") {
				t.Errorf("%s with %s: %d", path, name, got.code)
			}
			if strings.Contains(got.body, "a_metric") || strings.Contains(got.body, "html") {
				t.Errorf("%s with %s shows %q", path, name, got.body)
			}
		}
	}
	for _, path := range []string{"/", "/api/status", "/metrics"} {
		if got := ask(t, "GET", url+path, "operator", "correct horse"); got.code != 200 {
			t.Errorf("%s with the password: %d", path, got.code)
		}
	}
	if got := s.Denied(); got != 6*5 {
		t.Errorf("%d were denied, want %d: those who tried", got, 6*5)
	}
	// Health checks need no password, and tell nothing without it.
	if got := ask(t, "GET", url+"/healthz"); got.code != 200 {
		t.Errorf("/healthz: %d", got.code)
	}
	if got := ask(t, "GET", url+"/readyz"); got.code != 503 || got.body != "not ready\n" {
		t.Errorf("/readyz: %d %q", got.code, got.body)
	}
	if got := ask(t, "GET", url+"/readyz", "operator", "correct horse"); got.code != 503 || got.body != "not ready\na secret reason\n" {
		t.Errorf("/readyz with the password: %d %q", got.code, got.body)
	}
}

// However many look, they share a snapshot.
func TestSnapshotsAreShared(t *testing.T) {
	var made, together atomic.Int32
	_, url := start(t, Options{Status: func() *status.Snapshot {
		if together.Add(1) > 1 {
			t.Error("two are made at the same time")
		}
		defer together.Add(-1)
		made.Add(1)
		return &status.Snapshot{Warnings: []status.Warning{{Text: "<script>alert(1)</script>"}}}
	}})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			got := ask(t, "GET", url+"/api/status")
			var s status.Snapshot
			if err := json.Unmarshal([]byte(got.body), &s); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff("<script>alert(1)</script>", s.Warnings[0].Text); diff != "" || strings.Contains(got.body, "<script>") {
				t.Errorf("the warning is %s", got.body)
			}
		})
	}
	all.Wait()
	if n := made.Load(); n > 25 {
		t.Errorf("%d snapshots were made for 50 requests", n)
	}
}

func TestPortInUse(t *testing.T) {
	s, _ := start(t, Options{})
	_, err := Listen(t.Context(), Options{Bind: s.Addr().String(), Log: slog.New(slog.DiscardHandler)})
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("error is %v", err)
	}
}

// Headers without end are refused, and so is one connection too many.
func TestHostileConnections(t *testing.T) {
	_, url := start(t, Options{})
	address := strings.TrimPrefix(url, "http://")
	dial := func() net.Conn {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		_ = c.SetDeadline(time.Now().Add(patience))
		return c
	}
	long := dial()
	go func() { _, _ = io.WriteString(long, "GET / HTTP/1.1\r\nX: "+strings.Repeat("x", 1<<20)) }()
	if line, err := bufio.NewReader(long).ReadString('\n'); !strings.Contains(line, "431") {
		t.Errorf("a header of 1 MiB is answered with %q, %v", line, err)
	}
	var conns []net.Conn
	for range maxConnections + 8 {
		conns = append(conns, dial())
	}
	refused := 0
	for _, c := range conns {
		if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			refused++
		} else if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
			refused++
		}
	}
	if refused < 8 || refused > maxConnections/2 {
		t.Errorf("%d of %d connections were refused", refused, len(conns))
	}
	for _, c := range conns {
		_ = c.Close()
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) { // until the server has noticed
		c := dial()
		_, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		if line, readErr := bufio.NewReader(c).ReadString('\n'); err == nil && readErr == nil && strings.Contains(line, "200") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody is served after the others have left")
		}
	}
}

// A page of the Internet whose name has come to mean this machine must not read what
// only this machine may.
func TestStrangeHost(t *testing.T) {
	for _, test := range []struct {
		path, host string
		login      bool
		code       int
	}{
		{"/api/status", "evil.example:80", false, http.StatusForbidden},
		{"/metrics", "evil.example", false, http.StatusForbidden},
		{"/", "localhost.evil.example", false, http.StatusForbidden},
		{"/", "", false, http.StatusForbidden},
		{"/api/status", "localhost:8080", false, http.StatusOK},
		{"/api/status", "LOCALHOST.", false, http.StatusOK},
		{"/api/status", "[::1]:8080", false, http.StatusOK},
		{"/api/status", "::1", false, http.StatusOK},
		{"/api/status", "127.0.0.1", false, http.StatusOK},
		{"/healthz", "evil.example", false, http.StatusOK},
		{"/api/status", "astrond.example", true, http.StatusOK},
	} {
		o := Options{}
		if test.login {
			o.Authentication = &Authentication{Username: "me", Password: "secret"}
		}
		s, _ := start(t, o)
		r := httptest.NewRequest(http.MethodGet, test.path, nil)
		r.Host = test.host
		r.SetBasicAuth("me", "secret")
		w := httptest.NewRecorder()
		s.http.Handler.ServeHTTP(w, r)
		if w.Code != test.code {
			t.Errorf("%s for %q: %d, want %d: %s", test.path, test.host, w.Code, test.code, w.Body)
		}
	}
}

// What is asked of the cluster is asked once for all that ask at the same time, and not
// too often.
func TestLooksAtTheCluster(t *testing.T) {
	var asked atomic.Int64
	_, url := start(t, Options{Ask: func(_ context.Context, request []byte, take func([]byte) bool) error {
		asked.Add(1)
		if strings.Contains(string(request), `"find":"fail"`) {
			return errors.New("no backbone")
		}
		take([]byte(`{"from":{"name":"other","origin":"x"},"clients":{"rows":[{"channel":"1000001"}],"total":1}}`))
		return nil
	}})
	for _, test := range []struct {
		path string
		code int
		body string
	}{
		{"clients?find=a", 200, `"channel":"1000001"`},
		{"clients?find=a", 200, `"process":"other"`},
		{"clients?find=fail", 500, "no backbone"},
		{"client?client=x", 400, `"x" is not a number`},
		{"objects?parent=4294967296", 400, "is not a number"},
		{"why?client=1&object=-1", 400, "is not a number"},
		{"why?client=1&object=2", 200, `"because":["No client agent`},
		{"nothing", 404, ""},
	} {
		if got := ask(t, "GET", url+"/api/"+test.path); got.code != test.code || !strings.Contains(got.body, test.body) {
			t.Errorf("%s: %d %s", test.path, got.code, got.body)
		}
	}
	before := asked.Load()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { ask(t, "GET", url+"/api/zones?parent=4618") })
	}
	all.Wait()
	if n := asked.Load() - before; n > 2 { // more than one if that took longer than a second
		t.Errorf("the cluster was asked %d times", n)
	}
	refused := 0
	for i := range 3 * questionsBurst {
		if got := ask(t, "GET", url+"/api/object?object="+strconv.Itoa(i)); got.code == http.StatusTooManyRequests && got.header.Get("Retry-After") != "" {
			refused++
		}
	}
	if refused == 0 {
		t.Error("there is no limit to what is asked")
	}
}

// All that the page consists of is there, under its policy.
func TestPageIsWhole(t *testing.T) {
	_, url := start(t, Options{})
	files, err := pageFiles.ReadDir("page")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() == "index.html" {
			continue
		}
		got := ask(t, "GET", url+"/page/"+f.Name())
		kind := map[string]string{"js": "text/javascript", "css": "text/css"}[f.Name()[strings.LastIndex(f.Name(), ".")+1:]]
		if got.code != 200 || kind == "" || !strings.HasPrefix(got.header.Get("Content-Type"), kind) || got.header.Get("Content-Security-Policy") != pagePolicy {
			t.Errorf("%s: %d %v", f.Name(), got.code, got.header)
		}
	}
	if got := ask(t, "GET", url+"/page/../server.go"); got.code == 200 {
		t.Error("other files can be read")
	}
}
