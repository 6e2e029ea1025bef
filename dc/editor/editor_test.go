package editor

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"go.uber.org/goleak"

	"natstron/dc"
	"natstron/dc/internal/syntax"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t testing.TB, err error) {
	if err != nil {
		t.Helper()
		t.Fatal(err)
	}
}

// client is an editor, which speaks to a server of its own.
type client struct {
	t       testing.TB
	to      *io.PipeWriter
	from    chan answer
	ended   chan error
	last    int // id of a request
	noticed []notice
}

type notice struct {
	Method string
	Params json.RawMessage
}

func newClient(t testing.TB, o Options) *client {
	t.Helper()
	in, to := io.Pipe()
	from, out := io.Pipe()
	c := &client{t: t, to: to, from: make(chan answer, 10_000), ended: make(chan error, 1)}
	go func() {
		c.ended <- Serve(in, out, o)
		in.Close()
		out.Close()
	}()
	go func() {
		defer close(c.from)
		for r := bufio.NewReader(from); ; {
			a, err := readAnswer(r)
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Errorf("the server writes: %v", err)
				return
			}
			c.from <- a
		}
	}()
	t.Cleanup(func() { to.Close() })
	return c
}

func (c *client) write(m any) {
	c.t.Helper()
	body, err := json.Marshal(m)
	must(c.t, err)
	_, err = fmt.Fprintf(c.to, "Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n%s", len(body), body)
	must(c.t, err)
}

type object = map[string]any

func (c *client) notify(method string, params any) {
	c.t.Helper()
	c.write(object{"jsonrpc": "2.0", "method": method, "params": params})
}

type answer struct {
	ID     json.RawMessage
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *rpcError
}

// ask sends a request and waits for its answer.
func (c *client) ask(method string, params any) (json.RawMessage, *rpcError) {
	c.t.Helper()
	c.last++
	c.write(object{"jsonrpc": "2.0", "id": c.last, "method": method, "params": params})
	for {
		a, ok := <-c.from
		if !ok {
			c.t.Fatal("the server has ended")
		}
		if a.Method != "" {
			c.noticed = append(c.noticed, notice{a.Method, a.Params})
			continue
		}
		if string(a.ID) != fmt.Sprint(c.last) {
			c.t.Fatalf("an answer to %s, not to %d", a.ID, c.last)
		}
		return a.Result, a.Error
	}
}

// readAnswer reads a message of the server, which frames them as the editor does.
func readAnswer(r *bufio.Reader) (a answer, err error) {
	header, err := r.ReadString('\n')
	if err != nil {
		return a, err
	}
	var length int
	if _, err := fmt.Sscanf(header, "Content-Length: %d\r\n", &length); err != nil {
		return a, err
	}
	body := make([]byte, len("\r\n")+length)
	if _, err := io.ReadFull(r, body); err != nil {
		return a, err
	}
	return a, json.Unmarshal(body, &a)
}

// settle waits for everything that the server says without being asked: the answer to a request
// comes before that, and the answer to the next one after it.
func (c *client) settle() []notice {
	c.t.Helper()
	for range 2 {
		if _, err := c.ask("test/nothing", nil); err == nil || err.Code != unknownMethod {
			c.t.Fatalf("an unknown method: %v", err)
		}
	}
	list := c.noticed
	c.noticed = nil
	return list
}

func (c *client) start(encodings ...string) {
	c.t.Helper()
	params := object{"capabilities": object{"general": object{"positionEncodings": encodings}}}
	if _, err := c.ask("initialize", params); err != nil {
		c.t.Fatal(err)
	}
	c.notify("initialized", object{})
}

// end ends the conversation as an editor should.
func (c *client) end() {
	c.t.Helper()
	if r, err := c.ask("shutdown", nil); err != nil || string(r) != "null" {
		c.t.Errorf("shutdown: %s, %v", r, err)
	}
	c.notify("exit", nil)
	if err := <-c.ended; err != nil {
		c.t.Errorf("the end: %v", err)
	}
}

func (c *client) openFile(uri, text string) {
	c.t.Helper()
	c.notify("textDocument/didOpen", object{"textDocument": object{"uri": uri, "languageId": "dc", "version": 1, "text": text}})
}

func document1(uri string) object { return object{"textDocument": object{"uri": uri}} }

