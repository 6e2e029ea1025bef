package logging

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// Components are the parts of astrond that speak in the log.
func Components() []string {
	return []string{
		"Main", "Web", "Backbone", "nats", "Message Director", "Client Agent", "State Server", "DBSS", "Database",
		"Event Logger", "Event Sender",
	}
}

// ComponentNamed is the component that an operator means: case and blanks do not count.
func ComponentNamed(name string) (string, bool) {
	plain := func(s string) string {
		return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(s))
	}
	i := slices.IndexFunc(Components(), func(c string) bool { return plain(c) == plain(name) })
	if i < 0 {
		return "", false
	}
	return Components()[i], true
}

// Levels are the least important levels that a log shows, of all components and of single
// ones. They may be changed while it is in use.
type Levels struct {
	now   atomic.Pointer[levelSet]
	first slog.Level
}

// levelSet is not changed once it is in use.
type levelSet struct {
	general slog.Level
	each    map[string]slog.Level // of components that have their own
}

// newLevels are those of a log that shows one level of all components.
func newLevels(first slog.Level) *Levels {
	l := &Levels{first: first}
	l.now.Store(&levelSet{general: first})
	return l
}

// Set sets the level of a component; "" is all of them, also those with one of their own.
func (l *Levels) Set(component string, level slog.Level) {
	for {
		old := l.now.Load()
		next := &levelSet{general: level}
		if component != "" {
			next = &levelSet{general: old.general, each: map[string]slog.Level{}}
			maps.Copy(next.each, old.each)
			next.each[component] = level
		}
		if l.now.CompareAndSwap(old, next) {
			return
		}
	}
}

// Reset sets what Set has set to the level that the log was opened with.
func (l *Levels) Reset(component string) { l.Set(component, l.first) }

// Names are the levels by component: the general one under "".
func (l *Levels) Names() map[string]string {
	now := l.now.Load()
	names := map[string]string{"": levelOf(now.general).name}
	for component, level := range now.each {
		if level != now.general {
			names[component] = levelOf(level).name
		}
	}
	return names
}

func (l *Levels) of(component string) slog.Level {
	now := l.now.Load()
	if level, ok := now.each[component]; ok {
		return level
	}
	return now.general
}

// levelled lets through what its component's level shows.
type levelled struct {
	slog.Handler
	levels    *Levels
	component string
	grouped   bool
}

// Enabled implements [slog.Handler].
func (h *levelled) Enabled(_ context.Context, l slog.Level) bool {
	return l >= h.levels.of(h.component)
}

// WithGroup implements [slog.Handler].
func (h *levelled) WithGroup(name string) slog.Handler {
	with := *h
	with.Handler, with.grouped = h.Handler.WithGroup(name), h.grouped || name != ""
	return &with
}

// WithAttrs implements [slog.Handler].
func (h *levelled) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.Handler = h.Handler.WithAttrs(attrs)
	for _, a := range attrs {
		if a.Key == componentKey && !h.grouped {
			with.component = a.Value.String()
		}
	}
	return &with
}
