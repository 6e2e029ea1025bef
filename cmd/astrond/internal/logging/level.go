package logging

import (
	"log/slog"
	"slices"
	"strings"
)

// The levels of the reference that package slog does not have, in its order.
const (
	LevelPacket   = slog.Level(-12)
	LevelTrace    = slog.Level(-8)
	LevelSecurity = slog.Level(6)
	LevelFatal    = slog.Level(12)
)

type namedLevel struct {
	name   string
	level  slog.Level
	colour string // of a terminal
}

// levels are in rising order.
var levels = []namedLevel{
	{"packet", LevelPacket, "\x1b[2;36m"},
	{"trace", LevelTrace, "\x1b[2;36m"},
	{"debug", slog.LevelDebug, "\x1b[2;36m"},
	{"info", slog.LevelInfo, "\x1b[32m"},
	{"warning", slog.LevelWarn, "\x1b[2;33m"},
	{"security", LevelSecurity, "\x1b[33m"},
	{"error", slog.LevelError, "\x1b[31m"},
	{"fatal", LevelFatal, "\x1b[31m"},
}

// LevelNamed is the level with a name of the reference.
func LevelNamed(name string) (slog.Level, bool) {
	i := slices.IndexFunc(levels, func(l namedLevel) bool { return l.name == name })
	if i < 0 {
		return 0, false
	}
	return levels[i].level, true
}

// LevelNames lists them, the least important first.
func LevelNames() string {
	var names []string
	for _, l := range levels {
		names = append(names, l.name)
	}
	return strings.Join(names, ", ")
}

// levelOf is the named level that l belongs to: the highest that is not above.
func levelOf(l slog.Level) namedLevel {
	for _, named := range slices.Backward(levels) {
		if named.level <= l {
			return named
		}
	}
	return levels[0]
}

// label is the level as the log has it.
func (l namedLevel) label() string { return strings.ToUpper(l.name) }
