package e2e

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"natstron/dc"
)

// The examples hello, otp and panda3d, run as their READMEs say, but for the ports.

// example is a running daemon with a copy of an example's folder, on ports that
// the system chooses. The program is astrond, or another one.
func example(t testing.TB, name string, program ...string) *daemon {
	t.Helper()
	from := filepath.Join("..", "examples", name)
	d := prepare(t, onFreePorts(read(t, from, "astrond.yml")))
	copyFiles(t, from, d.dir)
	if len(program) > 0 {
		d.cmd.Path = program[0]
	}
	d.launch()
	d.waitFor("ready")
	return d
}

var loopbackPort = regexp.MustCompile(`\b127\.0\.0\.1:\d+`)

// onFreePorts is a configuration with ports that the system chooses, the backbone's too.
func onFreePorts(configuration string) string {
	text := loopbackPort.ReplaceAllString(configuration, "127.0.0.1:0")
	if !strings.Contains(text, "\nbackbone:") {
		text += "\nbackbone: {embedded: {listen: '127.0.0.1:0'}}\n"
	}
	return text
}

// copyFiles copies the files of a folder, and of those in it, but for those that are there already.
func copyFiles(t testing.TB, from, to string) {
	t.Helper()
	files, err := os.ReadDir(from)
	must(t, err)
	for _, f := range files {
		target := filepath.Join(to, f.Name())
		if f.IsDir() {
			must(t, os.MkdirAll(target, 0o700))
			copyFiles(t, filepath.Join(from, f.Name()), target)
			continue
		}
		if _, err := os.Stat(target); err == nil || !f.Type().IsRegular() {
			continue
		}
		text := read(t, from, f.Name())
		write(t, target, text)
	}
}

// python runs a script of a folder until the test ends.
func python(t testing.TB, interpreter, dir, script string, args ...string) *daemon {
	t.Helper()
	p := program(t, exec.Command(interpreter, append([]string{"-B", script}, args...)...))
	p.dir, p.cmd.Dir = dir, dir
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
	playHello(t, python, d.dir, d.port(), d.where("listening for clients"))
}

// playHello has the example's AI and two of its clients meet in a cluster.
func playHello(t testing.TB, interpreter, dir, director, gate string) {
	t.Helper()
	ai := python(t, interpreter, dir, "ai.py", director)
	ai.waitFor("waiting for players")
	ada := python(t, interpreter, dir, "client.py", "Ada", gate)
	ada.waitFor("bird moves to ")
	ai.waitFor("Ada is here, as 10002")
	bob := python(t, interpreter, dir, "client.py", "Bob", gate)
	bob.waitFor("Ada is at ")
	bob.waitFor("Ada moves to ")
	ada.waitFor("Bob moves to 1, 7")
	bob.signal(os.Kill)
	ada.waitFor("Bob leaves")
	ai.signal(os.Kill)
	ada.waitFor("bird leaves")
}

// TestExampleOTP: the AI and the clients of that example speak the OTP dialect.
func TestExampleOTP(t *testing.T) {
	t.Parallel()
	interpreter, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	file, err := dc.ParseFiles("../examples/otp/park.dc")
	must(t, err)
	d := example(t, "otp")
	gate := d.where("listening for clients")
	start := func(script string, args ...string) *daemon { return python(t, interpreter, d.dir, script, args...) }
	ai := start("ai.py", d.where("dialect=otp"))
	ai.waitFor(fmt.Sprintf("the hash of the DC files is 0x%08x", file.Hash()))
	ai.waitFor("waiting for players")
	ada := start("client.py", "Ada", gate)
	ada.waitForEach("bird is at ", "that is all here", "bird moves to ")
	start("client.py", "Ada", gate).waitFor("ejected: Ada is here already. (100)")
	bob := start("client.py", "Bob", gate)
	bob.waitForEach("Ada is at ", "Ada moves to ")
	ada.waitFor("Bob moves to 1, 7")
	bob.signal(os.Kill)
	ada.waitFor("Bob leaves")
	ai.waitFor("Bob is gone")
	ai.signal(os.Kill)
	ada.waitFor("bird leaves")
}

// pythonVariable names the interpreter with Panda3D, where it is not python3.
const pythonVariable = "NATSTRON_PANDA3D_PYTHON"

