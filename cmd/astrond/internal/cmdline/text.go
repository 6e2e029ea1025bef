package cmdline

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// ParseRange reads a channel in any form, or two with a dash between.
func ParseRange(subjects bridge.Subjects, arg string) (wire.ChannelRange, error) {
	if low, high, ok := strings.Cut(arg, "-"); ok {
		lo, err := wire.ParseChannel(low)
		if err != nil {
			return wire.ChannelRange{}, err
		}
		hi, err := wire.ParseChannel(high)
		if err == nil && hi < lo {
			err = fmt.Errorf("range %q: its end is below its start", arg)
		}
		return wire.ChannelRange{Min: lo, Max: hi}, err
	}
	if strings.Contains(arg, ".") {
		channel, err := subjects.Channel(arg)
		return wire.ChannelRange{Min: channel, Max: channel}, err
	}
	channel, err := wire.ParseChannel(arg)
	return wire.ChannelRange{Min: channel, Max: channel}, err
}

// Count is a number in at most four digits.
func Count(n float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if n >= 9.9995*unit.size {
			return strconv.FormatFloat(n/unit.size, 'f', digits(n/unit.size), 64) + unit.name
		}
	}
	if n != float64(int64(n)) && n < 10 {
		return strconv.FormatFloat(n, 'f', 1, 64)
	}
	return strconv.FormatFloat(n, 'f', 0, 64)
}

func digits(n float64) int {
	if n < 100 {
		return 1
	}
	return 0
}

// Size is a number of bytes, with a unit.
func Size(n float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= unit.size {
			return strconv.FormatFloat(n/unit.size, 'f', digits(n/unit.size), 64) + " " + unit.name
		}
	}
	return strconv.FormatFloat(n, 'f', 0, 64) + " B"
}

func ParseDoID(text string) (wire.DoID, error) {
	n, err := strconv.ParseUint(text, 0, 32)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is not a doId: write a number from 1 to 4294967295", text)
	}
	return wire.DoID(n), nil
}

// List is a table with a head, of the first of all, if there are any.
func List[T any](b *strings.Builder, head string, all []T, most int, row func(T) string) {
	if len(all) == 0 {
		return
	}
	b.WriteByte('\n')
	w := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, head)
	for _, one := range all[:min(len(all), most)] {
		fmt.Fprintln(w, row(one))
	}
	_ = w.Flush() // a strings.Builder takes everything
	if more := len(all) - most; more > 0 {
		fmt.Fprintf(b, "and %d more\n", more)
	}
}

// Span is about how long, for people.
func Span(d time.Duration) string {
	s := int64(max(d, 0).Round(time.Second).Seconds())
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min", s/60)
	case s < 86400:
		return fmt.Sprintf("%d h %d min", s/3600, s%3600/60)
	}
	return fmt.Sprintf("%d d %d h", s/86400, s%86400/3600)
}
