package browser

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// patience bounds every step.
const patience = 30 * time.Second

// names are what Chromium is called where it is installed.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// Page is one tab of a browser. It is for use by one goroutine.
type Page struct {
	t       testing.TB
	conn    *websocket.Conn
	session string
	id      int
	arrived bool // at the page, not at the empty one before it
	loaded  bool
	errors  []string // exceptions and errors on the console
}

// Open starts a browser with a window of that size, and opens a page in it. The
// test's end ends the browser. Where there is no Chromium, the test is skipped;
// NATSTRON_CHROMIUM may name one.
func Open(t testing.TB, url string, width, height int) *Page {
	t.Helper()
	p := &Page{t: t}
	p.connect(start(t))
	target := p.call("", "Target.createTarget", map[string]any{"url": "about:blank"})
	attached := p.call("", "Target.attachToTarget", map[string]any{"targetId": target["targetId"], "flatten": true})
	p.session, _ = attached["sessionId"].(string)
	for _, domain := range []string{"Runtime", "Log", "Page"} {
		p.call(p.session, domain+".enable", nil)
	}
	p.Resize(width, height, false)
	p.call(p.session, "Page.navigate", map[string]any{"url": url})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for !p.loaded {
		m, err := p.read(ctx)
		if err != nil {
			t.Fatalf("load %s: %v", url, err)
		}
		p.event(m)
	}
	return p
}

// Find is the path of a Chromium: the one that NATSTRON_CHROMIUM names, or one that is installed;
// "" if there is none.
func Find() string {
	path := os.Getenv("NATSTRON_CHROMIUM")
	for _, name := range names {
		if path == "" {
			path, _ = exec.LookPath(name) // the next name may be there
		}
	}
	return path
}

// start runs Chromium, and returns where its DevTools are.
func start(t testing.TB) (url string) {
	t.Helper()
	path := Find()
	if path == "" {
		t.Skip("NOT TESTED: no Chromium on this machine (looked for " + strings.Join(names, ", ") + ", and at NATSTRON_CHROMIUM)")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--remote-debugging-port=0", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		t.Fatalf("start %s: %v", path, err)
	}
	found, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if _, url, ok := strings.Cut(lines.Text(), "DevTools listening on "); ok {
				found <- strings.TrimSpace(url)
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		_ = cmd.Wait() // it was killed
	})
	select {
	case url := <-found:
		return url
	case <-ended:
		t.Fatalf("%s ended before it listened", path)
	case <-time.After(patience):
		t.Fatalf("%s did not say where it listens", path)
	}
	return ""
}

func (p *Page) connect(url string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	conn.SetReadLimit(64 << 20) // pictures
	p.conn = conn
	p.t.Cleanup(func() { _ = conn.CloseNow() })
}

