package traffic

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/logging"
	"natstron/dc"
)

// tapSummary counts datagrams by what they say.
type tapSummary struct {
	file   *dc.File // may be nil
	values wire.ValueReader
	began  time.Time
	counts map[summaryKey]*tally
}

// summaryKey is what is counted together: a message type and what it names.
type summaryKey struct {
	message string
	about   string // the dclass or the field; empty if it names none
}

type tally struct{ datagrams, bytes uint64 }

// maxTallies bounds the kinds that are counted one by one: anybody may send any
// number as a type.
const maxTallies = 10_000

func newTapSummary(file *dc.File, began time.Time) *tapSummary {
	s := &tapSummary{file: file, began: began, counts: map[summaryKey]*tally{}}
	s.values = newDecoder(file).values
	return s
}

func (s *tapSummary) add(d wire.Datagram) {
	key := s.key(d)
	t := s.counts[key]
	if t == nil {
		if len(s.counts) >= maxTallies {
			key = summaryKey{message: "others"}
		}
		if t = s.counts[key]; t == nil {
			t = new(tally)
			s.counts[key] = t
		}
	}
	t.datagrams++
	t.bytes += uint64(len(d))
}

func (s *tapSummary) key(d wire.Datagram) summaryKey {
	m, err := d.Message()
	if err != nil {
		return summaryKey{message: "no message"}
	}
	key := summaryKey{message: m.Type.String()}
	layout, ok := wire.LayoutOf(m.Type)
	if !ok || s.file == nil {
		return key
	}
	// Only the first name counts; the rest may be unreadable.
	_ = layout.Decode(&m.Payload, s.values, func(a wire.Arg) {
		if key.about != "" {
			return
		}
		switch a.Kind {
		case wire.KindDClass:
			if class, ok := s.file.ClassByID(uint16(a.Number)); ok {
				key.about = class.Name()
			}
		case wire.KindField:
			if field, ok := s.file.FieldByID(uint16(a.Number)); ok {
				key.about = fieldName(field)
			}
		}
	})
	return key
}

func fieldName(f *dc.Field) string {
	if c := f.Class(); c != nil {
		return c.Name() + "." + f.Name()
	}
	return f.Name()
}

// summaryRow is one line of a summary, for machines.
type summaryRow struct {
	Message   string `json:"message"`
	About     string `json:"about,omitempty"`
	Datagrams uint64 `json:"datagrams"`
	Bytes     uint64 `json:"bytes"`
}

// rows are the counts, the most frequent first.
func (s *tapSummary) rows() []summaryRow {
	rows := []summaryRow{}
	for key, t := range maps.All(s.counts) {
		rows = append(rows, summaryRow{key.message, key.about, t.datagrams, t.bytes})
	}
	slices.SortFunc(rows, func(a, b summaryRow) int {
		return cmp.Or(cmp.Compare(b.Datagrams, a.Datagrams), cmp.Compare(a.Message, b.Message), cmp.Compare(a.About, b.About))
	})
	return rows
}

// print writes the counts for people.
func (s *tapSummary) print(out io.Writer, now time.Time) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	seconds := now.Sub(s.began).Seconds()
	fmt.Fprintln(w, "DATAGRAMS\tBYTES\tA SECOND\tMESSAGE\tABOUT")
	for _, r := range s.rows() {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", r.Datagrams, cmdline.Size(float64(r.Bytes)), cmdline.Count(float64(r.Datagrams)/max(seconds, 1e-3)), r.Message, logging.Clean(r.About))
	}
	return w.Flush()
}
