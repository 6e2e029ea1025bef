package e2e

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// The AIs of that game.

// faultAI is an AI with objects in the zones. The first one lets players in. It connects again
// when its connection is lost, as an AI's process is started again.
type faultAI struct {
	g       *faultGame
	channel wire.Channel
	gate    bool
	things  []wire.DoID
	every   time.Duration // of an update of each thing

	mu      sync.Mutex
	conn    net.Conn
	seq     map[wire.DoID]uint32 // sent last
	brief   []wire.DoID          // its objects that come and go
	made    wire.DoID
	losses  int                          // of the connection
	answers map[uint32]chan wire.Message // by context
	next    uint32
}

// connect makes a connection, and says what the AI hears.
func (a *faultAI) connect() error {
	conn, err := net.Dial("tcp", a.g.cluster.parents.daemon.port())
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.conn = conn
	a.mu.Unlock()
	var b []byte
	listens := []wire.Channel{a.channel}
	if a.gate {
		listens = append(listens, faultGate.Channel())
	}
	for _, c := range listens {
		var w wire.Writer
		d, err := w.AppendControl(wire.Control{Type: wire.ControlAddChannel, Channel: c}).Datagram()
		if err != nil {
			return err
		}
		b = append(b, mdtest.Frame(d)...)
	}
	_, err = conn.Write(b)
	return err
}

// send sends a message in the name of the AI.
func (a *faultAI) send(kind wire.MsgType, to wire.Channel, build func(w *wire.Writer)) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.sendNow(kind, to, build)
}

func (a *faultAI) sendNow(kind wire.MsgType, to wire.Channel, build func(w *wire.Writer)) error {
	if a.conn == nil {
		return net.ErrClosed
	}
	var w wire.Writer
	build(w.Header(a.channel, kind, to))
	d, err := w.Datagram()
	if err != nil {
		return err
	}
	_, err = a.conn.Write(mdtest.Frame(d))
	return err
}

// run reads until the test ends.
func (a *faultAI) run() {
	for {
		a.mu.Lock()
		conn := a.conn
		a.mu.Unlock()
		if conn != nil {
			in := wire.NewFrameReader(conn, 0)
			for {
				if f, ok := in.Next(); ok {
					a.hear(slices.Clone(wire.Datagram(f[wire.FrameHeader:])))
				} else if in.Fill() != nil {
					break
				}
			}
			a.mu.Lock()
			_ = conn.Close()
			a.conn = nil
			a.losses++
			a.mu.Unlock()
		}
		select {
		case <-a.g.stop:
			return
		case <-time.After(20 * time.Millisecond):
			_ = a.connect() // or again
		}
	}
}

// hear answers a player who wants in, and hands over what was asked.
func (a *faultAI) hear(d wire.Datagram) {
	m, err := d.Message()
	if err != nil {
		return
	}
	switch r := m.Payload; m.Type {
	case wire.StateServerObjectSetField:
		if r.DoID() == faultGate {
			_ = r.FieldID()
			a.letIn(m.Sender, r.Uint32())
		}
	case wire.StateServerObjectGetZonesCountResp, wire.StateServerObjectEnterInterestWithRequired, wire.DBServerCreateObjectResp, wire.DBServerObjectGetFieldResp:
		a.mu.Lock()
		answer := a.answers[r.Uint32()]
		a.mu.Unlock()
		if answer != nil {
			answer <- m
		}
	}
}

// letIn makes an avatar for a player, and shows it the zone.
func (a *faultAI) letIn(player wire.Channel, login uint32) {
	avatar, at := faultAvatars+wire.DoID(login>>8), wire.Location{Parent: faultTown, Zone: wire.Zone(login & 0xff)}
	_ = a.send(wire.ClientAgentSetState, player, func(w *wire.Writer) { w.Uint16(2) })
	var remove wire.Writer
	d, err := remove.Header(a.channel, wire.StateServerObjectDeleteRAM, avatar.Channel()).DoID(avatar).Datagram()
	if err != nil {
		return
	}
	_ = a.send(wire.ClientAgentAddPostRemove, player, func(w *wire.Writer) { w.Blob(d) })
	_ = a.create(avatar, at, duckClass)
	_ = a.send(wire.StateServerObjectSetOwner, avatar.Channel(), func(w *wire.Writer) { w.Channel(player) })
	_ = a.send(wire.ClientAgentAddInterest, player, func(w *wire.Writer) { w.Uint16(1).Location(at) })
}