// message is what the browser says.
type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result map[string]any  `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// call does one thing in the browser, and returns what it answers.
func (p *Page) call(session, method string, params map[string]any) map[string]any {
	p.t.Helper()
	result, err := p.request(session, method, params)
	if err != nil {
		p.t.Fatalf("%s: %v", method, err)
	}
	return result
}

func (p *Page) request(session, method string, params map[string]any) (map[string]any, error) {
	p.id++
	request := map[string]any{"id": p.id, "method": method}
	if params != nil {
		request["params"] = params
	}
	if session != "" {
		request["sessionId"] = session
	}
	return p.roundTrip(request)
}

func (p *Page) roundTrip(request map[string]any) (map[string]any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	if err := p.conn.Write(ctx, websocket.MessageText, body); err != nil {
		return nil, err
	}
	for {
		m, err := p.read(ctx)
		if err != nil {
			return nil, err
		}
		switch {
		case m.ID == request["id"] && m.Error != nil:
			return nil, errors.New(m.Error.Message)
		case m.ID == request["id"]:
			return m.Result, nil
		default:
			p.event(m)
		}
	}
}

func (p *Page) read(ctx context.Context) (m message, err error) {
	_, body, err := p.conn.Read(ctx)
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	return m, err
}

// event notes that the page is there, and what it should never do.
func (p *Page) event(m message) {
	var entry struct {
		Entry struct{ Level, Text, URL string }
	}
	switch m.Method {
	case "Page.frameNavigated":
		p.arrived = p.arrived || !strings.Contains(string(m.Params), `"url":"about:blank"`)
	case "Page.loadEventFired":
		p.loaded = p.arrived
	case "Runtime.exceptionThrown":
		p.errors = append(p.errors, string(m.Params))
	case "Log.entryAdded":
		if err := json.Unmarshal(m.Params, &entry); err != nil || entry.Entry.Level == "error" {
			p.errors = append(p.errors, string(m.Params))
		}
	}
}

// Errors are the exceptions, and the errors on the console, so far: scripts and
// styles that the page's policy forbids are among them.
func (p *Page) Errors() []string {
	p.t.Helper()
	p.Eval("0") // all that came before has been seen then
	return p.errors
}

// Eval is the value of an expression in the page.
func (p *Page) Eval(expression string) any {
	p.t.Helper()
	result, err := p.evaluate(expression)
	return p.valueOf(expression, result, err)
}

func (p *Page) evaluate(expression string) (map[string]any, error) {
	return p.request(p.session, "Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true})
}

func (p *Page) valueOf(expression string, result map[string]any, err error) any {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	if exception, ok := result["exceptionDetails"]; ok {
		p.t.Fatalf("%s: %v", expression, exception)
	}
	value, _ := result["result"].(map[string]any)
	return value["value"]
}

// Until waits until an expression in the page is true.
func (p *Page) Until(expression string) {
	p.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); !p.holds(expression); {
		select {
		case <-tick.C:
		case <-deadline:
			p.t.Fatalf("it never held: %s\nThe page says:\n%v", expression, p.Eval("document.body.innerText"))
		}
	}
}

// holds reports whether an expression in the page is true. In a page that is just being
// replaced by another, it is not.
func (p *Page) holds(expression string) bool {
	p.t.Helper()
	result, err := p.evaluate("!!(" + expression + ")")
	if err != nil && strings.Contains(err.Error(), "Inspected target navigated") {
		return false
	}
	return p.valueOf(expression, result, err) == true
}

// Click clicks into the middle of the element that a selector finds, with the
// mouse.
func (p *Page) Click(selector string) {
	p.t.Helper()
	at, _ := p.Eval(fmt.Sprintf(`(e => { e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect(); return {x: r.x + r.width / 2, y: r.y + r.height / 2}; })(document.querySelector(%q))`, selector)).(map[string]any)
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		p.call(p.session, "Input.dispatchMouseEvent", map[string]any{
			"type": kind, "x": at["x"], "y": at["y"], "button": "left", "clickCount": 1,
		})
	}
}

// Press presses the left button of the mouse in an element, at these parts of its width and height;
// Release releases it there.
func (p *Page) Press(selector string, x, y float64) {
	p.t.Helper()
	p.button("mousePressed", selector, x, y)
}

// Release is the end of Press.
func (p *Page) Release(selector string, x, y float64) {
	p.t.Helper()
	p.button("mouseReleased", selector, x, y)
}

func (p *Page) button(kind, selector string, x, y float64) {
	p.t.Helper()
	at, _ := p.Eval(fmt.Sprintf(`(r => ({x: r.x + r.width * %v, y: r.y + r.height * %v}))(document.querySelector(%q).getBoundingClientRect())`, x, y, selector)).(map[string]any)
	p.call(p.session, "Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at["x"], "y": at["y"], "button": "left", "clickCount": 1})
}

// Key presses a key that writes nothing, or releases it: ArrowLeft, Enter.
func (p *Page) Key(code string, down bool) {
	p.t.Helper()
	kind := map[bool]string{true: "rawKeyDown", false: "keyUp"}[down]
	p.call(p.session, "Input.dispatchKeyEvent", map[string]any{"type": kind, "code": code, "key": code})
}

// Go leaves the page for another.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.call(p.session, "Page.navigate", map[string]any{"url": url})
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.Eval("window.before = true")
	p.call(p.session, "Page.reload", nil)
	p.Until(`!window.before && document.readyState === "complete"`)
}

// Type writes text into what has the focus.
func (p *Page) Type(text string) {
	p.t.Helper()
	p.call(p.session, "Input.insertText", map[string]any{"text": text})
}

// Resize gives the window another size; dark asks the page to be dark.
func (p *Page) Resize(width, height int, dark bool) {
	p.t.Helper()
	p.call(p.session, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
	scheme := map[bool]string{false: "light", true: "dark"}[dark]
	p.call(p.session, "Emulation.setEmulatedMedia", map[string]any{"features": []map[string]any{{"name": "prefers-color-scheme", "value": scheme}}})
}

// Picture writes a picture of the whole page to a PNG file.
func (p *Page) Picture(name string) {
	p.t.Helper()
	shot := p.call(p.session, "Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true})
	data, _ := shot["data"].(string)
	png, err := base64.StdEncoding.DecodeString(data)
	if err == nil {
		err = os.WriteFile(name, png, 0o600)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}
