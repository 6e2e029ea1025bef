// Package logging is astrond's log: lines as the reference writes them, or JSON, to
// outputs that it never waits for.
package logging

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"natstron/internal/status"
)

// componentKey is the attribute that says which part of astrond speaks. The text
// format has it before the message, as the reference does.
const componentKey = "component"

// Options say where the log goes and how.
type Options struct {
	Console io.Writer
	File    string // empty: none
	Level   slog.Level
	JSON    bool
	Colour  bool // of the console
	// Stuck, if not nil, is called when an output does not take any more and lines
	// begin to be dropped. It must not log.
	Stuck func(output string)
}

// Outputs is where a log goes, see [logWriter].
type Outputs struct {
	console *logWriter
	file    *logWriter // nil: none
	close   func()     // closes the file

	Levels *Levels // of the log
}

// Open is a logger that writes to the console and, if there is one, appends
// to the file. It never waits for either. The outputs must be closed.
func Open(o Options) (*slog.Logger, *Outputs, error) {
	outputs := &Outputs{console: o.output("console", o.Console, o.Colour), close: func() {}, Levels: newLevels(o.Level)}
	if o.File != "" {
		f, err := os.OpenFile(o.File, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, nil, fmt.Errorf("open the log file: %w", err)
		}
		outputs.file = o.output("file", f, false)
		outputs.close = func() { _ = f.Close() } // what it took was written
	}
	h := &levelled{levels: outputs.Levels, Handler: &lineHandler{out: &lineOutput{Outputs: outputs, colour: o.Colour}, level: LevelPacket}}
	if o.JSON {
		h.Handler = jsonHandler(outputs, LevelPacket)
	}
	return slog.New(h), outputs, nil
}

// output is one place for the log.
func (o Options) output(name string, to io.Writer, colour bool) *logWriter {
	l := &logWriter{to: to, stuck: func() {}}
	if o.Stuck != nil {
		l.stuck = func() { o.Stuck(name) }
	}
	l.missing = func(lines, all uint64) []byte {
		var line bytes.Buffer
		handler := slog.Handler(&lineHandler{out: lineBuffer{&line, colour}, level: LevelPacket})
		if o.JSON {
			handler = jsonHandler(&line, LevelPacket)
		}
		Component(slog.New(handler), "Log").Error("lines are missing here: the output was blocked",
			"output", name, "lines", lines, "since_start", all)
		return line.Bytes()
	}
	return l
}

// Component is the logger of a part of astrond.
func Component(log *slog.Logger, name string) *slog.Logger { return log.With(componentKey, name) }

// Write writes a line to all outputs.
func (o *Outputs) Write(line []byte) (int, error) {
	for _, w := range o.all() {
		_, _ = w.Write(line) // never fails
	}
	return len(line), nil
}

// all are the outputs that there are.
func (o *Outputs) all() []*logWriter {
	if o.file == nil {
		return []*logWriter{o.console}
	}
	return []*logWriter{o.console, o.file}
}

// Lost is how many lines were dropped, by output.
func (o *Outputs) Lost() map[string]uint64 {
	m := map[string]uint64{"console": o.console.lost()}
	if o.file != nil {
		m["file"] = o.file.lost()
	}
	return m
}

// flushTimeout is how long the end of the process waits for the outputs together.
const flushTimeout = time.Second

// Flush waits until what has been logged is written, for a bounded time.
func (o *Outputs) Flush() {
	end := time.Now().Add(flushTimeout)
	for _, w := range o.all() {
		w.flush(time.Until(end))
	}
}

// InTime prints something for people before the process ends, for a bounded time:
// they may have stopped reading.
func InTime(print func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		print()
	}()
	select {
	case <-done:
	case <-time.After(flushTimeout):
	}
}

// Close flushes, and closes the file.
func (o *Outputs) Close() {
	o.Flush()
	o.close()
}

// Log is the log of a daemon, and what is told of it. It never waits for those who
// read it.
type Log struct {
	*slog.Logger
	Warnings *status.Warnings         // what was logged from the level warning on
	Lost     func() map[string]uint64 // lines dropped, by output
	Levels   *Levels                  // what it shows
}

// WithWarnings is a logger that also keeps what is logged from the level warning
// on, as text.
func WithWarnings(log *slog.Logger, keep *status.Warnings) *slog.Logger {
	return slog.New(slog.NewMultiHandler(log.Handler(), &lineHandler{out: keptLines{keep}, level: slog.LevelWarn}))
}

// keptLines puts lines among the warnings.
type keptLines struct{ *status.Warnings }

func (k keptLines) write(at time.Time, level namedLevel, body []byte) {
	k.Add(at, level.name, string(bytes.TrimSuffix(body, []byte("\n"))))
}

// jsonHandler writes an object a line, with the levels' names in lower case and
// all that has a text form as text.
func jsonHandler(w io.Writer, level slog.Level) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			switch v := a.Value.Any().(type) {
			case slog.Level:
				if len(groups) == 0 && a.Key == slog.LevelKey {
					a.Value = slog.StringValue(levelOf(v).name)
				}
			case error: // has its own form there
			case fmt.Stringer: // durations, addresses, channels
				if a.Value.Kind() == slog.KindAny || a.Value.Kind() == slog.KindDuration {
					a.Value = slog.StringValue(v.String())
				}
			}
			return a
		},
	})
}

// IsTerminal reports whether f is one, as far as can be told without asking the
// system more than its kind.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
