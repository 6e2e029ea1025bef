package e2e

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"natstron/bridge/wire"
	"natstron/internal/tlstest"
)

// astrond bots, against the arena and what stands between.

const arenaBots = `
version: arena-1
duration: 2s
settle: 1s
login:
  - {type: update, object: 4665, class: LoginManager, field: login, value: '("bot{{.Bot}}{{.Run}}", "secret")'}
  - {type: wait, for: owner, class: Avatar}
  - {type: wait, for: object, class: Firefly}
play:
  - {type: update, class: Avatar, field: setXY, every: 50ms, think: 50ms}
  - {type: update, class: Avatar, every: 400ms}
`

type botsReport struct {
	Clients  int `json:"clients"`
	LoggedIn int `json:"logged_in"`
	Updates  int `json:"updates_sent"`
	Seen     int `json:"updates_seen"`
	Others   int `json:"updates_unchecked"`
	Latency  struct {
		Count    int
		P50, Max float64
	} `json:"latency"`
	Faults   struct{ Lost, Doubled, Reordered, Stale, Ghosts, Missing, Strays, Invalid int } `json:"faults"`
	Ejects   []struct{ Code, Count int }                                                     `json:"ejects"`
	Failures []struct {
		Why   string
		Count int
	} `json:"failures"`
}

// runBots runs bots, and returns their report and exit code.
func runBots(t *testing.T, dc, script string, args ...string) (r botsReport, code int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bots.yml")
	write(t, file, script)
	out, errOut, code := astrond(t, append([]string{"bots", "--json", "--dc", dc, "--script", file}, args...)...)
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v\n%s%s", err, out, errOut)
	}
	return r, code
}

// Bots log in to a game, play, see each other, and find nothing wrong; over TCP and WebSocket.
func TestBots(t *testing.T) {
	t.Parallel()
	a := newArena(t)
	web := strings.Replace(strings.TrimSuffix(a.page(), "/"), "http", "ws", 1)
	r, code := runBots(t, "../examples/arena/arena.dc", arenaBots, "--clients", "12", a.where("listening for clients"), web)
	if code != 0 || r.LoggedIn != 12 || r.Updates < 12*5 || r.Seen < 12*5*8 || r.Latency.Count != r.Seen || r.Latency.Max <= 0 || r.Others == 0 {
		t.Errorf("exit code %d: %+v", code, r)
	}
}

// Bots that are not let in are counted by what they are told.
func TestBotsEjected(t *testing.T) {
	t.Parallel()
	a := newArena(t)
	r, code := runBots(t, "../examples/arena/arena.dc", arenaBots, "--clients", "3", "--version", "another", a.where("listening for clients"))
	if code != 1 || r.LoggedIn != 0 || len(r.Ejects) != 1 || r.Ejects[0].Code != int(wire.EjectBadVersion) || r.Ejects[0].Count != 3 {
		t.Errorf("exit code %d: %+v", code, r)
	}
}

// Bots connect with TLS, and accept only certificates that they can verify.
func TestBotsTLS(t *testing.T) {
	t.Parallel()
	d := run(t, "general: {dc_files: [game.dc]}\n"+alone+`
roles:
  - type: clientagent
    bind: 127.0.0.1:0
    channels: {min: 1000000000, max: 1009999999}
    tls: {certificate: cert.pem, key_file: key.pem}
`, func(dir string) {
		write(t, filepath.Join(dir, "game.dc"), "dclass Gate { enter(string name) clsend; };\n")
		tlstest.Write(t, dir)
	})
	game, address := filepath.Join(d.dir, "game.dc"), "tls://"+d.where("listening for clients")
	if r, code := runBots(t, game, "{duration: 100ms, settle: 0s}", "--insecure", address); code != 0 || r.LoggedIn != 10 {
		t.Errorf("exit code %d: %+v", code, r)
	}
	if r, code := runBots(t, game, "{duration: 1s, settle: 0s}", "--clients", "2", address); code != 1 || len(r.Failures) == 0 || !strings.Contains(r.Failures[0].Why, "certificate") {
		t.Errorf("exit code %d: %+v", code, r)
	}
}

// Bots that may come back do, and have missed nothing when their connections are cut.
func TestBotsComeBack(t *testing.T) {
	t.Parallel()
	a := newArena(t)
	var cut atomic.Int64
	address := between(t, a.where("listening for clients"), func() func(f []byte, pass func([]byte) bool) bool {
		n := 0 // messages since the client may come back
		return func(f []byte, pass func([]byte) bool) bool {
			r := wire.NewReader(f)
			if n > 0 || r.ClientMsgType() == wire.ClientResumeToken {
				n++
			}
			if n == 50 {
				cut.Add(1)
				return false
			}
			return pass(f)
		}
	})
	r, code := runBots(t, "../examples/arena/arena.dc", "resume: true"+arenaBots, "--clients", "6", address)
	if code != 0 || r.LoggedIn != 6 || cut.Load() == 0 || r.Seen == 0 {
		t.Errorf("exit code %d, %d connections were cut: %+v", code, cut.Load(), r)
	}
}