// TestServer runs the scripts of testdata, in which an editor speaks to the server. Files are in one
// folder.
//
//	disk name             the input is a file on the disk
//	project names…        the files that belong together; none: each for itself
//	open name, change name, close name, save name
//	hover name, definition name, complete name
//	                      at the '|' in the input, which is a part of the file
//	symbols name, format name
//
// What the server says without being asked follows what it answers.
func TestServer(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		dir := t.TempDir()
		var project []string
		c := newClient(t, Options{Version: "test", Project: func(string) Project { return Project{Files: project} }})
		c.start()
		texts := map[string]string{}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var names, uris []string
			for _, a := range d.CmdArgs {
				names = append(names, filepath.Join(dir, a.Key))
				uris = append(uris, uriOf(filepath.Join(dir, a.Key)))
			}
			version := object{"uri": "", "version": 2}
			said := ""
			switch d.Cmd {
			case "disk":
				must(t, os.WriteFile(names[0], []byte(d.Input+"\n"), 0o600))
				return ""
			case "project":
				project = names
				return ""
			case "open":
				texts[uris[0]] = d.Input + "\n"
				c.openFile(uris[0], texts[uris[0]])
			case "change":
				texts[uris[0]] = d.Input + "\n"
				version["uri"] = uris[0]
				c.notify("textDocument/didChange", object{"textDocument": version, "contentChanges": []object{{"text": texts[uris[0]]}}})
			case "close":
				c.notify("textDocument/didClose", document1(uris[0]))
			case "save":
				c.notify("textDocument/didSave", document1(uris[0]))
			case "hover", "definition", "complete":
				method := map[string]string{"complete": "completion"}[d.Cmd]
				if method == "" {
					method = d.Cmd
				}
				params := document1(uris[0])
				params["position"] = markedIn(t, texts[uris[0]], d.Input)
				r, err := c.ask("textDocument/"+method, params)
				said = show(t, method, r, err)
			case "symbols":
				r, err := c.ask("textDocument/documentSymbol", document1(uris[0]))
				said = show(t, "symbols", r, err)
			case "format":
				r, err := c.ask("textDocument/formatting", document1(uris[0]))
				said = show(t, "format", r, err)
			default:
				t.Fatalf("no command %s", d.Cmd)
			}
			for _, n := range c.settle() {
				said += showNotice(t, n)
			}
			return strings.ReplaceAll(strings.ReplaceAll(said, uriOf(dir)+"/", ""), dir+string(filepath.Separator), "")
		})
		c.end()
	})
}

// markedIn is the place of the '|' in a part of a text.
func markedIn(t testing.TB, whole, part string) position {
	t.Helper()
	before, after, ok := strings.Cut(part, "|")
	at := strings.Index(whole, before+after)
	if !ok || at < 0 {
		t.Fatalf("%q is not in the text", part)
	}
	return newText(whole, false).position(at + len(before))
}

func (p position) String() string  { return fmt.Sprintf("%d:%d", p.Line, p.Character) }
func (r textRange) String() string { return fmt.Sprintf("%v-%v", r.Start, r.End) }

func into[T any](t testing.TB, j json.RawMessage) T {
	t.Helper()
	var v T
	must(t, json.Unmarshal(j, &v))
	return v
}

func show(t *testing.T, method string, result json.RawMessage, err *rpcError) string {
	t.Helper()
	switch {
	case err != nil:
		return fmt.Sprintf("error %d: %s\n", err.Code, err.Message)
	case string(result) == "null":
		return "nothing\n"
	}
	var b strings.Builder
	switch method {
	case "hover":
		h := into[hoverResult](t, result)
		fmt.Fprintf(&b, "%v\n%s\n", h.Range, h.Contents.Value)
	case "definition":
		l := into[location](t, result)
		fmt.Fprintf(&b, "%s %v\n", l.URI, l.Range)
	case "completion":
		for _, i := range into[[]completionItem](t, result) {
			if i.Detail == "built in" && i.Label != "int8" && i.Label != "required" {
				continue // the first of them stands for all
			}
			fmt.Fprintf(&b, "%s (%s) ", i.Label, i.Detail)
		}
		b.WriteString("\n")
	case "format":
		for _, e := range into[[]textEdit](t, result) {
			fmt.Fprintf(&b, "%v\n%s", e.Range, e.Text)
		}
	case "symbols":
		showSymbols(&b, "", into[[]documentSymbol](t, result))
	}
	return b.String()
}

func showSymbols(b *strings.Builder, indent string, list []documentSymbol) {
	for _, s := range list {
		fmt.Fprintf(b, "%s%s kind %d %q %v, name %v\n", indent, s.Name, s.Kind, s.Detail, s.Range, s.Selection)
		showSymbols(b, indent+"  ", s.Children)
	}
}

