package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/e2e/browser"
	"natstron/roles/clientagent/clienttest"
)

// The game in the browser, with its Go program and with its Python twin.

// arena is the running game.
type arena struct{ *daemon }

func newArena(t testing.TB) *arena {
	t.Helper()
	return &arena{example(t, "arena", built(t, "examples/arena"))}
}

// page is where the page is.
func (a *arena) page() string {
	a.t.Helper()
	_, rest, _ := strings.Cut(a.waitFor("serving a web page"), "url=")
	url, _, _ := strings.Cut(rest, " ")
	return strings.Trim(url, `"`)
}

// arenaPlayer is a client that speaks the protocol.
type arenaPlayer struct {
	*clienttest.Client
	do   wire.DoID
	x, y uint16 // where it came in
}

// The fields of arena.dc, as the page has them.
const (
	arenaLogin     wire.FieldID = 0
	arenaSetXY     wire.FieldID = 4
	arenaSetPoints wire.FieldID = 5
	arenaSetChat   wire.FieldID = 6
	arenaCaught    wire.FieldID = 7
)

func (a *arena) logIn(name, password string) *clienttest.Client {
	a.t.Helper()
	file, err := dc.ParseFiles("../examples/arena/arena.dc")
	must(a.t, err)
	c := clienttest.Dial(a.t, a.where("listening for clients"))
	c.Hello(file.Hash(), "arena-1")
	c.Send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(4665).FieldID(arenaLogin).Text(name).Text(password) })
	return c
}

func (a *arena) enter(name, password string) *arenaPlayer {
	a.t.Helper()
	c := a.logIn(name, password)
	r := c.Until(wire.ClientEnterObjectRequiredOwner)
	p := &arenaPlayer{Client: c, do: r.DoID()}
	r.Location()
	r.Uint16() // the class
	if got := r.Text(); got != name {
		a.t.Errorf("%s is called %q", name, got)
	}
	r.Uint16() // the hue
	p.x, p.y = r.Uint16(), r.Uint16()
	return p
}

func (p *arenaPlayer) walk(x, y uint16) {
	p.Send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(p.do).FieldID(arenaSetXY).Uint16(x).Uint16(y) })
}

// hears waits for an update of a field of an object.
func (p *arenaPlayer) hears(do wire.DoID, field wire.FieldID) wire.Reader {
	p.T.Helper()
	for {
		r := p.Until(wire.ClientObjectSetField)
		if r.DoID() == do && r.FieldID() == field {
			return r
		}
	}
}

// seesAt waits until a player is at a place.
func (p *arenaPlayer) seesAt(other *arenaPlayer, x uint16) {
	p.T.Helper()
	for at := uint16(0); at != x; {
		r := p.hears(other.do, arenaSetXY)
		at = r.Uint16()
	}
}

// story is what happens in both arenas: Ada and Bob come in, walk, talk, and Ada catches a firefly. She
// is at 70, 80 then.
func (a *arena) story() (bob *arenaPlayer) {
	a.t.Helper()
	ada := a.enter("Ada", "lovelace")
	if ada.x != 800 || ada.y != 500 {
		a.t.Errorf("a new player is at %d, %d", ada.x, ada.y)
	}
	bob = a.enter("Bob", "builder")
	a.logIn("Bob", "bilder").ExpectEject(wire.EjectBadCredentials)
	a.logIn("\u202eBob", "builder").ExpectEject(wire.EjectBadCredentials)
	ada.walk(123, 456)
	bob.seesAt(ada, 123)
	bob.SetField(bob.do, arenaSetChat, "hello, Ada")
	if r := ada.hears(bob.do, arenaSetChat); r.Text() != "hello, Ada" {
		a.t.Error("Ada hears something else")
	}

	// Ada goes to where a firefly is, until she has caught one.
	for caught := false; !caught; {
		r := ada.Until(wire.ClientObjectSetField)
		switch do, field := r.DoID(), r.FieldID(); field {
		case arenaSetPoints:
			caught = do == ada.do && r.Uint32() == 1
		case 8: // of fireflies
			ada.walk(r.Uint16(), r.Uint16())
		}
	}
	ada.walk(1500, 40)
	bob.hears(ada.do, arenaSetPoints)
	bob.seesAt(ada, 1500)

	// She comes in elsewhere: the other one leaves, and she is where she was.
	elsewhere := ada
	ada = a.enter("Ada", "lovelace")
	if ada.x != 1500 || ada.y != 40 {
		a.t.Errorf("Ada is back at %d, %d", ada.x, ada.y)
	}
	elsewhere.UntilEject(wire.EjectLoggedInElsewhere)
	ada.walk(70, 80)
	bob.seesAt(ada, 70)
	return bob
}

