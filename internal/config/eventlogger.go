package config

import "strings"

// EventLogger is a role: it writes events that arrive over UDP to a file.
type EventLogger struct {
	place
	Bind Address
	// Output is the name of the file, with strftime's conversions for the time at
	// which it is opened.
	Output string
	// RotateInterval is how long a file is written before the next is begun; 0 is
	// for ever.
	RotateInterval Duration
	// NATS is on where events go to the backbone, and come from there, too.
	NATS Bool
}

// Type is eventlogger.
func (*EventLogger) Type() string { return TypeEventLogger }

func (s *EventLogger) keys() []key {
	return []key{
		{name: "bind", value: listenOn(&s.Bind, 7197).byDefault(Address{"0.0.0.0", 7197}),
			effect: "Where events arrive, over UDP."},
		{name: "output", value: timePattern(pathName(&s.Output)).byDefault("events-%Y%m%d-%H%M%S.log"),
			effect: "The file to write to; %Y, %m, %d, %H, %M, %S and strftime's other letters stand for the time at which it is opened."},
		{name: "rotate_interval", value: rotation(duration(&s.RotateInterval, 0, 0, 3650*day)),
			effect: "How long a file is written before the next is begun; 0 means for ever."},
		{name: "nats", value: boolean(&s.NATS, false), ours: true,
			effect: "Whether events are published on the backbone, too, and those of the whole cluster are written."},
	}
}

// rotation refuses intervals in which nobody could read a file.
func rotation(s *scalar[Duration]) *scalar[Duration] {
	return s.but("not below 1s", func(v Duration) *wrong {
		if v != 0 && v < second {
			return &wrong{v.String() + " is too short", "write at least 1s, or 0"}
		}
		return nil
	})
}

// conversions are the letters that strftime knows after a %.
const conversions = "aAbBcCdDeFgGhHIjmMnprRsStTuUVwWxXyYzZ%"

func timePattern(s *scalar[string]) *scalar[string] {
	return s.but("a pattern as strftime has it", func(v string) *wrong {
		for rest := v; ; {
			_, after, found := strings.Cut(rest, "%")
			if !found {
				return nil
			}
			if after == "" || !strings.Contains(conversions, after[:1]) {
				return &wrong{show("%"+firstRune(after)) + " stands for no part of a time", `write a letter that strftime knows, or %% for a percent sign`}
			}
			rest = after[1:]
		}
	})
}

func firstRune(text string) string {
	for _, r := range text {
		return string(r)
	}
	return ""
}
