package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"natstron/bridge/wire"
)

// The kinds of scalars, each bound to the field that it fills.

const notSet = "none"

// anyText takes any text of up to 255 characters that can be printed.
func anyText(into *string) *scalar[string] {
	return &scalar[string]{into: into, kind: "a text", unset: notSet, parse: parseText}
}

func parseText(text string) (string, *wrong) {
	switch {
	case len([]rune(text)) > 255:
		return "", &wrong{show(text) + " is too long", "write at most 255 characters"}
	case strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", &wrong{show(text) + " has characters that cannot be printed", "take them out"}
	}
	return text, nil
}

// word takes a text that is not empty and has no blanks.
func word(into *string) *scalar[string] {
	return anyText(into).but("not empty, no blanks", func(v string) *wrong {
		if v == "" || strings.Contains(v, " ") {
			return &wrong{show(v) + " is empty or has blanks", "write one word"}
		}
		return nil
	})
}

// filled takes a text that is not empty.
func filled(into *string) *scalar[string] {
	return anyText(into).but("not empty", notEmpty)
}

func notEmpty(v string) *wrong {
	if v == "" {
		return &wrong{"is empty", "write a text, or take the line out"}
	}
	return nil
}

// pathName takes the name of a file or a folder that need not exist yet.
func pathName(into *string) *scalar[string] {
	return &scalar[string]{into: into, kind: "a path", unset: notSet, parse: parsePath}
}

func parsePath(text string) (string, *wrong) {
	switch {
	case text == "":
		return "", &wrong{"is empty", "write the name of a file or folder, relative to this file's folder"}
	case len(text) > 4096 || strings.ContainsFunc(text, unicode.IsControl):
		return "", &wrong{show(text) + " cannot name a file", "write the name of a file or folder, relative to this file's folder"}
	}
	return text, nil
}

// fileName takes the name of a file that must be there at the start.
func fileName(into *string) *scalar[string] {
	s := pathName(into)
	s.kind, s.file = "a file", regularFile
	return s
}

// secret takes a password or a token, of which no message shows anything.
func secret(into *Secret) *scalar[Secret] {
	s := &scalar[Secret]{into: into, kind: "a secret", unset: notSet, parse: func(text string) (Secret, *wrong) {
		if text == "" || len(text) > 4096 {
			return "", &wrong{"is empty or too long", "write at most 4096 characters, or name a file that holds it"}
		}
		return Secret(text), nil
	}}
	return s.fromEnvironment()
}

// boolean takes a switch.
func boolean(into *Bool, def Bool) *scalar[Bool] {
	return &scalar[Bool]{into: into, kind: "true or false", def: def, parse: parseBool}
}

// oneOf takes one of a few words.
func oneOf[T ~string](into *T, def T, words ...T) *scalar[T] {
	known := make([]string, len(words))
	for i, w := range words {
		known[i] = string(w)
	}
	return &scalar[T]{into: into, kind: "a word", def: def,
		constraint: "one of " + strings.Join(known, ", "),
		parse: func(text string) (T, *wrong) {
			if !slices.Contains(words, T(text)) {
				return "", &wrong{show(text) + " is not one of the choices", didYouMean(text, known)}
			}
			return T(text), nil
		}}
}

// address takes a host with or without a port.
func address(into *Address, defaultPort uint16, listen bool) *scalar[Address] {
	return &scalar[Address]{into: into, kind: "an address", unset: notSet,
		constraint: fmt.Sprintf("port %d if it names none", defaultPort),
		parse: func(text string) (Address, *wrong) {
			return parseAddress(text, defaultPort, listen)
		}}
}

// listenOn is an address to listen on; its port may be 0, for any free one.
func listenOn(into *Address, defaultPort uint16) *scalar[Address] {
	return address(into, defaultPort, true)
}

// connectTo is an address to connect or to send to.
func connectTo(into *Address, defaultPort uint16) *scalar[Address] {
	return address(into, defaultPort, false)
}

