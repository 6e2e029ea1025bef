package listen

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// page opens a port with a folder of files.
func page(t *testing.T) *Port {
	t.Helper()
	above := t.TempDir()
	folder := filepath.Join(above, "web")
	for name, text := range map[string]string{
		"secret.txt":          "secret",
		"web/index.html":      "<p>hello",
		"web/arena.js":        "let x",
		"web/data.unknown":    "?",
		"web/.hidden":         "secret",
		"web/.git/config":     "secret",
		"web/sub/index.html":  "<p>sub",
		"web/sub/.env":        "secret",
		"web/empty/other.txt": "no index here",
		"web/..double":        "secret",
	} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(above, name)), 0o700))
		must(t, os.WriteFile(filepath.Join(above, name), []byte(text), 0o600))
	}
	must(t, os.Symlink("../secret.txt", filepath.Join(folder, "link.txt")))
	must(t, os.Symlink(above, filepath.Join(folder, "out")))
	must(t, os.Symlink("arena.js", filepath.Join(folder, "alias.js")))
	return open(t, Config{WebSocket: true, Static: folder}, Limits{})
}

// ask sends a request as it stands, and returns what comes until the connection ends.
func ask(t *testing.T, p *Port, request string) (*http.Response, string) {
	t.Helper()
	conn := dial(t, p)
	must(t, conn.SetDeadline(time.Now().Add(patience)))
	_, err := io.WriteString(conn, request)
	must(t, err)
	method, _, _ := strings.Cut(request, " ")
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	must(t, err)
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	must(t, answer.Body.Close())
	return answer, string(body)
}

func get(t *testing.T, p *Port, path string) (*http.Response, string) {
	t.Helper()
	return ask(t, p, "GET "+path+" HTTP/1.1\r\nHost: game\r\n\r\n")
}

// A browser gets the files of the folder, each with its type, and nothing else.
func TestFiles(t *testing.T) {
	p := page(t)
	for path, want := range map[string]struct{ kind, body string }{
		"/":                  {"text/html; charset=utf-8", "<p>hello"},
		"/index.html":        {"text/html; charset=utf-8", "<p>hello"},
		"/arena.js":          {"text/javascript; charset=utf-8", "let x"},
		"/arena.js?v=1":      {"text/javascript; charset=utf-8", "let x"},
		"/%61rena.js":        {"text/javascript; charset=utf-8", "let x"},
		"/alias.js":          {"text/javascript; charset=utf-8", "let x"},
		"/sub/":              {"text/html; charset=utf-8", "<p>sub"},
		"/data.unknown":      {"application/octet-stream", "?"},
		"http://other/":      {"text/html; charset=utf-8", "<p>hello"},
		"/empty/other.txt?/": {"text/plain; charset=utf-8", "no index here"},
	} {
		answer, body := get(t, p, path)
		if kind := answer.Header.Get("Content-Type"); answer.StatusCode != 200 || kind != want.kind || body != want.body {
			t.Errorf("%s: %d, %s, %q", path, answer.StatusCode, kind, body)
		}
		if answer.Header.Get("X-Content-Type-Options") != "nosniff" || !answer.Close {
			t.Errorf("%s: %v", path, answer.Header)
		}
	}
	for _, path := range []string{
		"/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/sub/../../secret.txt", "/sub/../index.html", "/..%5csecret.txt", "/..\\secret.txt",
		"//etc/passwd", "//", "/./index.html", "/sub//index.html", "/C:/secret.txt", "/arena.js::$DATA", "/arena.js/", "/arena.js%00", "/arena.js%00.html",
		"/.hidden", "/.git/config", "/sub/.env", "/..double", "/sub/%2eenv",
		"/link.txt", "/out/secret.txt", "/out/", "/empty/", "/empty", "/sub", "/nothing", "/" + strings.Repeat("a/", 3000) + "x",
	} {
		if answer, body := get(t, p, path); answer.StatusCode != http.StatusNotFound || strings.Contains(body, "secret") && !strings.Contains(path, "secret") {
			t.Errorf("%.60s: %d, %q", path, answer.StatusCode, body)
		}
	}
}

// Files are only read; a browser that has one already is told so.
func TestFilesMethods(t *testing.T) {
	p := page(t)
	answer, body := ask(t, p, "HEAD /arena.js HTTP/1.1\r\nHost: game\r\n\r\n")
	if answer.StatusCode != 200 || answer.ContentLength != 5 || body != "" {
		t.Errorf("HEAD: %d, %d bytes, %q", answer.StatusCode, answer.ContentLength, body)
	}
	if answer, body := ask(t, p, "HEAD /nothing HTTP/1.1\r\nHost: game\r\n\r\n"); answer.StatusCode != 404 || body != "" {
		t.Errorf("HEAD: %d, %q", answer.StatusCode, body)
	}
	since := answer.Header.Get("Last-Modified")
	if answer, body := ask(t, p, "GET /arena.js HTTP/1.1\r\nHost: game\r\nIf-Modified-Since: "+since+"\r\n\r\n"); answer.StatusCode != 304 || body != "" {
		t.Errorf("again: %d, %q", answer.StatusCode, body)
	}
	if answer, body := ask(t, p, "GET /arena.js HTTP/1.1\r\nHost: game\r\nRange: bytes=4-\r\n\r\n"); answer.StatusCode != 206 || body != "x" {
		t.Errorf("a part: %d, %q", answer.StatusCode, body)
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "TRACE"} {
		if answer, _ := ask(t, p, method+" /arena.js HTTP/1.1\r\nHost: game\r\nContent-Length: 3\r\n\r\nabc"); answer.StatusCode != 405 || answer.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d", method, answer.StatusCode)
		}
	}
}

// The same port opens WebSockets, for pages of its own host. Without a folder it has no files.
func TestFilesBesideWebSocket(t *testing.T) {
	p := page(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	url := fmt.Sprintf("ws://%s/", p.Addr())
	ws, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"http://" + p.Addr().String()}}})
	must(t, err)
	must(t, ws.CloseNow())
	if _, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"http://elsewhere"}}}); err == nil {
		t.Error("a page of another host has connected")
	}
	bare := open(t, Config{WebSocket: true}, Limits{})
	if answer, _ := get(t, bare, "/"); answer.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("without a folder: %d", answer.StatusCode)
	}
}