// Players who speak the protocol see each other walk and hear each other, catch what flies around,
// and come back where they were.
func TestExampleArena(t *testing.T) {
	t.Parallel()
	a := newArena(t)
	if code, body := get(t, a.page()); code != 200 || !strings.Contains(body, "arena.js") {
		t.Fatalf("the page: %d\n%s", code, body)
	}
	if code, _ := get(t, a.page()+"../astrond.yml"); code != 404 {
		t.Errorf("the configuration is on the page: %d", code)
	}
	a.story()
	a.signal(syscall.SIGTERM)
	a.wait()
	a.daemon = a.again()
	ada := a.enter("Ada", "lovelace")
	if ada.x != 70 || ada.y != 80 {
		t.Errorf("after the end, Ada is back at %d, %d", ada.x, ada.y)
	}

	// What clients may not do.
	ada.walk(1601, 0)
	ada.UntilEject(wire.EjectFieldConstraint)
	bob := a.enter("Bob", "builder")
	bob.Send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(bob.do).FieldID(arenaCaught) })
	bob.UntilEject(wire.EjectForbiddenField)
}

// watcher is a player in a browser.
type watcher struct {
	*browser.Page
	t testing.TB
}

func (a *arena) open(width, height int) watcher {
	a.t.Helper()
	p := watcher{browser.Open(a.t, a.page(), width, height), a.t}
	p.Until(`document.querySelector("#login button")`)
	return p
}

func (p watcher) logIn(name, password string) {
	p.t.Helper()
	for selector, text := range map[string]string{"#name": name, "#password": password} {
		p.Eval(fmt.Sprintf("document.querySelector(%q).value = ''", selector))
		p.Click(selector)
		p.Type(text)
	}
	p.Click("#login button")
}

// sees waits until a condition holds for the player of that name, as p.
func (p watcher) sees(name, condition string) {
	p.t.Helper()
	p.Until(fmt.Sprintf("arena.players().some(p => p.name === %q && (%s))", name, condition))
}

// losesConnection waits until the player is in again by itself, after what ends its connection.
func (p watcher) losesConnection(end func()) {
	p.t.Helper()
	p.Eval("window.old = arena.players(), 0")
	end()
	p.Until(`document.getElementById("gate").hidden && arena.players().length === old.length && !old.some(p => arena.players().includes(p))`)
}

func (p watcher) picture(name string) {
	p.t.Helper()
	if dir := os.Getenv(pictures); dir != "" {
		p.Picture(filepath.Join(dir, name+".png"))
	}
}

// Two players in browsers see each other walk and talk. One of them loads the page again, and is
// back where it was; the other one loses its connection, and is in again by itself.
func TestExampleArenaInBrowsers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("NOT TESTED: two browsers take a while")
	}
	a := newArena(t)
	ada := a.open(1200, 800)
	ada.picture("arena-gate")
	ada.logIn("Ada", "lovelace")
	ada.Until(`document.getElementById("gate").hidden`)
	bob := a.open(390, 844)
	bob.Resize(390, 844, true)
	bob.picture("arena-gate-phone")
	bob.logIn("Ada", "byron")
	bob.Until(`document.getElementById("trouble").innerText.includes("not the password")`)
	bob.logIn("Bob", "builder")
	ada.sees("Bob", "true")
	bob.sees("Ada", "true")
	ada.Until(`document.getElementById("players").innerText.includes("Bob")`)

	ada.Key("ArrowLeft", true)
	bob.sees("Ada", "p.at(performance.now())[0] < 600")
	ada.Key("ArrowLeft", false)
	bob.Press("#meadow", 0.9, 0.5)
	ada.sees("Bob", "p.at(performance.now())[0] > 900")
	bob.Release("#meadow", 0.9, 0.5)

	ada.Key("Enter", true)
	ada.Type("Hello, Bob! Shall we <b>catch</b> some fireflies together, over there?")
	ada.Click("#chat button")
	bob.sees("Ada", `p.said.startsWith("Hello, Bob!")`)
	bob.Until(`document.getElementById("log").innerText.includes("Ada Hello, Bob! Shall we <b>catch</b>")`)
	bob.Click("#text")
	bob.Type("Yes! 🦋")
	bob.Click("#chat button")
	ada.sees("Bob", `p.said === "Yes! 🦋"`)
	ada.picture("arena")
	bob.picture("arena-phone-dark")
	if wide := bob.Eval(`document.documentElement.scrollWidth`); wide != 390.0 {
		t.Errorf("the page is %v pixels wide on a phone of 390", wide)
	}

	// Where Ada is, as the server knows, is where she comes back.
	left := "Math.round(arena.players().find(p => p.name === 'Ada').at(performance.now())[0])"
	before := ada.Eval(left)
	bob.sees("Ada", fmt.Sprintf("p.get('setXY')[0] === %v", before))
	ada.Reload()
	ada.Until(`document.getElementById("name")?.value === "Ada"`)
	ada.logIn("Ada", "lovelace")
	ada.Until(`document.getElementById("gate").hidden`)
	if after := ada.Eval(left); after != before {
		t.Errorf("Ada was at %v, and is back at %v", before, after)
	}
	bob.sees("Ada", "true")
	ada.picture("arena-again")

	bob.losesConnection(func() { // as the end of the process does
		_, rest, _ := strings.Cut(a.waitFor("a player comes in role=players[4665] name=Bob"), "client=")
		channel, _, _ := strings.Cut(rest, " ")
		d := command(t, "eject", "--nats", a.nats(), "--code", fmt.Sprint(uint16(wire.EjectMaintenance)), channel)
		d.launch()
		d.ends(0)
	})
	bob.losesConnection(func() { bob.Eval("arena.client.close()") })
	bob.picture("arena-again-phone")
	if found := append(ada.Errors(), bob.Errors()...); len(found) > 0 {
		t.Errorf("the page did what it must not: %v", found)
	}
}

