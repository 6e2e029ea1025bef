package configfile

import (
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"natstron/bridge/wire"
	"natstron/internal/secret"
)

// string is a field that holds a text, of the kind that the tag is says.
func (s *scalar) string(is string, tag reflect.StructTag) {
	s.noun, s.unset, s.parse = "a text", notSet, parseText
	switch is {
	case "":
	case "filled": // a text that is not empty
		s.but("not empty", notEmpty)
	case "word":
		s.but("not empty, no blanks", func(v any) *wrong {
			if v == "" || strings.Contains(v.(string), " ") {
				return &wrong{show(v.(string)) + " is empty or has blanks", "write one word"}
			}
			return nil
		})
	case "path": // of a file or folder that need not exist yet
		s.noun, s.parse, s.path = "a path", parsePath, true
	case "pattern": // likewise, but no file has this very name
		s.noun, s.parse = "a path", parsePath
	case "file": // that must be there at the start
		s.noun, s.parse, s.path, s.file = "a file", parsePath, true, regularFile
	case "secret file":
		s.noun, s.parse, s.path, s.file = "a file", parsePath, true, secretFile
	case "folder":
		s.noun, s.parse, s.path, s.file = "a folder", parsePath, true, folder
	case "file or folder":
		s.noun, s.parse, s.path, s.file = "a file or folder", parsePath, true, fileOrFolder
	case "secret": // of which no message shows anything
		s.noun, s.parse, s.show = "a secret", fromEnvironment(parseSecret), func(any) string { return masked }
	case "url": // of which no message shows user, password and query
		s.noun, s.parse, s.show = "a URL", fromEnvironment(urlOf(strings.Fields(tag.Get("schemes")))), func(v any) string { return secret.MaskURL(v.(string)) }
	case "listen", "connect":
		s.address(is == "listen", tag)
	default:
		panic("configfile: there is no kind " + is)
	}
}

func parseText(text string) (any, *wrong) {
	switch {
	case len([]rune(text)) > 255:
		return nil, &wrong{show(text) + " is too long", "write at most 255 characters"}
	case strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		return nil, &wrong{show(text) + " has characters that cannot be printed", "take them out"}
	}
	return text, nil
}

func notEmpty(v any) *wrong {
	if v == "" {
		return &wrong{"is empty", "write a text, or take the line out"}
	}
	return nil
}

func parsePath(text string) (any, *wrong) {
	const fix = "write the name of a file or folder, relative to this file's folder"
	switch {
	case text == "":
		return nil, &wrong{"is empty", fix}
	case len(text) > 4096 || strings.ContainsFunc(text, unicode.IsControl):
		return nil, &wrong{show(text) + " cannot name a file", fix}
	}
	return text, nil
}

func parseSecret(text string) (any, *wrong) {
	if text == "" || len(text) > 4096 {
		return nil, &wrong{"is empty or too long", "write at most 4096 characters, or name a file that holds it"}
	}
	return text, nil
}

// urlOf reads the address of a server: scheme://[user[:password]@]host[:port], or, if
// there are no schemes, any text.
func urlOf(schemes []string) func(string) (any, *wrong) {
	return func(text string) (any, *wrong) {
		if len(schemes) == 0 {
			return text, nil
		}
		want := fmt.Sprintf("write %s://host:port", strings.Join(schemes, "://host:port or "))
		u, err := url.Parse(text)
		if err != nil {
			return nil, &wrong{"is not a URL", want} // the error would quote a password
		}
		if !slices.Contains(schemes, u.Scheme) || u.Opaque != "" {
			return nil, &wrong{"has another scheme, or none", want}
		}
		if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
			return nil, &wrong{"has more than a host and a port", want}
		}
		if _, w := parseAddress(u.Host, "", 1, false); w != nil {
			return nil, &wrong{"has no valid host: " + w.problem, want}
		}
		return text, nil
	}
}

// address takes a host with or without a port. It is held as host:port.
func (s *scalar) address(listen bool, tag reflect.StructTag) {
	port, host := limit(tag, "port", 0), "127.0.0.1"
	if def := tag.Get("default"); def != "" {
		host, _, _ = net.SplitHostPort(def) // parsed below
	}
	s.noun, s.unset = "an address", notSet
	s.constraint = fmt.Sprintf("port %d if it names none", port)
	if listen {
		if s.listens = tag.Get("over"); s.listens == "" {
			s.listens = "tcp"
		}
	}
	s.connects = !listen
	word := tag.Get("or")
	if word != "" {
		s.constraint += "; or " + word
	}
	s.parse = func(text string) (any, *wrong) {
		if word != "" && strings.EqualFold(text, word) {
			return word, nil
		}
		a, w := parseAddress(text, host, uint16(port), listen)
		return a.String(), w
	}
}

// channel takes a channel that is neither invalid nor reserved.
func (s *scalar) channel() {
	s.noun = "a channel"
	s.constraint = fmt.Sprintf("%d or more, but not %d to %d", wire.LastReservedChannel+1, wire.FirstReservedLocation, wire.LastReservedLocation)
	s.parse = func(text string) (any, *wrong) {
		n, w := parseNumber(text, uint64(wire.MaxChannel))
		if w == nil {
			w = refuseReserved(wire.Channel(n))
		}
		return n, w
	}
}

