package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The examples, run as their READMEs say, but for the ports.

// example is a running daemon with a copy of an example's folder, on ports that
// the system chooses. The program is astrond, or another one.
func example(t testing.TB, name string, program ...string) *daemon {
	t.Helper()
	from := filepath.Join("..", "examples", name)
	configuration, err := os.ReadFile(filepath.Join(from, "astrond.yml"))
	if err != nil {
		t.Fatal(err)
	}
	free := strings.NewReplacer("127.0.0.1:7199", "127.0.0.1:0", "127.0.0.1:7198", "127.0.0.1:0", "127.0.0.1:7197", "127.0.0.1:0")
	text := free.Replace(string(configuration))
	if !strings.Contains(text, "\nbackbone:") {
		text += "\nbackbone: {embedded: {listen: '127.0.0.1:0'}}\n"
	}
	d := prepare(t, text)
	copyFiles(t, from, d.dir)
	if len(program) > 0 {
		d.cmd.Path = program[0]
	}
	d.launch()
	d.waitFor("ready")
	return d
}

// copyFiles copies the files of a folder, but for those that are there already.
func copyFiles(t testing.TB, from, to string) {
	t.Helper()
	files, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		target := filepath.Join(to, f.Name())
		if _, err := os.Stat(target); err == nil || !f.Type().IsRegular() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(from, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// python runs a script of the daemon's folder until the test ends.
func (d *daemon) python(interpreter, script string, args ...string) *daemon {
	d.t.Helper()
	p := program(d.t, exec.Command(interpreter, append([]string{script}, args...)...))
	p.dir, p.cmd.Dir = d.dir, d.dir
	p.launch()
	return p
}

func TestExampleHello(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	d := example(t, "hello")
	client := d.where("listening for clients")
	ai := d.python(python, "ai.py", d.port())
	ai.waitFor("waiting for players")
	ada := d.python(python, "client.py", "Ada", client)
	ada.waitFor("bird moves to ")
	ai.waitFor("Ada is here, as 10002")
	bob := d.python(python, "client.py", "Bob", client)
	bob.waitFor("Ada is at ")
	bob.waitFor("Ada moves to ")
	ada.waitFor("Bob moves to 1, 7")
	bob.signal(os.Kill)
	ada.waitFor("Bob leaves")
	ai.signal(os.Kill)
	ada.waitFor("bird leaves")
}
