package eventlogger

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
)

// timeLayout is the form of a line's time, "2013-09-17 21:04:05+0200": the
// reference's %Y-%m-%d %H:%M:%S%z.
const timeLayout = "2006-01-02 15:04:05-0700"

// What is wrong with an event from the backbone, where JSON is taken, too.
var errNotJSON = errors.New("it is neither a MessagePack map nor a JSON object")

// lineFormatter makes lines of the file out of events: JSON objects that begin with
// "_time", each ended by a line feed. It is for one goroutine.
type lineFormatter struct {
	second int64 // of the stamp
	stamp  []byte
}

// begin appends `{"_time": "…"`.
func (l *lineFormatter) begin(dst []byte, now time.Time) []byte {
	if now.Unix() != l.second || l.stamp == nil {
		l.second = now.Unix()
		l.stamp = now.AppendFormat(append(l.stamp[:0], `{"_time": "`...), timeLayout)
		l.stamp = append(l.stamp, '"')
	}
	return append(dst, l.stamp...)
}

// packet appends the line of a packet.
func (l *lineFormatter) packet(dst, packet []byte, now time.Time) ([]byte, error) {
	dst = l.begin(dst, now)
	dst = append(dst, ", "...)
	members := len(dst)
	if dst, ok := appendDisney(dst, packet); ok {
		return append(dst, "}\n"...), nil
	}
	dst, err := appendMembers(dst, packet)
	if len(dst) == members {
		dst = dst[:members-len(", ")]
	}
	return append(dst, "}\n"...), err
}

// foreign appends the line of an event from the backbone: one that an event
// logger published is taken as it is, its time included; what scripts and other
// programs publish gets a time.
func (l *lineFormatter) foreign(dst, event []byte, now time.Time) ([]byte, error) {
	event = bytes.TrimSpace(event)
	if len(event) == 0 || event[0] != '{' {
		return l.packet(dst, event, now)
	}
	if !json.Valid(event) {
		return dst, errNotJSON
	}
	if jsonDepth(event) > maxDepth {
		return dst, errDepth
	}
	if !stamped(event) {
		dst = l.begin(dst, now)
		event = bytes.TrimLeft(event[1:], " \t\r\n")
		if event[0] != '}' {
			dst = append(dst, ", "...)
		}
	}
	return append(appendOneLine(dst, event), '\n'), nil
}

// stamped reports whether a JSON object begins with a time as ours do.
func stamped(event []byte) bool {
	const before, after = `{"_time": "`, `"`
	if len(event) < len(before)+len(timeLayout)+len(after) || string(event[:len(before)]) != before {
		return false
	}
	rest := event[len(before):]
	if _, err := time.Parse(timeLayout, string(rest[:len(timeLayout)])); err != nil {
		return false
	}
	return rest[len(timeLayout)] == '"'
}

// jsonDepth is how deep a valid JSON text is nested.
func jsonDepth(text []byte) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// appendOneLine appends JSON without the line breaks that may stand between its
// parts. Its texts have none.
func appendOneLine(dst, text []byte) []byte {
	for len(text) > 0 {
		i := bytes.IndexAny(text, "\r\n\t")
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(append(dst, text[:i]...), ' ')
		text = text[i+1:]
	}
	return dst
}
