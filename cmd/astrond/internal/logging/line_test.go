package logging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
)

// logged runs do with a logger of these options, and returns what it wrote to
// the console, with the time taken out.
func logged(t *testing.T, o Options, do func(*slog.Logger)) string {
	t.Helper()
	var b bytes.Buffer
	o.Console = &b
	log, outputs, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	do(log)
	outputs.Close()
	return regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[^\]"\n]*`).ReplaceAllString(b.String(), "TIME")
}

type resolved struct{ text string }

func (r resolved) LogValue() slog.Value { return slog.StringValue(r.text) }

func TestLines(t *testing.T) {
	tests := []struct {
		name string
		do   func(*slog.Logger)
		want string
	}{
		{"message", func(l *slog.Logger) { l.Info("here we are") }, "[TIME] INFO: here we are\n"},
		{"component", func(l *slog.Logger) { Component(l, "Message Director").Warn("careful") }, "[TIME] WARNING: Message Director: careful\n"},
		{"the last component counts", func(l *slog.Logger) { Component(Component(l, "Backbone"), "nats").Info("x", "component", "leaf") }, "[TIME] INFO: leaf: x\n"},
		{"attributes", func(l *slog.Logger) {
			l.With("a", 1).Error("x", "b", uint64(2), "c", true, "d", -1.5, "e", time.Second, "f", wire.Channel(5))
		}, "[TIME] ERROR: x a=1 b=2 c=true d=-1.5 e=1s f=5\n"},
		{"quotes where needed", func(l *slog.Logger) {
			l.Info("x", "a", "two words", "b", "", "c", `"`, "d", "k=v", "e", "schön", "f", errors.New("no such file"))
		}, `[TIME] INFO: x a="two words" b="" c="\"" d="k=v" e=schön f="no such file"` + "\n"},
		{"time", func(l *slog.Logger) { l.Info("x", "at", time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)) }, "[TIME] INFO: x at=TIME\n"},
		{"nil", func(l *slog.Logger) { l.Info("x", "nothing", nil) }, "[TIME] INFO: x nothing=<nil>\n"},
		{"groups", func(l *slog.Logger) {
			l.WithGroup("g").With("a", 1).WithGroup("").Info("x", slog.Group("h", "b", 2), slog.Group("", "c", 3), slog.Group("empty"))
		}, "[TIME] INFO: x g.a=1 g.h.b=2 g.c=3\n"},
		{"a component of a group is none", func(l *slog.Logger) { l.WithGroup("g").With("component", 1).Info("x", "component", 2) }, "[TIME] INFO: x g.component=1 g.component=2\n"},
		{"log values", func(l *slog.Logger) { l.Info("x", "a", resolved{"masked"}) }, "[TIME] INFO: x a=masked\n"},
		{"an empty attribute is none", func(l *slog.Logger) { l.Info("x", slog.Attr{}) }, "[TIME] INFO: x\n"},
		{"hostile text", func(l *slog.Logger) {
			l.Info("line\none\x1b[2J", "name", "a\nb\x1b]0;x\a", "k\n\u009b", "\xff")
		}, `[TIME] INFO: line\none\x1b[2J name="a\nb\x1b]0;x\a" k\n\u009b="\xff"` + "\n"},
		{"levels", func(l *slog.Logger) {
			for _, level := range levels {
				l.Log(t.Context(), level.level, "x")
			}
			l.Log(t.Context(), slog.LevelInfo+1, "between")
			l.Log(t.Context(), slog.Level(-100), "below")
		}, "[TIME] PACKET: x\n[TIME] TRACE: x\n[TIME] DEBUG: x\n[TIME] INFO: x\n[TIME] WARNING: x\n[TIME] SECURITY: x\n" +
			"[TIME] ERROR: x\n[TIME] FATAL: x\n[TIME] INFO: between\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, logged(t, Options{Level: LevelPacket}, test.do)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// --loglevel: what is less important is not logged, in the reference's order.
func TestLevelsAreInOrder(t *testing.T) {
	for i, level := range levels {
		got := logged(t, Options{Level: level.level}, func(l *slog.Logger) {
			for _, other := range levels {
				l.Log(t.Context(), other.level, "x")
			}
		})
		if n := strings.Count(got, "\n"); n != len(levels)-i {
			t.Errorf("%s logs %d levels, want %d:\n%s", level.name, n, len(levels)-i, got)
		}
		if found, ok := LevelNamed(level.name); !ok || found != level.level {
			t.Errorf("%s is not found by its name", level.name)
		}
	}
	if _, ok := LevelNamed("WARNING"); ok {
		t.Error("names are in lower case, as in the reference")
	}
}

// The console has colours, the file beside it has none.
func TestColoursStayOutOfTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(file, []byte("what was there before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	console := logged(t, Options{File: file, Colour: true}, func(l *slog.Logger) { l.Error("x", "a", 1) })
	if want := "\x1b[2;37m[TIME] \x1b[0m\x1b[31mERROR: \x1b[0mx a=1\n"; console != want {
		t.Errorf("console %q, want %q", console, want)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^what was there before\n\[[^\]\x1b]+\] ERROR: x a=1\n$`).Match(text) {
		t.Errorf("file %q", text)
	}
}

func TestJSON(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	got := logged(t, Options{File: file, JSON: true}, func(l *slog.Logger) {
		Component(l, "Main").Log(t.Context(), LevelFatal, "x", "e", errors.New("why"), "d", time.Second, "c", wire.Location{Parent: 4618, Zone: 2000}, "n", 1)
		l.Log(t.Context(), LevelSecurity, "y", slog.Group("g", "level", slog.LevelInfo))
		l.Debug("not this")
	})
	want := `{"time":"TIME","level":"fatal","msg":"x","component":"Main","e":"why","d":"1s","c":"4618:2000","n":1}` + "\n" +
		`{"time":"TIME","level":"security","msg":"y","g":{"level":"INFO"}}` + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if text, err := os.ReadFile(file); err != nil || bytes.Count(text, []byte("\n")) != 2 {
		t.Errorf("file %q, %v", text, err)
	}
}

func TestLogFileThatCannotBe(t *testing.T) {
	if _, _, err := Open(Options{Console: io.Discard, File: t.TempDir()}); err == nil {
		t.Error("a folder was opened as a log file")
	}
}

// A console that is not read any more does not keep the file from being written.
func TestConsoleFails(t *testing.T) {
	for _, json := range []bool{false, true} {
		file := filepath.Join(t.TempDir(), "log")
		var broken brokenPipe
		log, outputs, err := Open(Options{Console: broken, File: file, JSON: json})
		if err != nil {
			t.Fatal(err)
		}
		log.Info("still here")
		outputs.Close()
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "still here") {
			t.Errorf("json %v: file %q, %v", json, text, err)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// Lines of several goroutines do not mix, and handlers do not share what they
// have been given.
func TestLinesStayWhole(t *testing.T) {
	got := logged(t, Options{}, func(l *slog.Logger) {
		var all sync.WaitGroup
		base := l.With("base", 0)
		for g := range 8 {
			all.Go(func() {
				mine := Component(base, fmt.Sprint("G", g)).With("g", g)
				for i := range 200 {
					mine.Info("x", "i", i, "long", strings.Repeat("y", i))
				}
			})
		}
		all.Wait()
	})
	whole := regexp.MustCompile(`^\[TIME\] INFO: G(\d): x base=0 g=(\d) i=(\d+) long=("")?y*$`)
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	for _, line := range lines {
		if m := whole.FindStringSubmatch(line); m == nil || m[1] != m[2] {
			t.Fatalf("line %q", line)
		}
	}
	if len(lines) != 8*200 {
		t.Errorf("%d lines, want %d", len(lines), 8*200)
	}
}

func BenchmarkLine(b *testing.B) {
	log, _, err := Open(Options{Console: io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	log = Component(log, "Message Director").With("participant", "127.0.0.1:40000")
	b.ReportAllocs()
	for b.Loop() {
		log.LogAttrs(context.Background(), slog.LevelInfo, "lost connection", slog.String("cause", "closed"), slog.Int("channels", 3))
	}
}
