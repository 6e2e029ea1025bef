package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The steps of docs/migration.md, with the C++ daemon.

// referenceVariable names the C++ astrond, where it is there.
const referenceVariable = "NATSTRON_ASTRON"

// Parts of a configuration, as both daemons read them. The C++ daemon's default,
// threaded, does not survive the example.
const (
	oldDirector = "messagedirector:\n  bind: %s:7199\n  threaded: false\n"
	newDirector = "backbone: {embedded: {listen: none}}\nmessagedirector:\n  bind: %s:7199\n"
	gameFiles   = "general:\n  dc_files:\n    - hello.dc\nuberdogs:\n  - id: 4665\n    class: LoginManager\n    anonymous: true\n"
	aState      = "  - type: stateserver\n    control: 402000\n"
	aGate       = "  - type: clientagent\n    bind: %s:7198\n    version: hello-1\n    channels:\n      min: 1000000000\n      max: 1009999999\n"
)

// The steps of docs/migration.md, with the C++ daemon: an AI and players meet at
// each of them, wherever they connect.
func TestMigrationFromAstron(t *testing.T) {
	reference := os.Getenv(referenceVariable)
	if reference == "" {
		t.Skipf("moving over is not tested: %s does not name the C++ astrond", referenceVariable)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	next := loopbackNetwork(t)
	for _, step := range []struct {
		name               string
		old, new           string // their roles; no old daemon if old is -
		aiAtOld, playerOld bool   // where they connect
	}{
		{"an astrond beside it", aState + aGate, "", false, true},
		{"the AI stays where it is", aState + aGate, "", true, true},
		{"the client agent", aState, aGate, true, false},
		{"the state server", "", aGate + aState, true, false},
		{"the AI", "", aGate + aState, false, false},
		{"without the old one", "-", aGate + aState, false, false},
	} {
		t.Run(step.name, func(t *testing.T) {
			oldIP, newIP := next(), next()
			t.Parallel()
			director, gate := newIP, newIP
			link := ""
			if step.old != "-" {
				astron(t, reference, oldIP, step.old)
				link = "  connect: " + oldIP + ":7199\n"
			}
			run(t, gameFiles+fmt.Sprintf(newDirector, newIP)+link+roles(step.new, newIP), helloDC(t))
			if step.aiAtOld {
				director = oldIP
			}
			if step.playerOld {
				gate = oldIP
			}
			playHello(t, python, filepath.Join(root, "examples", "hello"), director+":7199", gate+":7198")
		})
	}
}

func roles(all, ip string) string {
	if all == "" {
		return ""
	}
	return "roles:\n" + strings.ReplaceAll(all, "%s", ip)
}

// astron runs the C++ daemon until the test ends. It does not say when it is
// ready.
func astron(t testing.TB, reference, ip, all string) {
	t.Helper()
	dir := t.TempDir()
	helloDC(t)(dir)
	with(t, "astrond.yml", gameFiles+fmt.Sprintf(oldDirector, ip)+roles(all, ip))(dir)
	d := program(t, exec.Command(reference, "astrond.yml"))
	d.dir, d.cmd.Dir = dir, dir
	d.launch()
	poll(t, func() bool {
		conn, err := net.Dial("tcp", ip+":7199")
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, func() string { return "the C++ daemon" })
}