func showNotice(t *testing.T, n notice) string {
	t.Helper()
	if n.Method != "textDocument/publishDiagnostics" {
		return fmt.Sprintf("%s %s\n", n.Method, n.Params)
	}
	p := into[publishParams](t, n.Params)
	if p.Diagnostics == nil {
		t.Errorf("a list that is null, which Neovim does not take: %s", n.Params)
	}
	s := fmt.Sprintf("%s: %d wrong\n", p.URI, len(p.Diagnostics))
	for _, d := range p.Diagnostics {
		s += fmt.Sprintf("  %v severity %d: %s\n", d.Range, d.Severity, d.Message)
	}
	return s
}

// A server that is not initialized, or is shut down, does nothing.
func TestLife(t *testing.T) {
	c := newClient(t, Options{})
	if _, err := c.ask("textDocument/hover", object{}); err == nil || err.Code != notInitialized {
		t.Errorf("before initialize: %v", err)
	}
	r, err := c.ask("initialize", object{"capabilities": object{"general": object{"positionEncodings": []string{"utf-16", "utf-8"}}}})
	if err != nil || into[initializeResult](t, r).Capabilities.PositionEncoding != "utf-8" {
		t.Errorf("initialize: %s, %v", r, err)
	}
	if _, err := c.ask("initialize", object{}); err == nil || err.Code != invalidRequest {
		t.Errorf("initialize twice: %v", err)
	}
	// Columns are bytes now.
	c.openFile("untitled:1", "/* 🦋 */ dclass A { };")
	r, err = c.ask("textDocument/hover", object{"textDocument": object{"uri": "untitled:1"}, "position": position{0, 18}})
	if err != nil || !strings.Contains(string(r), `"character":18`) {
		t.Errorf("hover: %s, %v", r, err)
	}
	for _, params := range []any{nil, []int{1}, object{"textDocument": 5}, object{"textDocument": object{"uri": "file:///not/open.dc"}}, object{"position": object{"line": -1}}} {
		for _, method := range []string{"hover", "definition", "completion", "documentSymbol", "formatting"} {
			if r, err := c.ask("textDocument/"+method, params); err == nil || err.Code != invalidParams {
				t.Errorf("%s of %v: %s, %v", method, params, r, err)
			}
		}
	}
	if _, err := c.ask("shutdown", nil); err != nil {
		t.Error(err)
	}
	if _, err := c.ask("textDocument/hover", object{}); err == nil || err.Code != invalidRequest {
		t.Errorf("after shutdown: %v", err)
	}
	c.notify("exit", nil)
	must(t, <-c.ended)
}

