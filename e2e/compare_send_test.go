package e2e

import (
	"errors"
	"fmt"
	"strings"

	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// How a step is sent.

// controls are what a participant may ask of its message director.
var controls = map[string]wire.MsgType{
	"subscribe": wire.ControlAddChannel, "unsubscribe": wire.ControlRemoveChannel,
	"subscribe-range": wire.ControlAddRange, "unsubscribe-range": wire.ControlRemoveRange,
	"leave-behind": wire.ControlAddPostRemove, "clear": wire.ControlClearPostRemoves,
}

// packed is what a participant sends.
func (w *world) packed(s *step) (messages [][]byte) {
	line, control := strings.CutPrefix(s.line, "/")
	if !control {
		for line := range strings.SplitSeq(line, "\n") {
			messages = append(messages, w.datagram(s.as, line))
		}
		return messages
	}
	verb, rest, _ := strings.Cut(line, " ")
	c := wire.Control{Type: controls[verb], Channel: s.as}
	if verb == "leave-behind" {
		c.Data = w.datagram(s.as, rest)
	} else if words := strings.Fields(rest); len(words) > 0 {
		var err, highErr error
		c.Channel, err = wire.ParseChannel(words[0])
		c.High, highErr = wire.ParseChannel(words[len(words)-1])
		must(w.r.t, errors.Join(err, highErr))
	}
	return [][]byte{w.whole(new(wire.Writer).AppendControl(c))}
}

// datagram is a line, with the names of what this daemon numbers.
func (w *world) datagram(sender wire.Channel, line string) wire.Datagram {
	w.r.t.Helper()
	d, err := msgtext.Parse(w.r.file, sender, w.numbered(line))
	if err != nil {
		panic(fmt.Sprintf("%s: %v", line, err)) // the test is wrong
	}
	return d
}

// numbered puts numbers for {c1} and {db1}.
func (w *world) numbered(line string) string {
	if !strings.Contains(line, "{") {
		return line
	}
	var pairs []string
	w.mu.Lock()
	defer w.mu.Unlock()
	for channel, name := range w.names {
		pairs = append(pairs, "{"+name+"}", fmt.Sprint(channel))
	}
	for i := range 7 {
		id := w.none
		if i > 0 && i <= len(w.stored) {
			id = w.stored[i-1]
		}
		pairs = append(pairs, fmt.Sprintf("{db%d}", i), fmt.Sprint(uint32(id)))
	}
	return strings.NewReplacer(pairs...).Replace(line)
}
