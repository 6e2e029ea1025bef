package e2e

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/e2e/browser"
)

// The status pages, clicked through in a browser.

// pictures, if set, is a folder for pictures of the page, for people to look at.
const pictures = "NATSTRON_PICTURES"

// opened is a page of a daemon in a browser.
type opened struct {
	*browser.Page
	t testing.TB
}

func open(t testing.TB, d *daemon) opened {
	t.Helper()
	p := opened{browser.Open(t, d.said("status"), 1200, 900), t}
	p.Until(`document.getElementById("state").textContent === "ready"`)
	return p
}

func (p opened) picture(name string) {
	p.t.Helper()
	if dir := os.Getenv(pictures); dir != "" {
		p.Picture(filepath.Join(dir, name+".png"))
	}
}

// says waits until the present view has a text.
func (p opened) says(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.Until(fmt.Sprintf("document.getElementById('view').innerText.includes(%q)", text))
	}
}

// phone shows the page on one, in the dark, where nothing is wider than the screen.
func (p opened) phone(name string) {
	p.t.Helper()
	p.Resize(390, 844, true)
	p.Until(`getComputedStyle(document.body).backgroundColor === "rgb(20, 22, 27)"`)
	if wide := p.Eval(`document.documentElement.scrollWidth`); wide != 390.0 {
		p.t.Errorf("%s is %v pixels wide on a screen of 390", name, wide)
	}
	p.picture(name)
	p.Resize(1200, 900, false)
}

// click clicks on what a selector finds, as soon as it is there.
func (p opened) click(selector string) {
	p.t.Helper()
	p.Until(fmt.Sprintf("document.querySelector(%q)", selector))
	p.Click(selector)
}

// Somebody finds out on the pages of a cluster why a player sees an object, or does not.
func TestClusterPage(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	players := 4
	if os.Getenv(pictures) != "" {
		players = 200
	}
	for _, name := range []string{"Bird AI", "Shop AI"} {
		c := w.bridge.dial()
		c.Control(wire.Control{Type: wire.ControlSetConName, Data: []byte(name)})
	}
	p := open(t, w.world)
	p.says("5 processes")
	p.picture("empty")
	p.click("#tab-clients")
	p.says("No client is connected.")
	for i := range players {
		c, _, _ := w.enter([]*daemon{w.north, w.south}[i%2])
		go func() { _, _ = io.Copy(io.Discard, c.Conn) }() // it reads what it is told
	}
	first, second := fmt.Sprint(w.channels[0]), fmt.Sprint(firstToon+1)

	// The cluster, from a process that has no clients.
	p.click("#tab-cluster")
	p.says("Bridge", "Gate North", "Gate South", "Vault", "stateserver[402000]", fmt.Sprint("clients ", northFirst, "–", northFirst+9999))
	p.Until(fmt.Sprintf(`[...document.querySelectorAll(".tile")].some(e => e.innerText.startsWith("Clients\n%d"))`, players))
	if href := p.Eval(`document.querySelector("[data-process=Bridge] h3 a")`); href != nil {
		t.Errorf("a process without daemon.url has a link: %v", href)
	}
	if href, want := p.Eval(`document.querySelector("[data-process='Gate South'] h3 a").href`), fmt.Sprintf("http://gates.example/%d/", southFirst); href != want {
		t.Errorf("the link to a process leads to %v, want %s", href, want)
	}
	p.picture("cluster")
	p.phone("cluster-phone-dark")

	// Its clients, searched; one of them, and the object that it sees.
	p.click("#tab-clients")
	p.says(fmt.Sprint(players, " in all"))
	p.picture("clients")
	p.click("#find-clients")
	p.Type(fmt.Sprint(firstToon))
	p.Until(`document.querySelectorAll("#view tbody tr").length === 1`)
	p.says("established", "Gate North", fmt.Sprint(firstAccount))
	p.click(`#view tbody a[href="#client/` + first + `"]`)
	p.says("Client "+first, "Gate North", "4618", "owns it, session object", fmt.Sprint(firstToon), "open")
	p.Until(`/[\d,.]+ \/s/.test(document.querySelector(".tile b").innerText)`)
	p.picture("client")
	p.phone("client-phone-dark")
	p.click("#why-object")
	p.Type(second)
	p.click("#view .ask button")
	p.says("does not see it", "The client has no interest in 4618:2001, where the object is.", "Its interest 1 is in the same parent, in zone 2000.")
	p.picture("why")

	p.click(fmt.Sprintf(`#view table a[href="#object/%d"]`, firstToon))
	p.says(fmt.Sprint("Toon ", firstToon), `{"name":"Flippy 1"}`, "only its owner", "World", "Login AI", "its location, AI")
	p.Until(fmt.Sprintf(`[...document.querySelectorAll("#viewers tbody tr")].some(r => r.innerText.includes("%s") && r.innerText.includes("owns it"))`, first))
	p.picture("object")
	p.phone("object-phone-dark")
	p.click("#why-client")
	p.Type(fmt.Sprint(w.channels[1]))
	p.click("#view .ask button")
	p.says("does not see it", "The client has no interest in 4618:2000")

	// The tree: parent, zone, object, fields.
	p.click("#tab-objects")
	p.says("4618")
	p.click(`#view a[href="#objects/4618"]`)
	p.says("2003")
	p.picture("zones")
	p.click(`#view a[href="#objects/4618/2001"]`)
	p.click(`#view a[href="#object/` + second + `"]`)
	p.says("Flippy 2", fmt.Sprint(w.channels[1]))
	p.click("#tab-objects")
	p.click("#find-objects")
	p.Type("district")
	p.Until(`document.querySelectorAll("#view tbody tr").length === 1`)
	p.says("District", "nowhere")

	// A process has no tiles for roles that it does not have.
	p.click("#tab-process")
	p.says("stateserver[402000]")
	if found, _ := p.Eval(`[...document.querySelectorAll(".tile span:first-child")].map(e => e.innerText).join()`).(string); strings.Contains(found, "Clients") || !strings.Contains(found, "Objects") {
		t.Errorf("a state server has tiles for %s", found)
	}
	if found := p.Errors(); len(found) > 0 {
		t.Errorf("the page did what it must not: %v", found)
	}

	// Faults: a gate with another one's channels, and with other DC files.
	late := prepare(t, w.gateConfiguration("Gate Late", northFirst))
	write(t, late.dir+"/game.dc", townDC+"dclass Other { };\n")
	late.launch()
	p.click("#tab-cluster")
	p.says("Gate Late is not ready", fmt.Sprintf("%d to %d", northFirst, northFirst+9999), "The processes have different DC files")
	w.vault.signal(os.Kill)
	p.Until(`!document.querySelector("[data-process=Vault]")`)
	p.says("Gone since this page was opened", "Vault")
	p.picture("fault")
	w.world.signal(os.Kill)
	p.Until(`document.getElementById("state").textContent === "not reachable" && !document.getElementById("trouble").hidden`)
	p.picture("unreachable")
}

