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
}

// openLog is a logger that writes to the console and, if there is one, appends
// to the file. The function returned closes the file.
func openLog(o logOptions) (*slog.Logger, func(), error) {
	end := func() {}
	var file io.Writer
	if o.file != "" {
		f, err := os.OpenFile(o.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, nil, fmt.Errorf("open the log file: %w", err)
		}
		file, end = f, func() { _ = f.Close() } // every line was written by itself
	}
	if o.json {
		return slog.New(jsonHandler(bothOf(o.console, file), o.level)), end, nil
	}
	out := &lineOutput{console: o.console, file: file, colour: o.colour}
	return slog.New(&lineHandler{out: out, level: o.level}), end, nil
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

// bothOf writes to the console and the file, also if one of them fails.
func bothOf(console, file io.Writer) io.Writer {
	if file == nil {
		return console
	}
	return writerFunc(func(p []byte) (int, error) {
		_, err := console.Write(p)
		if _, fileErr := file.Write(p); fileErr != nil {
			err = fileErr
		}
		return len(p), err
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

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
