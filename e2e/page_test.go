package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/e2e/browser"
)

// pictures, if set, is a folder for pictures of the page, for people to look at.
const pictures = "NATSTRON_PICTURES"

// Somebody opens the status page of a running cluster, and clicks through it.
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

	p := browser.Open(t, d.said("status"), 1200, 900)
	picture := func(name string) {
		if dir := os.Getenv(pictures); dir != "" {
			p.Picture(filepath.Join(dir, name+".png"))
		}
	}
	says := func(view, text string) {
		t.Helper()
		p.Until(fmt.Sprintf("!document.getElementById(%q).hidden && document.getElementById(%q).innerText.includes(%q)", view, view, text))
	}

	// The overview, with everything that runs.
	p.Until(`document.getElementById("state").textContent === "ready"`)
	if name := p.Eval(`document.getElementById("name").textContent`); name != "Toon Valley" {
		t.Errorf("the page is called %v", name)
	}
	for _, text := range []string{"stateserver[402000]", "clientagent[127.0.0.1:0]", "database[4003]", "messagedirector", "running", "Second Host"} {
		says("overview", text)
	}
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
	picture("overview")
	close(stop)
	<-sent

	// Who is connected; what they call themselves is text.
	p.Click("#tab-connected")
	says("connected", "Toon AI <b>bold</b>")
	says("connected", c.Conn.LocalAddr().String())
	if n := p.Eval(`document.querySelectorAll("#connected b, #connected a").length`); n != 0.0 {
		t.Errorf("a participant put %v elements into the page", n)
	}
	p.Click("#find-connected")
	p.Type("database")
	p.Until(`[...document.querySelectorAll("#connected tbody tr")].length > 0 && [...document.querySelectorAll("#connected tbody tr")].every(r => r.innerText.includes("database"))`)
	picture("connected")

	p.Click("#tab-objects")
	says("objects", "Toon")
	says("objects", "stateserver[402000]")
	picture("objects")

	p.Click("#tab-warnings")
	says("warnings", "refused a message")
	picture("warnings")

	p.Click("#tab-numbers")
	says("numbers", "astrond_datagrams_sent_total")
	p.Click("#find-numbers")
	p.Type("reason=truncated")
	p.Until(`document.querySelectorAll("#numbers tbody tr").length === 1`)

	// On a phone, in the dark, nothing is wider than the screen.
	p.Click("#tab-overview")
	p.Resize(390, 844, true)
	p.Until(`getComputedStyle(document.body).backgroundColor === "rgb(20, 22, 27)"`)
	if wide := p.Eval(`document.documentElement.scrollWidth`); wide != 390.0 {
		t.Errorf("the page is %v pixels wide on a screen of 390", wide)
	}
	picture("phone")

	// Paused, it stays as it is.
	p.Click("#pause")
	p.Until(`document.getElementById("pause").getAttribute("aria-pressed") === "true"`)
	p.Click("#pause")

	// Another process leaves, then this one dies: the page says so.
	peer.signal(os.Kill)
	p.Until(`document.getElementById("overview").innerText.includes("No other process")`)
	if found := p.Errors(); len(found) > 0 {
		t.Errorf("the page did what it must not: %v", found)
	}
	d.signal(os.Kill)
	p.Until(`document.getElementById("state").textContent === "not reachable" && !document.getElementById("trouble").hidden`)
	picture("unreachable")
}