// The game's client agent in a process of its own: when it is killed and started again, the page
// goes on with what it has, and the avatar never leaves.
func TestExampleArenaAgentKilled(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("NOT TESTED: a browser takes a while")
	}
	text := read(t, "../examples/arena/astrond.yml")
	at := strings.Index(text, "  - type: clientagent")
	rest := prepare(t, text[:at]+"\nbackbone: {embedded: {listen: '127.0.0.1:0'}}\n")
	rest.cmd.Path = built(t, "examples/arena")
	copyFiles(t, "../examples/arena", rest.dir)
	rest.launch()
	rest.waitFor("ready")
	roles := strings.Index(text, "\nroles:")
	agent := func(page string, channels int) *arena {
		ports := strings.NewReplacer("127.0.0.1:7197", page, "127.0.0.1:7198", "127.0.0.1:0",
			"1000000000", fmt.Sprint(1_000_000_000+channels), "1009999999", fmt.Sprint(1_000_000_999+channels),
			"within: 30s", "within: 1m\n      recover: true\n      keys: [a secret of the test]").Replace(text[at:])
		d := prepare(t, fmt.Sprintf("backbone: {urls: ['%s']}\n%s\nroles:\n%s", rest.nats(), text[:roles], ports))
		copyFiles(t, "../examples/arena", d.dir)
		d.launch()
		d.waitFor("ready")
		return &arena{d}
	}
	a, other := agent("127.0.0.1:0", 0), agent("127.0.0.1:0", 1000)
	address := strings.TrimSuffix(strings.TrimPrefix(a.page(), "http://"), "/")
	ada := a.open(1200, 800)
	ada.logIn("Ada", "lovelace")
	ada.Until(`document.getElementById("gate").hidden`)
	bob := other.enter("Bob", "builder")
	ada.sees("Bob", "true")
	ada.Eval("window.old = arena.players(), window.away = 0, window.back = 0, arena.client.on('away', () => away++), arena.client.on('back', () => back++), 0")
	for i := range 2 {
		a.signal(syscall.SIGKILL)
		a.wait()
		ada.Until(`!document.getElementById("away").hidden && document.getElementById("gate").hidden`)
		ada.picture("arena-away")
		bob.walk(uint16(100+i), 200)
		a = agent(address, 0)
		ada.Until(fmt.Sprintf(`back === %d && document.getElementById("away").hidden`, i+1))
		ada.sees("Bob", fmt.Sprintf("p.get('setXY')[0] === %d", 100+i))
		bob.SetField(bob.do, arenaSetChat, fmt.Sprint("welcome ", i))
		ada.sees("Bob", fmt.Sprintf("p.said === 'welcome %d'", i))
	}
	if same := ada.Eval("old.length === 2 && old.every(p => arena.players().includes(p)) && away === 2"); same != true {
		t.Error("the page has other objects than before")
	}
	ada.Key("ArrowLeft", true)
	ada.sees("Ada", "p.at(performance.now())[0] < 600")
	ada.Key("ArrowLeft", false)
}