func (a *faultAI) create(do wire.DoID, at wire.Location, class wire.DClassID) error {
	return a.send(wire.StateServerCreateObjectWithRequired, gameStateServer, func(w *wire.Writer) {
		w.DoID(do).Location(at).DClassID(class)
		if class == townClass {
			w.Text("a town")
		} else {
			w.Uint32(0)
		}
	})
}

// work changes the things, and has objects come and go, until the test ends.
func (a *faultAI) work() {
	tick := time.NewTicker(a.every)
	defer tick.Stop()
	churn := 0
	for {
		select {
		case <-a.g.stop:
			return
		case <-tick.C:
		}
		if a.g.quiet.Load() {
			continue
		}
		for _, do := range a.things {
			a.mu.Lock()
			if a.sendNow(wire.StateServerObjectSetField, do.Channel(), func(w *wire.Writer) { w.DoID(do).FieldID(fieldOf(do)).Uint32(a.seq[do] + 1) }) == nil {
				a.seq[do]++
			}
			a.mu.Unlock()
		}
		if churn++; time.Duration(churn)*a.every < 100*time.Millisecond {
			continue
		}
		churn = 0
		a.made++
		do := faultBrief + wire.DoID(a.channel)*1_000_000 + a.made
		if a.create(do, wire.Location{Parent: faultTown, Zone: wire.Zone(int(a.made)%a.g.zones + 1)}, thingClass) == nil {
			a.brief = append(a.brief, do)
		}
		if len(a.brief) > 10 {
			old := a.brief[0]
			a.g.delete(old)
			if a.send(wire.StateServerObjectDeleteRAM, old.Channel(), func(w *wire.Writer) { w.DoID(old) }) == nil {
				a.brief = a.brief[1:]
			}
		}
	}
}

// fieldOf is the number of an object's setSeq.
func fieldOf(do wire.DoID) wire.FieldID {
	if do < faultPets {
		return 2
	}
	return 4
}

// ask asks something, and hands over the answers until that is enough; it reports whether it was.
func (a *faultAI) ask(kind wire.MsgType, to wire.Channel, build func(w *wire.Writer), enough func(kind wire.MsgType, r *wire.Reader) bool) bool {
	answers := make(chan wire.Message, 1000)
	a.mu.Lock()
	a.next++
	context := a.next
	a.answers[context] = answers
	err := a.sendNow(kind, to, func(w *wire.Writer) { build(w.Uint32(context)) })
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.answers, context)
	}()
	for err == nil {
		select {
		case m := <-answers:
			_ = m.Payload.Uint32()
			if enough(m.Type, &m.Payload) {
				return true
			}
		case <-time.After(time.Second):
			return false
		}
	}
	return false
}

// look asks the town for all objects of a zone: their values, or an error if not all answer.
func (a *faultAI) look(zone wire.Zone) (map[wire.DoID]uint32, error) {
	all, want := map[wire.DoID]uint32{}, -1
	if !a.ask(wire.StateServerObjectGetZonesObjects, faultTown.Channel(), func(w *wire.Writer) {
		w.DoID(faultTown).Uint16(1).Zone(zone)
	}, func(kind wire.MsgType, r *wire.Reader) bool {
		if kind == wire.StateServerObjectGetZonesCountResp {
			want = int(r.Uint32())
		} else {
			do, _, _ := r.DoID(), r.Location(), r.DClassID()
			all[do] = r.Uint32()
		}
		return len(all) == want
	}) {
		return all, fmt.Errorf("zone %d: %d of %d objects answer", zone, len(all), want)
	}
	return all, nil
}

// newPet stores an object in the database, and has it live.
func (a *faultAI) newPet(at wire.Location) (pet wire.DoID, err error) {
	if !a.ask(wire.DBServerCreateObject, faultDatabase, func(w *wire.Writer) {
		w.DClassID(petClass).Uint16(1).FieldID(fieldOf(faultPets)).Uint32(0)
	}, func(_ wire.MsgType, r *wire.Reader) bool {
		pet = r.DoID()
		return true
	}) || pet == 0 {
		return 0, errors.New("the database creates no object")
	}
	return pet, a.send(wire.DBSSObjectActivateWithDefaults, pet.Channel(), func(w *wire.Writer) { w.DoID(pet).Location(at) })
}

