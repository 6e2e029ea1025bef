package bridge

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/internal/msgtext"
)

// natsWith runs a NATS server with a configuration file, which may change: then reload it.
func natsWith(t *testing.T, text string) (s *server.Server, reload func(text string)) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nats.conf")
	write := func(text string) { must(t, os.WriteFile(file, []byte("listen: '127.0.0.1:-1'\n"+text), 0o600)) }
	write(text)
	o, err := server.ProcessConfigFile(file)
	must(t, err)
	o.NoSigs, o.NoLog = true, true
	s, err = server.NewServer(o)
	must(t, err)
	go s.Start()
	t.Cleanup(s.Shutdown)
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server did not start")
	}
	return s, func(text string) {
		t.Helper()
		write(text)
		must(t, s.Reload())
	}
}

// permitted is users whose one member may publish and subscribe to some subjects.
func permitted(publish, subscribe string) string {
	return "authorization { users = [ { user: u, password: x, permissions: { publish: [" + publish + "], subscribe: [" + subscribe + "] } } ] }\n"
}

const needed = `"astron.>", "astronctl.>", "astronping.>"`

func user(s *server.Server) *External {
	return &External{URLs: []string{s.ClientURL()}, Login: Login{User: "u", Password: "x"}}
}

// A node does not start if its user may not do what it must, and says what is missing, each
// root of its subjects by name. What it must is enough.
func TestPermissionsAtTheStart(t *testing.T) {
	for _, test := range []struct{ publish, subscribe, missing string }{
		{needed, needed, ""},
		{`"astron.>", "astronctl.>"`, needed, "not publish to astronping.>"},
		{needed, `"astronctl.>", "astronping.>"`, "not subscribe to astron.>"},
		{`"astronctl.>"`, `"astronctl.>"`, "not publish to astron.>, astronping.>, and not subscribe to astron.>, astronping.>"},
		{`"other"`, needed, "not publish to astron.>, astronctl.>, astronping.>"},
	} {
		s, _ := natsWith(t, permitted(test.publish, test.subscribe))
		log := new(msgtext.Log)
		n, err := Start(t.Context(), Options{External: user(s), Log: slog.New(slog.NewTextHandler(log, nil))})
		if test.missing == "" {
			must(t, err)
			n.Stop(t.Context())
			continue
		}
		if !errors.Is(err, ErrPermission) || !strings.HasSuffix(err.Error(), "may "+test.missing) {
			t.Errorf("with %s and %s: %v", test.publish, test.subscribe, err)
		}
		if log.String() != "" {
			t.Errorf("it logs what it returns:\n%s", log)
		}
	}
}

// A node that loses a permission loses the backbone, and is back with the permission.
func TestPermissionTaken(t *testing.T) {
	s, reload := natsWith(t, permitted(needed, needed))
	log := new(msgtext.Log)
	n, err := Start(t.Context(), Options{External: user(s), Heartbeat: 50 * time.Millisecond, Log: slog.New(slog.NewTextHandler(log, nil))})
	must(t, err)
	defer n.Stop(t.Context())
	dropped := make(chan error, 1)
	p, err := n.Join("p", blackHole{}, func(cause error) { dropped <- cause })
	must(t, err)
	reload(permitted(`"astron.>"`, needed))
	select {
	case cause := <-dropped:
		if !errors.Is(cause, ErrBackboneLost) {
			t.Error(cause)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nobody is told")
	}
	p.Leave()
	if count := strings.Count(log.String(), "refuses"); count > 1 {
		t.Errorf("%d lines:\n%s", count, log)
	}
	reload(permitted(needed, needed))
	eventually(t, "the node is back", func() bool {
		p, err := n.Join("again", blackHole{}, func(error) {})
		if err == nil {
			p.Leave()
		}
		return err == nil
	})
}
