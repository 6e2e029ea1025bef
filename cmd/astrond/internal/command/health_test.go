package command

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/daemon"
)

func TestHealth(t *testing.T) {
	ready := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/healthz":
			fmt.Fprintln(w, "ok")
		case r.URL.Path == "/readyz" && ready:
			fmt.Fprintln(w, "ready")
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, "not ready\nthe backbone is lost")
		}
	}))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "astrond.yml")
	configure := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(args ...string) (int, string) {
		t.Helper()
		var out, errOut bytes.Buffer
		code := Run(context.Background(), append(append([]string{"astrond", "health"}, args...), file), &out, &errOut, daemon.Extensions{})
		return code, out.String() + errOut.String()
	}
	want := func(what string, code, wantCode int, text, wantText string) {
		t.Helper()
		if code != wantCode || !strings.Contains(text, wantText) {
			t.Errorf("%s: code %d, %q; want %d and in it %q", what, code, text, wantCode, wantText)
		}
	}

	configure("web: {bind: '0.0.0.0:" + port + "'}\n")
	code, text := ask()
	want("ready", code, 0, text, "ready\n")
	ready = false
	code, text = ask()
	want("not ready", code, 1, text, "astrond: not ready\nthe backbone is lost")
	code, text = ask("--live")
	want("alive", code, 0, text, "ok\n")
	server.Close()
	code, text = ask("--live")
	want("gone", code, 1, text, "not healthy")

	configure("messagedirector: {}\n")
	code, text = ask()
	want("no web", code, 1, text, "has no section web")
	configure("web: {bind: '127.0.0.1:0'}\n")
	code, text = ask()
	want("any port", code, 1, text, "the port in web.bind is 0")
	configure("wep: {}\n")
	code, text = ask()
	want("faults", code, 1, text, "astrond.yml:1:1: wep")
}

func TestReachable(t *testing.T) {
	for at, want := range map[string]string{
		"0.0.0.0:8080":   "127.0.0.1:8080",
		"[::]:8080":      "[::1]:8080",
		"10.0.0.5:8080":  "10.0.0.5:8080",
		"localhost:8080": "localhost:8080",
	} {
		if got := cmdline.Reachable(at); got != want {
			t.Errorf("%v is reached at %s, want %s", at, got, want)
		}
	}
}