// stored is what the database has of a pet.
func (a *faultAI) stored(pet wire.DoID) (value uint32, there bool) {
	a.ask(wire.DBServerObjectGetField, faultDatabase, func(w *wire.Writer) { w.DoID(pet).FieldID(fieldOf(pet)) },
		func(_ wire.MsgType, r *wire.Reader) bool {
			if there = r.Bool(); there {
				_, value = r.FieldID(), r.Uint32()
			}
			return true
		})
	return value, there
}

// compare returns what is wrong with what the clients see, compared with the state server's
// objects, when nothing changes any more; empty if nothing is.
func (g *faultGame) compare() string {
	var problems []string
	have := map[wire.DoID]uint32{}
	for z := range g.zones {
		zone := wire.Zone(z + 1)
		truth, err := g.ais[0].look(zone)
		if err != nil {
			return err.Error()
		}
		avatars := map[wire.DoID]bool{}
		for _, p := range g.clients {
			if p.id%g.zones == z {
				problems = append(problems, p.compare(truth)...)
				p.mu.Lock()
				avatars[p.avatar] = p.in
				p.mu.Unlock()
			}
		}
		for do, value := range truth {
			have[do] = value
			if do > faultBrief && g.mayBeGone(do) {
				if g.lostOnItsWay(do) {
					_ = g.ais[0].send(wire.StateServerObjectDeleteRAM, do.Channel(), func(w *wire.Writer) { w.DoID(do) })
					problems = append(problems, fmt.Sprintf("object %d is not deleted yet", do))
				} else {
					problems = append(problems, fmt.Sprintf("came back: object %d was deleted long before the fault, and is there", do))
				}
			}
			if faultAvatars <= do && do < faultBrief && !avatars[do] {
				problems = append(problems, fmt.Sprintf("ghost: avatar %d has no client", do))
				if g.hasFailed(do) { // its client had gone before the AI made it
					_ = g.ais[0].send(wire.StateServerObjectDeleteRAM, do.Channel(), func(w *wire.Writer) { w.DoID(do) })
				}
			}
		}
	}
	for _, pet := range g.pets {
		if value, there := g.ais[0].stored(pet); !there || value != have[pet] {
			problems = append(problems, fmt.Sprintf("not stored: object %d is %d, and %d (%v) in the database", pet, have[pet], value, there))
		}
	}
	for _, p := range g.clients {
		p.mu.Lock()
		for do, heard := range p.most {
			value, there := have[do]
			switch {
			case !there && !g.mayBeGone(do) && do < faultAvatars, there && value < heard:
				problems = append(problems, fmt.Sprintf("forgotten: client %d heard %d of object %d, which has %d (%v)", p.id, heard, do, value, there))
			}
		}
		p.mu.Unlock()
	}
	slices.Sort(problems)
	return strings.Join(problems[:min(len(problems), 20)], "\n")
}

// compare is what the client has that is not so, and what it does not have.
func (p *faultPlayer) compare(truth map[wire.DoID]uint32) (problems []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.in {
		return []string{fmt.Sprintf("client %d is not in the game", p.id)}
	}
	for do, value := range p.seen {
		if is, there := truth[do]; !there {
			problems = append(problems, fmt.Sprintf("ghost: client %d sees object %d", p.id, do))
		} else if is != value && do != p.avatar { // what it changes itself it is not told
			problems = append(problems, fmt.Sprintf("stale: client %d has %d of object %d, which has %d", p.id, value, do, is))
		}
	}
	for do := range truth {
		if _, seen := p.seen[do]; !seen && do != p.avatar {
			problems = append(problems, fmt.Sprintf("missing: client %d does not see object %d", p.id, do))
		}
	}
	if _, there := truth[p.avatar]; !there {
		problems = append(problems, fmt.Sprintf("missing: the avatar %d of client %d", p.avatar, p.id))
	}
	return problems
}
