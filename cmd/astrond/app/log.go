package app

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

// logOptions say where the log goes and how.
type logOptions struct {
	console io.Writer
	file    string // empty: none
	level   slog.Level
	json    bool
	colour  bool // of the console
	// stuck, if not nil, is called when an output does not take any more and lines
	// begin to be dropped. It must not log.
	stuck func(output string)
}

// logOutputs is where a log goes, see [logWriter].
type logOutputs struct {
	console *logWriter
	file    *logWriter // nil: none
	close   func()     // closes the file
}

// openLog is a logger that writes to the console and, if there is one, appends
// to the file. It never waits for either. The outputs must be closed.
func openLog(o logOptions) (*slog.Logger, *logOutputs, error) {
	outputs := &logOutputs{console: o.output("console", o.console, o.colour), close: func() {}}
	if o.file != "" {
		f, err := os.OpenFile(o.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, nil, fmt.Errorf("open the log file: %w", err)
		}
		outputs.file = o.output("file", f, false)
		outputs.close = func() { _ = f.Close() } // what it took was written
	}
	if o.json {
		return slog.New(jsonHandler(outputs, o.level)), outputs, nil
	}
	return slog.New(&lineHandler{out: &lineOutput{logOutputs: outputs, colour: o.colour}, level: o.level}), outputs, nil
}

// output is one place for the log.
func (o logOptions) output(name string, to io.Writer, colour bool) *logWriter {
	l := &logWriter{to: to, stuck: func() {}}
	if o.stuck != nil {
		l.stuck = func() { o.stuck(name) }
	}
	l.missing = func(lines, all uint64) []byte {
		var line bytes.Buffer
		handler := slog.Handler(&lineHandler{out: lineBuffer{&line, colour}, level: levelPacket})
		if o.json {
			handler = jsonHandler(&line, levelPacket)
		}
		component(slog.New(handler), "Log").Error("lines are missing here: the output did not take them in time",
			"output", name, "lines", lines, "since_start", all)
		return line.Bytes()
	}
	return l
}

// Write writes a line to all outputs.
func (o *logOutputs) Write(line []byte) (int, error) {
	for _, w := range o.all() {
		_, _ = w.Write(line) // never fails
	}
	return len(line), nil
}

// all are the outputs that there are.
func (o *logOutputs) all() []*logWriter {
	if o.file == nil {
		return []*logWriter{o.console}
	}
	return []*logWriter{o.console, o.file}
}

// lost is how many lines were dropped, by output.
func (o *logOutputs) lost() map[string]uint64 {
	m := map[string]uint64{"console": o.console.lost()}
	if o.file != nil {
		m["file"] = o.file.lost()
	}
	return m
}

// flushTimeout is how long the end of the process waits for the outputs together.
const flushTimeout = time.Second

// flush waits until what has been logged is written, for a bounded time.
func (o *logOutputs) flush() {
	end := time.Now().Add(flushTimeout)
	for _, w := range o.all() {
		w.flush(time.Until(end))
	}
}

// end flushes, and closes the file.
func (o *logOutputs) end() {
	o.flush()
	o.close()
}

// logs is the log of a daemon, and what is told of it. It never waits for those who
// read it.
type logs struct {
	*slog.Logger
	warnings *status.Warnings         // what was logged from the level warning on
	lost     func() map[string]uint64 // lines dropped, by output
}

// withWarnings is a logger that also keeps what is logged from the level warning
// on, as text.
func withWarnings(log *slog.Logger, keep *status.Warnings) *slog.Logger {
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

// isTerminal says whether f is one, as far as can be told without asking the
// system more than its kind.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
