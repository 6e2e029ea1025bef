package bridge

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
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
	settle(t, hub)
	settle(t, other) // they hear questions from now on
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

// Who may only look is told so, in place of hearing that nobody answers.
func TestAskRefused(t *testing.T) {
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		Users: []*server.User{{Username: "observer", Password: "x", Permissions: &server.Permissions{
			Subscribe: &server.SubjectPermission{Allow: []string{"astron.>"}},
			Publish:   &server.SubjectPermission{Deny: []string{">"}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	defer srv.Shutdown()
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("no server")
	}
	a, err := Connect(AskerOptions{Server: External{URLs: []string{srv.ClientURL()}, Login: Login{User: "observer", Password: "x"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { // the end of waiting, once the server has said no
		err := <-a.refused
		a.failed(nil, nil, err)
		cancel()
	}()
	err = a.Ask(ctx, "who", nil, func([]byte) bool { return true })
	if !errors.Is(err, ErrPermission) {
		t.Errorf("got %v, want a permission violation", err)
	}
}