func refuseReserved(c wire.Channel) *wrong {
	switch {
	case c == wire.InvalidChannel:
		return &wrong{"0 is not a valid channel", "write 1000 or more"}
	case c <= wire.LastReservedChannel:
		return &wrong{fmt.Sprintf("channel %d is reserved (1 to 999 are)", c), "write 1000 or more"}
	case c >= wire.FirstReservedLocation && c <= wire.LastReservedLocation:
		return &wrong{fmt.Sprintf("channel %d is reserved (%d to %d are)", c, wire.FirstReservedLocation, wire.LastReservedLocation),
			"write less, or more, than those"}
	}
	return nil
}

// doID takes a doId that is neither invalid nor reserved.
func (s *scalar) doID() {
	s.noun = "a doId"
	s.constraint = fmt.Sprintf("%d to %d", wire.LastReservedDoID+1, wire.MaxDoID)
	s.parse = func(text string) (any, *wrong) {
		n, w := parseNumber(text, uint64(wire.MaxDoID))
		switch {
		case w != nil:
		case n == 0:
			w = &wrong{"0 is not a valid doId", "write 1000 or more"}
		case n <= uint64(wire.LastReservedDoID):
			w = &wrong{fmt.Sprintf("doId %d is reserved (1 to 999 are)", n), "write 1000 or more"}
		}
		return n, w
	}
}

// size takes a number of bytes.
func (s *scalar) size(tag reflect.StructTag) {
	s.noun, s.show = "a size", func(v any) string { return size(v.(uint64)).String() }
	s.parse = func(text string) (any, *wrong) {
		n, w := parseSize(text)
		return uint64(n), w
	}
	if text := tag.Get("min"); text != "" {
		least, w := parseSize(text)
		if w != nil {
			panic("configfile: " + w.problem)
		}
		s.but("at least "+least.String(), func(v any) *wrong {
			if n := size(v.(uint64)); n < least {
				return &wrong{n.String() + " is too small", "write at least " + least.String()}
			}
			return nil
		})
	}
}

// duration takes a length of time. In milliseconds, a plain number of them will do,
// as in the reference. least:… is the least length but 0.
func (s *scalar) duration(is string, tag reflect.StructTag) {
	s.noun, s.show = "a duration", func(v any) string { return duration(v.(int64)).String() }
	s.parse = func(text string) (any, *wrong) {
		d, w := parseDuration(text)
		return int64(d), w
	}
	if is == "milliseconds" {
		s.constraint = "a plain number is milliseconds"
		s.parse = func(text string) (any, *wrong) {
			d, w := parseMillis(text)
			return int64(d), w
		}
		return
	}
	bound := func(name string, otherwise duration) duration {
		if tag.Get(name) == "" {
			return otherwise
		}
		d, w := parseDuration(tag.Get(name))
		if w != nil {
			panic("configfile: " + w.problem)
		}
		return d
	}
	least, most := bound("min", 0), bound("max", maxDuration)
	limits := fmt.Sprintf("%v to %v", least, most)
	s.but(limits, func(v any) *wrong {
		if d := duration(v.(int64)); d < least || d > most {
			return &wrong{fmt.Sprintf("%v is out of range", d), "write " + limits}
		}
		return nil
	})
	if shortest := bound("orzero", 0); shortest > 0 {
		s.but(fmt.Sprintf("0, or at least %v", shortest), func(v any) *wrong {
			if d := duration(v.(int64)); d > 0 && d < shortest {
				return &wrong{fmt.Sprintf("%v is too short", d), fmt.Sprintf("write %v or more, or 0", shortest)}
			}
			return nil
		})
	}
}

// zones takes a zone, or the first and the last of a range.
func (s *scalar) zones() {
	s.noun, s.constraint = "a zone", "one, or a range of them: 100-399"
	s.parse = func(text string) (any, *wrong) {
		first, last, isRange := strings.Cut(text, "-")
		if !isRange {
			last = first
		}
		lo, w := parseNumber(first, math.MaxUint32)
		hi, w2 := parseNumber(last, math.MaxUint32)
		if w != nil || w2 != nil || lo > hi {
			return wire.ZoneRange{}, &wrong{show(text) + " is neither a zone nor a range of them", "write a number, such as 5, or the first and the last, such as 100-399"}
		}
		return wire.ZoneRange{Min: wire.Zone(lo), Max: wire.Zone(hi)}, nil
	}
}

// network takes an IP address or a network.
func (s *scalar) network() {
	s.noun, s.unset, s.constraint = "a network", notSet, "an IP address, or one with /bits"
	s.parse = func(text string) (any, *wrong) {
		if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
			return netip.PrefixFrom(a, a.BitLen()), nil
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return p, &wrong{show(text) + " is not a network", "write an IP address, such as 10.0.0.7, or a network, such as 10.0.0.0/8"}
		}
		return p.Masked(), nil
	}
}