// What cannot be read ends the server, with a reason; what can is answered.
func TestBroken(t *testing.T) {
	initialize := frame(`{"id":1,"method":"initialize","params":1}`)
	for input, want := range map[string]string{
		"": ErrNoShutdown.Error(),
		"Content-Length: 17\n\n{\"method\":\"exit\"}": ErrNoShutdown.Error(),
		initialize:                         ErrNoShutdown.Error(),
		"Content-Length: 5\r\n\r\n{}":      "a message of 5 bytes ended after 2",
		"Content-Length: 5\r\n":            "unexpected EOF",
		"Content-Length: 99999999\r\n\r\n": "at most",
		"Content-Length: -1\r\n\r\n":       "at most",
		"Content-Length: x\r\n\r\n":        "at most",
		"X: y\r\n\r\n{}":                   "without Content-Length",
		strings.Repeat("x", 10000):         "more than 4096 bytes",
		strings.Repeat("x: y\r\n", 100):    "more than 32 lines",
	} {
		err := Serve(strings.NewReader(input), io.Discard, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.50q: %v, want %s", input, err, want)
		}
	}
	var out strings.Builder
	_ = Serve(strings.NewReader("content-length: 2\n\n{xContent-Length: 4\n\nnull"+initialize), &out, Options{})
	if got := out.String(); !strings.Contains(got, `"code":-32700`) || !strings.Contains(got, `"id":1,"error":{"code":-32602`) {
		t.Errorf("answers: %s", got)
	}
	if err := Serve(strings.NewReader(initialize), brokenPipe{}, Options{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("an editor that does not read: %v", err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// More than a bounded number of files, or of bytes, is refused and told.
func TestBounds(t *testing.T) {
	c := newClient(t, Options{})
	c.start()
	big := strings.Repeat(" ", 10<<20)
	for i := range maxOpenText / len(big) {
		c.openFile(fmt.Sprintf("untitled:big%d", i), big)
	}
	c.openFile("untitled:toomuch", big)
	c.openFile("untitled:small", "")
	c.notify("textDocument/didChange", object{"textDocument": object{"uri": "untitled:small"}, "contentChanges": []object{{"text": big}}})
	c.notify("textDocument/didChange", object{"textDocument": object{"uri": "untitled:big0"}, "contentChanges": []object{{"text": "x", "range": textRange{}}}})
	c.notify("textDocument/didClose", document1("untitled:none"))
	said := fmt.Sprintf("%s", c.settle())
	for _, want := range []string{
		"more than 33554432 bytes are open: untitled:toomuch is not read", "more than 33554432 bytes are open: untitled:small is not read any more",
		"a part of the text was sent", "untitled:none is not open", "are too many: at most 4194304 are read",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q was not told: %s", want, said)
		}
	}
	for i := range maxOpenText / len(big) {
		c.notify("textDocument/didClose", document1(fmt.Sprintf("untitled:big%d", i)))
	}
	for i := range maxOpen + 1 {
		c.openFile(fmt.Sprintf("untitled:%d", i), "")
	}
	if said := fmt.Sprintf("%s", c.settle()); !strings.Contains(said, "more than 200 files are open: untitled:200 is not read") {
		t.Errorf("too many files: %s", said)
	}
	c.end()
}

// Deeply nested and endless text takes no longer than other text.
func TestHostileText(t *testing.T) {
	c := newClient(t, Options{})
	c.start()
	for i, text := range []string{
		strings.Repeat("(", 1<<20), strings.Repeat("{", 1<<20), strings.Repeat("dclass A { struct ", 1<<14),
		"dclass A { " + strings.Repeat("f(); ", 1<<15), "/* ä */ dclass A { " + strings.Repeat("f(); ", 1<<15),
		strings.Repeat("ä", 1<<20), "dclass A { f(" + strings.Repeat("struct { ", 1<<14),
		"dclass A : A { f : f; };", "typedef T T; dclass A : B { }; dclass B : A { f : g; };",
	} {
		uri := fmt.Sprintf("untitled:%d", i)
		c.openFile(uri, text)
		for _, method := range []string{"hover", "definition", "completion", "documentSymbol", "formatting"} {
			params := object{"textDocument": object{"uri": uri}, "position": position{1 << 31, 5}}
			if _, err := c.ask("textDocument/"+method, params); err != nil {
				t.Errorf("%.20q: %s: %v", text, method, err)
			}
		}
	}
	c.settle()
	c.end()
}

// Every word of the language is explained, and nothing else.
func TestWords(t *testing.T) {
	types := append(syntax.Basics(), dc.Float32.String())
	slices.Sort(types)
	if got := sortedKeys(typeTexts); !slices.Equal(got, types) {
		t.Errorf("types %v, want %v", got, types)
	}
	if got := sortedKeys(wordTexts); !slices.Equal(got, syntax.Reserved()) {
		t.Errorf("words %v, want %v", got, syntax.Reserved())
	}
	keywords := slices.Sorted(slices.Values(builtins))
	if got := sortedKeys(keywordTexts); !slices.Equal(got, keywords) {
		t.Errorf("keywords %v, want %v", got, keywords)
	}
}

// Places and offsets are each other's inverse, in both units.
func TestPositions(t *testing.T) {
	const s = "ab\nä🦋c\r\n\xffx\n"
	for _, bytes := range []bool{false, true} {
		whole := newText(s, bytes)
		for i := range s { // where characters begin
			if p := whole.position(i); whole.offset(p) != i {
				t.Errorf("%d is at %v, which is %d", i, p, whole.offset(p))
			}
		}
	}
	if p := newText(s, false).position(strings.Index(s, "c")); p != (position{1, 3}) {
		t.Errorf("c is at %v", p)
	}
	for p, want := range map[position]string{{0, 99}: "\nä", {1, 2}: "c", {9, 0}: "", {2, 1}: "x"} {
		if got := s[newText(s, false).offset(p):]; !strings.HasPrefix(got, want) {
			t.Errorf("%v is before %q, not %q", p, got, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b#ü.dc")
	if got, ok := pathOf(uriOf(path)); got != path || !ok {
		t.Errorf("%s became %s became %s", path, uriOf(path), got)
	}
	for _, uri := range []string{"untitled:1", "file://elsewhere/a.dc", "http://x/a.dc", "file:", "%zz", ""} {
		if got, ok := pathOf(uri); ok {
			t.Errorf("%s is the file %s", uri, got)
		}
	}
}
