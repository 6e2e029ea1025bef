package watch

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge"
)

// node is a node of a cluster: with its own server if hub is nil.
func node(t *testing.T, hub *bridge.Node) *bridge.Node {
	t.Helper()
	o := bridge.Options{Embedded: bridge.Embedded{Listen: "127.0.0.1:0"}}
	if hub != nil {
		o = bridge.Options{External: &bridge.External{URLs: []string{hub.URL()}}}
	}
	n, err := bridge.Start(t.Context(), o)
	must(t, err)
	t.Cleanup(func() { n.Stop(context.Background()) })
	return n
}

// Every node that knows a question answers it, wherever it is in the cluster;
// nobody else does.
func TestAsk(t *testing.T) {
	hub := node(t, nil)
	other := node(t, hub)
	for name, n := range map[string]*bridge.Node{"hub": hub, "other": other} {
		n.Answer("who", func(request []byte) []byte { return []byte(string(request) + ": " + name) })
	}
	hub.Answer("where", func([]byte) []byte { return nil })
	// Both hear questions since they have started.
	a, err := Connect(AskerOptions{Server: bridge.External{URLs: []string{hub.URL()}}})
	must(t, err)
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

// guarded is a NATS server, for a user who may do no more than this.
func guarded(t *testing.T, may *server.Permissions) bridge.External {
	t.Helper()
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		Users: []*server.User{{Username: "me", Password: "x", Permissions: may}},
	})
	must(t, err)
	go srv.Start()
	t.Cleanup(srv.Shutdown)
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("no server")
	}
	return bridge.External{URLs: []string{srv.ClientURL()}, Login: bridge.Login{User: "me", Password: "x"}}
}

// Who may only look is told so, instead of hearing that nobody answers.
func TestAskRefused(t *testing.T) {
	a, err := Connect(AskerOptions{Server: guarded(t, &server.Permissions{
		Subscribe: &server.SubjectPermission{Allow: []string{"astron.>"}},
		Publish:   &server.SubjectPermission{Deny: []string{">"}},
	})})
	must(t, err)
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

// must ends the test if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A node asks the others, too, but not itself, and takes no answers to a question that is
// over.
func TestNodeAsks(t *testing.T) {
	hub := node(t, nil)
	others := []*bridge.Node{node(t, hub), node(t, hub)}
	for _, n := range append(others, hub) {
		n.Answer("who", func(request []byte) []byte { return []byte(string(request) + ": " + n.Origin()) })
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for round := range 2 {
		var got, want []string
		hub.Ask(ctx, "who", []byte("you"), func(answer []byte) bool {
			got = append(got, string(answer))
			return len(got) < 2
		})
		for _, n := range others {
			want = append(want, "you: "+n.Origin())
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("round %d: the answers are %v, want %v", round, got, want)
		}
	}
	short, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	hub.Ask(short, "unknown", nil, func([]byte) bool { t.Error("somebody answers"); return true })
}
