package config

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/internal/configfile"
)

func TestFaultsAreStructured(t *testing.T) {
	_, err := Parse("astrond.yml", []byte("messagedirector:\n  bnd: x\n"))
	var e *configfile.Error
	if !errors.As(err, &e) {
		t.Fatalf("Parse returned %T, want *configfile.Error", err)
	}
	got, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"faults":[{"file":"astrond.yml","line":2,"column":3,"path":"messagedirector.bnd",` +
		`"problem":"is not a known key",` +
		`"fix":"did you mean bind? known here: bind, listeners, connect, threaded, max_participants, max_queue, host_timeout, max_subscriptions, max_post_removes, max_post_remove_bytes",` +
		`"text":"  bnd: x","caret":2}]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestManyFaultsAreCutShort(t *testing.T) {
	var b strings.Builder
	b.WriteString("uberdogs:\n")
	for range 3 * 100 {
		b.WriteString("  - id: 1\n    class: A\n")
	}
	_, err := Parse("astrond.yml", []byte(b.String()))
	var e *configfile.Error
	if !errors.As(err, &e) || len(e.Faults) != 100+1 {
		t.Fatalf("got %d faults, want %d and a word that there are more", len(e.Faults), 100)
	}
	if !strings.Contains(err.Error(), "there are more than 100 faults") {
		t.Error("the message does not say that there are more faults")
	}
}

func TestFaultsForWhatIsFoundOutLater(t *testing.T) {
	c, err := Parse("astrond.yml", []byte("uberdogs:\n  - id: 1234\n    class: Login\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := c.Fault("uberdogs[0].class", `"Login" is not a class of game.dc`, "did you mean LoginManager?").String()
	want := `astrond.yml:3:12: uberdogs[0].class: "Login" is not a class of game.dc
  3 |     class: Login
    |            ^ did you mean LoginManager?`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("at a key that the file gives (-want +got):\n%s", diff)
	}
	if got, want := c.Pos("uberdogs[0].anonymous").String(), "astrond.yml:2:5"; got != want {
		t.Errorf("a key left to its default is at %s, want its section's place %s", got, want)
	}
	if got, want := c.Pos("messagedirector.bind").String(), "astrond.yml:1:1"; got != want {
		t.Errorf("a section left to its defaults is at %s, want %s", got, want)
	}
	if got, want := new(Config).Fault("web.bind", "is in use", "").String(), ": web.bind: is in use"; got != want {
		t.Errorf("without a file: %q, want %q", got, want)
	}
}
