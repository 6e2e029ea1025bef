package status

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Warnings keeps the latest warnings. Its methods are safe for use by several
// goroutines; none waits for anything but the others for a moment.
type Warnings struct {
	mu     sync.Mutex
	ring   []Warning // the oldest is at next, once it is full
	next   int
	counts map[string]uint64 // by level
}

const (
	keptWarnings = 200
	// keptText bounds a warning's text: some of it is what others sent.
	keptText = 1000
)

// Add keeps a warning, in the place of the oldest where there are too many.
func (w *Warnings) Add(at time.Time, level, text string) {
	if len(text) > keptText {
		cut := keptText
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	text = strings.ToValidUTF8(text, "�")
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.counts == nil {
		w.counts = map[string]uint64{}
	}
	w.counts[level]++
	warning := Warning{Time: at, Level: level, Text: text}
	if len(w.ring) < keptWarnings {
		w.ring = append(w.ring, warning)
		return
	}
	w.ring[w.next] = warning
	w.next = (w.next + 1) % keptWarnings
}

// Latest are the warnings that are kept, the newest first.
func (w *Warnings) Latest() []Warning {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := append(append([]Warning{}, w.ring[w.next:]...), w.ring[:w.next]...)
	slices.Reverse(all)
	return all
}

// Counts is how many there were in all, by level.
func (w *Warnings) Counts() map[string]uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	counts := map[string]uint64{"warning": 0, "security": 0, "error": 0, "fatal": 0}
	for level, n := range w.counts {
		counts[level] = n
	}
	return counts
}
