package status

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestWarningsKeepTheLatest(t *testing.T) {
	var w Warnings
	if got := w.Latest(); got == nil || len(got) != 0 { // nil would be null in JSON
		t.Fatalf("at first there are %v", got)
	}
	for i := range keptWarnings + 3 {
		w.Add(time.Unix(int64(i), 0), "warning", fmt.Sprint(i))
		if got := w.Latest(); got[0].Text != fmt.Sprint(i) {
			t.Fatalf("the newest of %d is %v", i+1, got[0])
		}
	}
	w.Add(time.Unix(0, 0), "error", "the last")
	got := w.Latest()
	if len(got) != keptWarnings || got[1].Text != fmt.Sprint(keptWarnings+2) || got[len(got)-1].Text != "4" {
		t.Errorf("%d are kept, from %q to %q", len(got), got[1].Text, got[len(got)-1].Text)
	}
	if c := w.Counts(); c["warning"] != keptWarnings+3 || c["error"] != 1 {
		t.Errorf("counts are %v", c)
	}
}

// What players write gets into the log: it is bounded, and stays text.
func TestWarningsBoundTheirText(t *testing.T) {
	var w Warnings
	w.Add(time.Now(), "warning", strings.Repeat("é", keptText))
	w.Add(time.Now(), "warning", "half of é: \xc3")
	for _, warning := range w.Latest() {
		if len(warning.Text) > keptText+len("…") || !utf8.ValidString(warning.Text) {
			t.Errorf("%d bytes are kept, valid: %v", len(warning.Text), utf8.ValidString(warning.Text))
		}
	}
}