// number takes a whole number between two limits, both included.
func number[T ~int | ~uint32 | ~uint64](into *T, def, least, most T) *scalar[T] {
	return &scalar[T]{into: into, kind: "a number", def: def,
		constraint: fmt.Sprintf("%d to %d", least, most),
		parse: func(text string) (T, *wrong) {
			n, w := parseNumber(text, uint64(most))
			if w == nil && T(n) < least {
				w = &wrong{show(text) + " is too small", fmt.Sprintf("write a number from %d to %d", least, most)}
			}
			return T(n), w
		}}
}

// channel takes a channel that is neither invalid nor reserved.
func channel(into *wire.Channel) *scalar[wire.Channel] {
	return &scalar[wire.Channel]{into: into, kind: "a channel",
		constraint: fmt.Sprintf("%d or more, but not %d to %d", wire.LastReservedChannel+1, firstReservedLocation, lastReservedLocation),
		parse: func(text string) (wire.Channel, *wrong) {
			n, w := parseNumber(text, uint64(wire.MaxChannel))
			if w == nil {
				w = refuseReserved(wire.Channel(n))
			}
			return wire.Channel(n), w
		}}
}

// The locations under the parents 1 to 999 are reserved, like those parents.
const (
	firstReservedLocation = wire.Channel(1) << 32
	lastReservedLocation  = wire.LastReservedChannel << 32
)

func refuseReserved(c wire.Channel) *wrong {
	switch {
	case c == wire.InvalidChannel:
		return &wrong{"0 is not a valid channel", "write 1000 or more"}
	case c <= wire.LastReservedChannel:
		return &wrong{fmt.Sprintf("channel %d is reserved (1 to 999 are)", c), "write 1000 or more"}
	case c >= firstReservedLocation && c <= lastReservedLocation:
		return &wrong{fmt.Sprintf("channel %d is reserved (%d to %d are)", c, firstReservedLocation, lastReservedLocation),
			"write less, or more, than those"}
	}
	return nil
}

// doID takes a doId that is neither invalid nor reserved.
func doID(into *wire.DoID) *scalar[wire.DoID] {
	return &scalar[wire.DoID]{into: into, kind: "a doId",
		constraint: fmt.Sprintf("%d to %d", wire.LastReservedDoID+1, wire.MaxDoID),
		parse: func(text string) (wire.DoID, *wrong) {
			n, w := parseNumber(text, uint64(wire.MaxDoID))
			switch {
			case w != nil:
			case n == 0:
				w = &wrong{"0 is not a valid doId", "write 1000 or more"}
			case n <= uint64(wire.LastReservedDoID):
				w = &wrong{fmt.Sprintf("doId %d is reserved (1 to 999 are)", n), "write 1000 or more"}
			}
			return wire.DoID(n), w
		}}
}

// size takes a number of bytes, at least so many.
func size(into *Size, def, least Size) *scalar[Size] {
	s := &scalar[Size]{into: into, kind: "a size", def: def, parse: parseSize}
	if least == 0 {
		return s
	}
	return s.but("at least "+least.String(), func(v Size) *wrong {
		if v < least {
			return &wrong{v.String() + " is too small", "write at least " + least.String()}
		}
		return nil
	})
}

// duration takes a length of time between two limits, both included.
func duration(into *Duration, def, least, most Duration) *scalar[Duration] {
	s := &scalar[Duration]{into: into, kind: "a duration", def: def, parse: parseDuration}
	limits := fmt.Sprintf("%v to %v", least, most)
	return s.but(limits, func(v Duration) *wrong {
		if v < least || v > most {
			return &wrong{fmt.Sprintf("%v is out of range", v), "write " + limits}
		}
		return nil
	})
}

// hostTimeout is how long a host may not answer. Less than two seconds is no sign of
// anything.
func hostTimeout(into *Duration) *scalar[Duration] {
	const least = 2 * second
	return duration(into, 20*second, 0, day).but(fmt.Sprintf("0, or at least %v", least), func(v Duration) *wrong {
		if v > 0 && v < least {
			return &wrong{fmt.Sprintf("%v is too short", v), fmt.Sprintf("write %v or more, or 0", least)}
		}
		return nil
	})
}

// millis takes a plain number of milliseconds, as the reference does, or a duration.
func millis(into *Duration, def Duration) *scalar[Duration] {
	return &scalar[Duration]{into: into, kind: "a duration", def: def,
		constraint: "a plain number is milliseconds", parse: parseMillis}
}
