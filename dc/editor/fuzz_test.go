package editor

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func frame(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }

// FuzzServe: whatever bytes an editor sends, the server ends with them, and what it writes is JSON in frames.
func FuzzServe(f *testing.F) {
	f.Add(frame(`{"id":1,"method":"initialize","params":{}}`) +
		frame(`{"method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a.dc","text":"dclass A { f(); };"}}}`) +
		frame(`{"id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///a.dc"},"position":{"line":0,"character":8}}}`) +
		frame(`{"id":3,"method":"shutdown"}`) + frame(`{"method":"exit"}`))
	f.Fuzz(func(t *testing.T, input string) {
		var out strings.Builder
		_ = Serve(strings.NewReader(input), &out, Options{Project: func(string) Project { return Project{} }})
		r := newReader(strings.NewReader(out.String()))
		for {
			m, err := readMessage(r)
			if err == io.EOF {
				return
			}
			if err != nil || m.invalid != nil {
				t.Fatalf("the server writes %q: %v, %v", out.String(), err, m.invalid)
			}
		}
	})
}

// FuzzText: whatever the text and the place, every request is answered, and every name that is found
// is where the text has it. What formatting changes is final.
func FuzzText(f *testing.F) {
	for _, text := range []string{
		"keyword k; typedef int16/10 (-5-5) T[2] = {1,2}; struct S { S(uint8 a); T t; }; dclass A : B { f(T t, struct { uint8 x; } y) k; g : f; };",
		"from a.b import A/AI, B; switch P (uint8 k) { case 1: string s; break; default: P p; };", "/* ä🦋 */ dclass A {",
	} {
		f.Add(text, 10)
	}
	f.Fuzz(func(t *testing.T, text string, offset int) {
		w := newWorkspace(nil)
		must(t, w.openDocument("untitled:1", 1, text))
		checkFile(t, w, "untitled:1", offset)
	})
}

// checkFile asks everything about an open file.
func checkFile(t testing.TB, w *workspace, uri string, offset int) {
	t.Helper()
	f, err := w.file(uri)
	must(t, err)
	s := &server{workspace: w}
	offsets := []int{offset}
	f.walk(func(o occurrence) {
		if got := f.text.string[o.Pos:o.End]; got != o.name {
			t.Fatalf("%q is at %v, where there is %q", o.name, o.Span, got)
		}
		offsets = append(offsets, o.Pos, o.End)
	})
	for i, offset := range offsets[:min(len(offsets), 200)] {
		if found, ok := f.at(offset); i > 0 && (!ok || found.Pos > offset || found.End < offset) {
			t.Fatalf("there is no name at %d, but %v", offset, found)
		}
		p := f.text.position(max(offset, 0))
		offset = f.text.offset(p)
		for _, result := range []any{hover(f, offset), s.definition(f, offset), complete(f, offset)} {
			if _, err := json.Marshal(result); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = outline(f)
	for _, edit := range format(f) {
		must(t, w.changeDocument(uri, nil, edit.Text))
		f, err := w.file(uri)
		must(t, err)
		if again := format(f); len(again) > 0 {
			t.Fatalf("formatting again changes\n%s\ninto\n%s", edit.Text, again[0].Text)
		}
	}
}

// corpus are the DC files of real games, in a folder that the project does not carry.
func corpus(t *testing.T) []string {
	t.Helper()
	folder := os.Getenv("NATSTRON_DC_CORPUS")
	if folder == "" {
		t.Skip("NATSTRON_DC_CORPUS is not set: no corpus of DC files")
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*.dc"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no DC files in %s: %v", folder, err)
	}
	return paths
}

func TestCorpus(t *testing.T) {
	for _, path := range corpus(t) {
		w := newWorkspace(nil)
		text, err := os.ReadFile(path)
		must(t, err)
		must(t, w.openDocument(uriOf(path), 1, string(text)))
		checkFile(t, w, uriOf(path), 0)
	}
}
