package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// What was heard, as text.

var (
	bigNumber = regexp.MustCompile(`\b(10[01]\d{7}|7\d{4})\b`)
	reason    = regexp.MustCompile(` reason=.*`)
	contextOf = regexp.MustCompile(`context=(\d+)`)
	aZone     = regexp.MustCompile(`( zone_id=\d+)+`)
)

// text is what a hearer heard, without what the two daemons number differently, and
// may: channels of clients, contexts of their own, the order of a set of zones.
// The lock is held.
func (w *world) text(h *hearer, b []byte) string {
	if h.isClient {
		text := msgtext.ClientText(w.r.file, b)
		switch wire.ClientMsgType(uint16(b[0]) | uint16(b[1])<<8) {
		case wire.ClientEject:
			text = reason.ReplaceAllString(text, "")
		case wire.ClientAddInterest, wire.ClientAddInterestMultiple, wire.ClientRemoveInterest, wire.ClientDoneInterestResp:
			text = contextOf.ReplaceAllStringFunc(text, func(c string) string { return w.context(h, c) })
		}
		return sortZones(w.named(text))
	}
	d := wire.Datagram(b)
	m, err := d.Message()
	if err == nil && h.name == "driver" && m.Type == wire.StateServerObjectSetField && strings.Contains(string(b), "step ") {
		return "" // a client's sign that it was read
	}
	text := msgtext.Text(w.r.file, d)
	if err == nil && m.Type == wire.StateServerObjectGetZonesObjects && (m.Sender >= firstClient || m.Sender == 7000 || m.Sender == 7001) ||
		err == nil && m.Type == wire.StateServerObjectGetAI && isObject(m.Sender) ||
		err == nil && m.Type == wire.StateServerObjectGetAIResp && isObject(d.Recipient(0)) {
		text = contextOf.ReplaceAllString(text, "context")
	}
	var to []string
	for i := range d.RecipientCount() {
		// The C++ daemon goes on to name the channel of children that it was once asked for.
		if c := d.Recipient(i); d.RecipientCount() == 1 || err != nil || m.Type != wire.StateServerObjectChangingAI || c.Location().Parent != 1 {
			to = append(to, w.named(channelName(c)))
		}
	}
	slices.Sort(to)
	return sortZones(w.named(text) + " to " + strings.Join(to, ","))
}

func isObject(c wire.Channel) bool { return c >= firstRoot && c < firstClient }

// named puts names for the numbers that this daemon gave.
func (w *world) named(text string) string {
	return bigNumber.ReplaceAllStringFunc(text, func(digits string) string {
		n, _ := strconv.ParseUint(digits, 10, 64)
		if name, ok := w.names[n]; ok {
			return name
		}
		if n == uint64(w.none) {
			return "db0"
		}
		if i := slices.Index(w.stored, wire.DoID(n)); i >= 0 {
			return fmt.Sprint("db", i+1)
		}
		return digits
	})
}

// context is a context that a client is told: its own, above 1000, or one of the
// cluster's interests, in the order in which it was told of them.
func (w *world) context(h *hearer, text string) string {
	n, _ := strconv.Atoi(strings.TrimPrefix(text, "context="))
	if n > 1000 && n < 1<<20 {
		return text
	}
	told := w.told[h.name]
	if told == nil {
		told = map[int]int{}
		w.told[h.name] = told
	}
	if _, ok := told[n]; !ok {
		told[n] = len(told) + 1
	}
	return fmt.Sprint("context=its", told[n])
}

func sortZones(text string) string {
	return aZone.ReplaceAllStringFunc(text, func(zones string) string {
		words := strings.Fields(zones)
		slices.Sort(words)
		return " " + strings.Join(words, " ")
	})
}

var aDo = regexp.MustCompile(`do_id=(\S+)`)

// objectOf is the object that a line is about, or empty.
func objectOf(line string) string {
	if m := aDo.FindStringSubmatch(line); m != nil {
		return m[1]
	}
	if sender, _, ok := strings.Cut(line, ": "); ok && !strings.Contains(sender, " ") {
		return sender
	}
	return ""
}

// same reports whether two hearers heard the same of a step: what concerns one object,
// and what concerns none, in the same order. The C++ daemon hands a datagram to
// several objects in the order of a hash table.
func same(a, b []string) bool {
	a, b = untilEject(a), untilEject(b)
	if len(a) != len(b) {
		return false
	}
	if slices.Equal(a, b) {
		return true
	}
	for _, line := range a {
		of := objectOf(line)
		about := func(all []string) (some []string) {
			for _, l := range all {
				if o := objectOf(l); o == of || o == "" {
					some = append(some, l)
				}
			}
			return some
		}
		if !slices.Equal(about(a), about(b)) {
			return false
		}
	}
	return true
}

// untilEject leaves out what a client is told after a reason for its ejection: the C++ daemon
// goes on, also with the message that was wrong, and finds its rest too long.
func untilEject(lines []string) []string {
	first := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "CLIENT_EJECT") })
	if first < 0 {
		return lines
	}
	return append(slices.Clone(lines[:first+1]), lines[len(lines)-1]) // whether it has ended
}

func channelName(c wire.Channel) string {
	if c < 1<<32 {
		return fmt.Sprint(uint64(c))
	}
	return c.Location().String()
}
