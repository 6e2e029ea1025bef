package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"natstron/dc"
)

// The example of a role of a game's own.

// An astrond with a role of its own, as its README says: accounts in the database, avatars on the
// state server, in one process.
func TestExampleUberDOG(t *testing.T) {
	t.Parallel()
	interpreter, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	file, err := dc.ParseFiles("../examples/uberdog/town.dc")
	must(t, err)
	if hash := fmt.Sprintf("0x%08x", file.Hash()); !strings.Contains(read(t, "../examples/uberdog", "client.py"), hash) {
		t.Fatalf("the hash of the DC files is %s", hash)
	}
	d := example(t, "uberdog", built(t, "examples/uberdog"))
	gate := d.where("listening for clients")
	visit := func(name, password string) *daemon {
		return python(t, interpreter, d.dir, "client.py", name, password, gate)
	}
	ada := visit("Ada", "lovelace")
	ada.waitForEach("Welcome, Ada! Visit number 1.", "I have an avatar")
	bob := visit("Bob", "ross")
	bob.waitForEach("I have an avatar", "Ada is here")
	ada.waitForEach("Bob is here", "Bob says: hello")
	d.waitFor("chat role=logins[4665] name=Bob text=hello")
	wrong := visit("Ada", "byron")
	wrong.waitFor("ejected: That is not the password. (122)")
	wrong.ends(1)

	again := visit("Ada", "lovelace")
	again.waitFor("Visit number 2.")
	ada.waitFor("ejected: You have logged in again. (100)")
	ada.ends(1)
	bob.waitFor("Ada leaves")
	bob.signal(os.Kill)
	d.waitFor("a player is gone role=logins[4665] name=Bob")
	again.waitFor("Bob leaves")

	for i, signal := range []os.Signal{os.Kill, syscall.SIGTERM} { // accounts outlive it, however it ends
		d.signal(signal)
		d.wait()
		d = d.again()
		gate = d.where("listening for clients")
		d.waitFor("the directory is loaded role=logins[4665] accounts=2")
		python(t, interpreter, d.dir, "client.py", "Bob", "ross", gate).waitFor(fmt.Sprintf("Visit number %d.", 2+i))
	}
}

// The keys of a role of a game's own are checked as others are, and so is what it needs of the DC
// files.
func TestExampleUberDOGCheck(t *testing.T) {
	t.Parallel()
	program := built(t, "examples/uberdog")
	dir := t.TempDir()
	copyFiles(t, "../examples/uberdog", dir)
	text := read(t, dir, "astrond.yml")
	check := func(name, text string) string {
		write(t, filepath.Join(dir, name), text)
		out, _ := exec.Command(program, "check", filepath.Join(dir, name)).CombinedOutput()
		return string(out)
	}
	contains(t, check("good.yml", text), "role               logins         channel 4665")
	contains(t, check("bad.yml", strings.Replace(text, "    town: 10000", "    town: 10000\n    cost: 99\n    towns: 1", 1)),
		"roles[2].cost: \"99\" is too large", "roles[2].towns: is not a known key", "did you mean town?")
	write(t, filepath.Join(dir, "other.dc"), strings.Replace(read(t, dir, "town.dc"), "string password", "uint32 password", 1))
	contains(t, check("other.yml", strings.Replace(text, "town.dc", "other.dc", 1)),
		"other.yml:36:5: roles[2]: LoginManager.login needs a func(wire.Channel, string, uint32), not a func(wire.Channel, string, string)")
}
