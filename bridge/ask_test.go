package bridge

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

// Every node that knows a question answers it, wherever it is in the cluster;
// nobody else does.
func TestAsk(t *testing.T) {
	hub := eventNode(t, nil)
	other := eventNode(t, hub)
	for name, n := range map[string]*Node{"hub": hub, "other": other} {
		n.Answer("who", func(request []byte) []byte { return []byte(string(request) + ": " + name) })
	}
	hub.Answer("where", func([]byte) []byte { return nil })
	settle(t, other) // it hears questions from now on
	a, err := Connect(AskerOptions{Server: External{URLs: []string{hub.URL()}}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var got []string
	if err := a.Ask(ctx, "who", []byte("you"), func(answer []byte) bool {
		got = append(got, string(answer))
		return len(got) < 2
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if all := strings.Join(got, ", "); all != "you: hub, you: other" {
		t.Errorf("the answers are %s", all)
	}
	short, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	for _, question := range []string{"where", "nobody-knows"} {
		if err := a.Ask(short, question, nil, func(answer []byte) bool { t.Errorf("%q to %s", answer, question); return false }); err != nil {
			t.Error(err)
		}
	}
}