// The classes that the page knows are those of arena.dc.
func TestExampleArenaBindings(t *testing.T) {
	t.Parallel()
	made := filepath.Join(t.TempDir(), "arena.dc.ts")
	d := command(t, "dc", "gen", "ts", "-o", made, "../examples/arena/arena.dc")
	d.launch()
	d.ends(0)
	if read(t, made) != read(t, "../examples/arena/web/src/arena.dc.ts") {
		t.Error("web/src/arena.dc.ts is not what is made of arena.dc: go generate ./examples/arena")
	}
}

// The script of the page is what is built from its source.
func TestExampleArenaBundle(t *testing.T) {
	t.Parallel()
	committed := read(t, "../examples/arena/web/public/arena.js")
	if len(committed) > 60_000 {
		t.Errorf("arena.js has %d bytes", len(committed))
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("NOT TESTED: there is no node to build arena.js")
	}
	if _, err := os.Stat("../clients/typescript/node_modules/esbuild"); err != nil {
		t.Skip("NOT TESTED: arena.js cannot be built: npm ci in clients/typescript")
	}
	made := filepath.Join(t.TempDir(), "arena.js")
	if out, err := exec.Command(node, "../examples/arena/web/build.mjs", made).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if read(t, made) != committed {
		t.Error("web/public/arena.js is not what is built from web/src: go generate ./examples/arena")
	}
}

// newPythonArena is the arena whose logins and AI are a process of Panda3D, which a function starts.
func newPythonArena(t testing.TB) (a *arena, start func() *daemon) {
	t.Helper()
	interpreter := pandaPython(t)
	text := strings.ReplaceAll(read(t, "../examples/arena/python/astrond.yml"), "../", "")
	d := prepare(t, onFreePorts(text))
	copyFiles(t, "../examples/arena", d.dir)
	d.launch()
	d.waitFor("ready")
	a = &arena{d}
	return a, func() *daemon {
		ai := python(t, interpreter, filepath.Join(d.dir, "python"), "ai.py", d.port())
		ai.waitFor("the arena is open")
		return ai
	}
}

// The Python twin: logins and AI are a process of Panda3D, behind the message director. Players see
// each other and what flies, and come back to where they were, also after that process has ended.
func TestExampleArenaPython(t *testing.T) {
	t.Parallel()
	a, start := newPythonArena(t)
	if code, body := get(t, a.page()); code != 200 || !strings.Contains(body, "arena.js") {
		t.Fatalf("the page: %d\n%s", code, body)
	}
	ai := start()
	bob := a.story()
	bob.Conn.Close()
	ai.waitFor("Bob is gone")

	// The AI ends and starts again: it has stored where everybody was.
	ai.signal(syscall.SIGTERM)
	ai.wait()
	ai = start()
	ada := a.enter("Ada", "lovelace")
	if ada.x != 70 || ada.y != 80 {
		t.Errorf("after the end of the AI, Ada is back at %d, %d", ada.x, ada.y)
	}
	ada.walk(1601, 0)
	ada.UntilEject(wire.EjectFieldConstraint)
	ai.waitFor("Ada is gone")
}

// The page with the Python twin: two players in browsers see each other walk and talk. A login that
// nobody hears is sent once more, and the players are in again by themselves after the AI has ended.
func TestExampleArenaPythonInBrowsers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("NOT TESTED: two browsers take a while")
	}
	a, start := newPythonArena(t)
	ada, bob := a.open(1200, 800), a.open(390, 844)
	ada.logIn("Ada", "lovelace")
	a.waitFor("nobody received a message msgtype=STATESERVER_OBJECT_SET_FIELD channel=4665")
	ai := start()
	bob.logIn("Bob", "builder")
	ada.sees("Bob", "true")
	bob.sees("Ada", "true")
	ada.Key("ArrowLeft", true)
	bob.sees("Ada", "p.at(performance.now())[0] < 600")
	ada.Key("ArrowLeft", false)
	ada.Click("#text")
	ada.Type("Hello, Bob!")
	ada.Click("#chat button")
	bob.sees("Ada", `p.said === "Hello, Bob!"`)
	ada.Until(`[...arena.client.objects.values()].filter(o => o.isA("Firefly")).length > 0`)
	ada.picture("arena-python")
	bob.picture("arena-python-phone")
	ai.signal(syscall.SIGTERM)
	ai.wait()
	ada.Until(`!document.getElementById("gate").hidden`)
	start()
	ada.Until(`document.getElementById("gate").hidden`)
	bob.Until(`document.getElementById("gate").hidden`)
	ada.sees("Bob", "true")
	if found := append(ada.Errors(), bob.Errors()...); len(found) > 0 {
		t.Errorf("the page did what it must not: %v", found)
	}
}
