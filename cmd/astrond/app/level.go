package app

import (
	"log/slog"
	"slices"
	"strings"
)

// The levels of the reference that package slog does not have, in its order.
const (
	levelPacket   = slog.Level(-12)
	levelTrace    = slog.Level(-8)
	levelSecurity = slog.Level(6)
	levelFatal    = slog.Level(12)
)

type namedLevel struct {
	name   string
	level  slog.Level
	colour string // of a terminal
}

// levels are in rising order.
var levels = []namedLevel{
	{"packet", levelPacket, "\x1b[2;36m"},
	{"trace", levelTrace, "\x1b[2;36m"},
	{"debug", slog.LevelDebug, "\x1b[2;36m"},
	{"info", slog.LevelInfo, "\x1b[32m"},
	{"warning", slog.LevelWarn, "\x1b[2;33m"},
	{"security", levelSecurity, "\x1b[33m"},
	{"error", slog.LevelError, "\x1b[31m"},
	{"fatal", levelFatal, "\x1b[31m"},
}

func levelNamed(name string) (slog.Level, bool) {
	i := slices.IndexFunc(levels, func(l namedLevel) bool { return l.name == name })
	if i < 0 {
		return 0, false
	}
	return levels[i].level, true
}

func levelNames() string {
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