// Somebody opens the status page of a process, and clicks through what is its own.
func TestStatusPage(t *testing.T) {
	t.Parallel()
	d := run(t, watchedCluster+"web: {bind: '127.0.0.1:0'}\n", withDC(t))
	peer := run(t, "daemon: {name: Second Host}\nbackbone: {urls: ['"+d.nats()+"']}\n"+port)
	c := d.dial()
	c.Control(wire.Control{Type: wire.ControlSetConName, Data: []byte("Toon AI <b>bold</b>")})
	c.Control(wire.Control{Type: wire.ControlSetConURL, Data: []byte("javascript:alert(1)")})
	c.Subscribe(5000, 5001, 5002)
	for i := range 30 {
		createToon(t, c, wire.DoID(101+i), wire.Location{Parent: 4618, Zone: 2000})
	}
	c.Send(mdtest.Datagram(t, func(w *wire.Writer) { w.Header(5000, wire.StateServerCreateObjectWithRequired, 402000).Uint8(1) }))
	c.Send(mdtest.Datagram(t, func(w *wire.Writer) { w.Header(5000, wire.StateServerDeleteAIObjects, 4002).Channel(5000) }))

	p := open(t, d)
	// The process, with everything that runs.
	if name := p.Eval(`document.getElementById("name").textContent`); name != "Toon Valley" {
		t.Errorf("the page is called %v", name)
	}
	p.click("#tab-process")
	p.says("stateserver[402000]", "clientagent[127.0.0.1:0]", "database[4003]", "messagedirector", "running", "Second Host", "Objects by class", "Nobody received", "STATESERVER_DELETE_AI_OBJECTS", "4002")
	// It is live: the rate of what is sent while it is open shows up.
	stop := make(chan struct{})
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				c.Send(mdtest.Text(t, 5000, "chatter", 5001))
				if i%100 == 0 {
					createToon(t, c, wire.DoID(1000+i), wire.Location{Parent: 4618, Zone: 2001})
				}
			}
		}
	}()
	p.Until(`[...document.querySelectorAll(".tile")].some(e => e.innerText.startsWith("Sent") && /[1-9][\d,. k]* \/s/.test(e.innerText))`)
	p.picture("process")
	close(stop)
	<-sent

	// Who is connected; what they call themselves is text.
	p.click("#tab-connected")
	p.says("Toon AI <b>bold</b>")
	p.says(c.Conn.LocalAddr().String())
	if n := p.Eval(`document.querySelectorAll("#view b, #view a").length`); n != 0.0 {
		t.Errorf("a participant put %v elements into the page", n)
	}
	p.click("#find-connected")
	p.Type("database")
	p.Until(`[...document.querySelectorAll("#view tbody tr")].length > 0 && [...document.querySelectorAll("#view tbody tr")].every(r => r.innerText.includes("database"))`)
	p.picture("connected")

	p.click("#tab-warnings")
	p.says("refused a message")
	p.picture("warnings")

	p.click("#tab-numbers")
	p.says("astrond_datagrams_sent_total")
	p.click("#find-numbers")
	p.Type("reason=truncated")
	p.Until(`document.querySelectorAll("#view tbody tr").length === 1`)

	p.click("#tab-process")
	p.phone("process-phone-dark")

	// Paused, it stays as it is.
	p.click("#pause")
	p.Until(`document.getElementById("pause").getAttribute("aria-pressed") === "true"`)
	p.click("#pause")

	// Another process leaves, then this one dies: the page says so.
	peer.signal(os.Kill)
	p.Until(`document.getElementById("view").innerText.includes("No other process")`)
	if found := p.Errors(); len(found) > 0 {
		t.Errorf("the page did what it must not: %v", found)
	}
	d.signal(os.Kill)
	p.Until(`document.getElementById("state").textContent === "not reachable" && !document.getElementById("trouble").hidden`)
}
