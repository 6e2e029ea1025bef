package logging

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// lineHandler writes log records as the reference does, with the attributes
// behind the text:
//
//	[2006-01-02 15:04:05] INFO: Message Director: listening address=127.0.0.1:7199
//
// A record is one line and one write, whatever is in it: what would not be
// printed as it is, is escaped. It is safe for use by several goroutines.
type lineHandler struct {
	out       lineWriter
	level     slog.Level
	component string
	attrs     string // of With, formatted: " key=value"
	group     string // "group."
}

// lineWriter takes lines: body is one, with its end, and not to be kept.
type lineWriter interface {
	write(at time.Time, level namedLevel, body []byte)
}

// lineOutput is where lines go; all handlers made from one share it.
type lineOutput struct {
	*Outputs
	colour bool       // of the console; the file has none
	mu     sync.Mutex // so that both have the lines in the same order
}

// lineBuffer takes lines, and keeps them.
type lineBuffer struct {
	*bytes.Buffer
	colour bool
}

func (b lineBuffer) write(at time.Time, level namedLevel, body []byte) {
	b.Write(append(appendHead(nil, at, level, b.colour), body...))
}

// Enabled implements [slog.Handler].
func (h *lineHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

// WithGroup implements [slog.Handler].
func (h *lineHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.group += name + "."
	return &with
}

// WithAttrs implements [slog.Handler].
func (h *lineHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	b := []byte(h.attrs)
	for _, a := range attrs {
		if a.Key == componentKey && h.group == "" {
			with.component = a.Value.String()
		} else {
			b = appendAttr(b, h.group, a)
		}
	}
	with.attrs = string(b)
	return &with
}

var linePool = sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }}

// maxPooledLine keeps a giant line from being kept.
const maxPooledLine = 16 << 10

// Handle implements [slog.Handler]. It never fails: there is nobody to tell.
func (h *lineHandler) Handle(_ context.Context, r slog.Record) error {
	p := linePool.Get().(*[]byte)
	body := (*p)[:0]

	component := h.component
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == componentKey && h.group == "" {
			component = a.Value.String()
		}
		return true
	})
	if component != "" {
		body = append(appendClean(body, component), ": "...)
	}
	body = appendClean(body, r.Message)
	body = append(body, h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != componentKey || h.group != "" {
			body = appendAttr(body, h.group, a)
		}
		return true
	})
	body = append(body, '\n')
	h.out.write(r.Time, levelOf(r.Level), body)

	putLine(p, body)
	return nil
}

func putLine(p *[]byte, b []byte) {
	if cap(b) <= maxPooledLine {
		*p = b
		linePool.Put(p)
	}
}

func (o *lineOutput) write(at time.Time, level namedLevel, body []byte) {
	p := linePool.Get().(*[]byte)
	line := append(appendHead((*p)[:0], at, level, o.colour), body...)
	o.mu.Lock()
	_, _ = o.console.Write(line) // never fails
	if o.file != nil {
		if o.colour {
			line = append(appendHead(line[:0], at, level, false), body...)
		}
		_, _ = o.file.Write(line) // likewise
	}
	o.mu.Unlock()
	putLine(p, line)
}

// appendHead writes the time and the level.
func appendHead(b []byte, at time.Time, level namedLevel, colour bool) []byte {
	const dim, plain = "\x1b[2;37m", "\x1b[0m"
	if colour {
		b = append(b, dim...)
	}
	b = at.AppendFormat(b, "[2006-01-02 15:04:05] ")
	if colour {
		b = append(append(b, plain...), level.colour...)
	}
	b = append(append(b, level.label()...), ": "...)
	if colour {
		b = append(b, plain...)
	}
	return b
}

// appendAttr writes " key=value".
func appendAttr(b []byte, group string, a slog.Attr) []byte {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, inner := range v.Group() {
			b = appendAttr(b, group, inner)
		}
		return b
	}
	if a.Equal(slog.Attr{}) {
		return b
	}
	b = appendClean(append(b, ' '), group+a.Key)
	return appendValue(append(b, '='), v)
}

func appendValue(b []byte, v slog.Value) []byte {
	switch v.Kind() {
	case slog.KindInt64:
		return strconv.AppendInt(b, v.Int64(), 10)
	case slog.KindUint64:
		return strconv.AppendUint(b, v.Uint64(), 10)
	case slog.KindBool:
		return strconv.AppendBool(b, v.Bool())
	case slog.KindTime:
		return v.Time().AppendFormat(b, time.RFC3339Nano)
	case slog.KindAny:
		return appendText(b, fmt.Sprint(v.Any()))
	}
	return appendText(b, v.String())
}

// appendText writes a value, in quotes where it would not be read as one.
func appendText(b []byte, s string) []byte {
	for _, r := range s {
		if r <= ' ' || r == '"' || r == '=' || r == utf8.RuneError || !unicode.IsPrint(r) {
			return strconv.AppendQuote(b, s)
		}
	}
	if s == "" {
		return append(b, `""`...)
	}
	return append(b, s...)
}

// Clean is a text with what would not be printed as it is escaped.
func Clean(s string) string { return string(appendClean(nil, s)) }

// appendClean writes text that is not in quotes: blanks are fine, what cannot be
// printed is escaped.
func appendClean(b []byte, s string) []byte {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			q := strconv.AppendQuoteRune(nil, r)
			b = append(b, q[1:len(q)-1]...)
		} else {
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}