// pandaPython is an interpreter that has stock Panda3D and panda3d-astron.
func pandaPython(t testing.TB) string {
	t.Helper()
	python, err := exec.LookPath(cmp.Or(os.Getenv(pythonVariable), "python3"))
	if err != nil {
		t.Skipf("Panda3D is not tested: there is no Python: %v", err)
	}
	if out, err := exec.Command(python, "-c", "import panda3d.core, panda3d_astron.repository").CombinedOutput(); err != nil {
		if os.Getenv(pythonVariable) != "" {
			t.Fatalf("%s is set, but has no Panda3D: %s", pythonVariable, out)
		}
		t.Skipf("Panda3D is not tested: %s lacks it. pip install -r examples/panda3d/requirements.txt, and name another python in %s", python, pythonVariable)
	}
	return python
}

// panda3DRuns is how often each test of the Panda3D example starts everything again:
// an order that holds by luck does not hold every time. For more, use -count.
const panda3DRuns = 2

func TestExamplePanda3D(t *testing.T) {
	t.Parallel()
	python := pandaPython(t)
	for i := range panda3DRuns {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			d := example(t, "panda3d")
			playPanda3D(t, python, d.dir, d.port(), d.where("listening for clients"))
		})
	}
}

// The Panda3D example with a process for each part. Its AI waits for nothing: what it
// sends to one process needs the effect of what it sent to another one.
func TestExamplePanda3DApart(t *testing.T) {
	t.Parallel()
	python := pandaPython(t)
	dir := filepath.Join(root, "examples", "panda3d")
	text := read(t, dir, "game.dc")
	for i := range panda3DRuns {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			url, _ := natsServer(t)
			common := fmt.Sprintf("backbone: {urls: ['%s']}\ngeneral: {dc_files: [game.dc]}\nuberdogs: [{id: 4665, class: LoginManager, anonymous: true}]\n", url)
			part := func(rest string) *daemon { return run(t, common+rest, with(t, "game.dc", text)) }
			part("roles: [{type: stateserver, control: 402000}]\n")
			bridge := part(port)
			gate := part("roles: [{type: clientagent, bind: '127.0.0.1:0', version: panda-1, channels: {min: 1000000000, max: 1009999999}}]\n").where("listening for clients")
			playPanda3D(t, python, dir, bridge.port(), gate)
		})
	}
}

// playPanda3D has the example's UberDOG, its AI and two of its clients meet.
func playPanda3D(t testing.TB, interpreter, dir, director, gate string) {
	t.Helper()
	uberdog := python(t, interpreter, dir, "ud.py", director)
	ai := python(t, interpreter, dir, "ai.py", director)
	uberdog.waitFor("the LoginManager is there")
	ai.waitFor("the district is there")

	wrong := python(t, interpreter, dir, "client.py", "Ada", "byron", gate)
	ada := python(t, interpreter, dir, "client.py", "Ada", "lovelace", gate)
	wrong.waitFor("ejected: That is not the password. (122)")
	wrong.ends(1)
	uberdog.waitFor("Ada may come in")
	ai.waitFor("Ada has an avatar, 410002")
	bob := python(t, interpreter, dir, "client.py", "Bob", "ross", gate)
	// The avatar enters before its owner's view, and it moves because its owner says so.
	ada.waitForEach("Ada is at 0.0, 0.0", "Ada is mine", "Ada moves to 1.0, 1.0")
	bob.waitForEach("Bob is at 0.0, 0.0", "Bob is mine", "Bob moves to 1.0, 1.0")
	ada.waitForEach("Bob is at 0.0, 0.0", "Bob moves to 1.0, 1.0")
	ada.waitForEach("bird is at ", "bird moves to ")
	bob.waitForEach("Ada is at ", "Ada moves to ")
	bob.signal(os.Kill)
	ada.waitFor("Bob leaves")
	ai.waitFor("Bob is gone")
	ai.signal(os.Kill)
	ada.waitFor("bird leaves")
	for _, p := range []*daemon{uberdog, ai, ada, bob} {
		if strings.Contains(p.text(), "Traceback") {
			t.Errorf("%v failed", p.cmd.Args)
		}
	}
}