// What a server loses, doubles, reorders or leaves in sight, bots find out.
func TestBotsFindFaults(t *testing.T) {
	t.Parallel()
	isUpdate := func(f []byte) bool {
		r := wire.NewReader(f)
		return r.ClientMsgType() == wire.ClientObjectSetField && r.DoID() > 0 && r.FieldID() == arenaSetXY
	}
	for _, test := range []struct {
		name string
		// spoil passes on what becomes of a frame, and says whether it did harm.
		spoil func(n int, f []byte, held *[]byte, pass func([]byte)) bool
		found func(r botsReport) int
	}{
		{"lost", func(n int, f []byte, _ *[]byte, pass func([]byte)) bool {
			if isUpdate(f) && n%10 == 0 {
				return true
			}
			pass(f)
			return false
		}, func(r botsReport) int { return r.Faults.Lost + r.Faults.Stale }},
		{"doubled", func(n int, f []byte, _ *[]byte, pass func([]byte)) bool {
			pass(f)
			if !isUpdate(f) || n%10 != 0 {
				return false
			}
			pass(f)
			return true
		}, func(r botsReport) int { return r.Faults.Doubled }},
		{"reordered", func(n int, f []byte, held *[]byte, pass func([]byte)) bool {
			same := func(g []byte) bool { return string(f[:8]) == string(g[:8]) } // type, object, field
			switch {
			case *held == nil && isUpdate(f) && n%10 == 0:
				*held = f
			case *held != nil && isUpdate(f) && same(*held):
				pass(f)
				pass(*held)
				*held = nil
				return true
			default:
				pass(f)
			}
			return false
		}, func(r botsReport) int { return r.Faults.Reordered }},
		{"missing", func(n int, f []byte, _ *[]byte, pass func([]byte)) bool {
			r := wire.NewReader(f)
			if r.ClientMsgType() == wire.ClientEnterObjectRequired && r.DoID()%3 == 0 && isAvatar(&r) {
				return true
			}
			pass(f)
			return false
		}, func(r botsReport) int { return r.Faults.Missing }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := newArena(t)
			var harm atomic.Int64
			address := between(t, a.where("listening for clients"), func() func(f []byte, pass func([]byte) bool) bool {
				n, held := 0, []byte(nil) // n counts updates
				return func(f []byte, pass func([]byte) bool) bool {
					if isUpdate(f) {
						n++
					}
					open := true
					if test.spoil(n, f, &held, func(f []byte) { open = pass(f) }) {
						harm.Add(1)
					}
					return open
				}
			})
			r, code := runBots(t, "../examples/arena/arena.dc", strings.ReplaceAll(arenaBots, "  - {type: update, class: Avatar, every: 400ms}\n", ""), "--clients", "6", address)
			done, found := int(harm.Load()), test.found(r)
			if code != 1 || done == 0 || found > done || found < done*9/10 {
				t.Errorf("exit code %d, %d spoilt, %d found: %+v", code, done, found, r)
			}
		})
	}
}

// Who is cut off is gone for the others. Where a proxy keeps that from them, they see ghosts.
func TestBotsFindGhosts(t *testing.T) {
	t.Parallel()
	a := newArena(t)
	var connections, kept atomic.Int64
	address := between(t, a.where("listening for clients"), func() func(f []byte, pass func([]byte) bool) bool {
		first, n := connections.Add(1) == 1, 0 // n counts messages
		return func(f []byte, pass func([]byte) bool) bool {
			n++
			r := wire.NewReader(f)
			if !first && r.ClientMsgType() == wire.ClientObjectLeaving {
				kept.Add(1)
				return true
			}
			return pass(f) && (!first || n < 150)
		}
	})
	r, code := runBots(t, "../examples/arena/arena.dc", arenaBots, "--clients", "6", address)
	if code != 1 || kept.Load() < 5 || r.Faults.Ghosts != 5 || r.Faults.Lost+r.Faults.Doubled+r.Faults.Reordered+r.Faults.Missing > 0 {
		t.Errorf("exit code %d, %d leavings were kept: %+v", code, kept.Load(), r)
	}
}

// isAvatar reads on in CLIENT_ENTER_OBJECT_REQUIRED: an avatar is class 2.
func isAvatar(r *wire.Reader) bool {
	r.Location()
	return r.Uint16() == 2
}

// between is a proxy before a client agent. For each connection each makes a function that gets the
// agent's messages, and passes on what the client shall get. It returns false to cut the connection.
func between(t *testing.T, agent string, each func() func(f []byte, pass func([]byte) bool) bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", agent)
			if err != nil {
				client.Close()
				continue
			}
			go func() {
				_, _ = io.Copy(server, client)
				server.Close()
			}()
			go func() {
				defer server.Close()
				defer client.Close()
				spoil := each()
				pass := func(f []byte) bool {
					_, err := client.Write(append(binary.LittleEndian.AppendUint16(nil, uint16(len(f))), f...))
					return err == nil
				}
				for {
					var size [2]byte
					if _, err := io.ReadFull(server, size[:]); err != nil {
						return
					}
					f := make([]byte, binary.LittleEndian.Uint16(size[:]))
					if _, err := io.ReadFull(server, f); err != nil {
						return
					}
					if !spoil(f, pass) {
						return
					}
				}
			}()
		}
	}()
	return fmt.Sprint(l.Addr())
}
