package rolestest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"natstron/bridge/bridgetest"
	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// doIds and channels of worlds.
const (
	firstDoID  = 1_000_000 // on the first state server
	secondDoID = 2_000_000 // on the second one
	doIDs      = 1_000_000
	perWorld   = 100 // doIds of a world, on each state server
	voices     = 900_000_000
)

// world is what a sequence of datagrams is sent into: objects on two state servers,
// two clients, two AIs, and somebody who sends. Many worlds share a stage and know
// nothing of each other.
//
//	ponder, on the first state server, of AI "ai"
//	  zone 6: ann (first), cat (second)
//	  zone 7: bob (first), owned by client y; eve (first), a session object of y
//	lake, on the second one, of AI "ai2"
//	  zone 6: dan (first)
//
// Client x sees nothing; y sees zone 6 of the pond, and has a channel open.
type world struct {
	s       *stage
	number  int
	builder *bridgetest.Recorder
	sender  *bridgetest.Recorder
	ai, ai2 *bridgetest.Recorder
	x, y    *client
}

const (
	nest wire.Zone = 6
	away wire.Zone = 7
)

func (w *world) first(n int) wire.DoID  { return wire.DoID(firstDoID + perWorld*w.number + n) }
func (w *world) second(n int) wire.DoID { return wire.DoID(secondDoID + perWorld*w.number + n) }

func (w *world) pond() wire.DoID   { return w.first(0) }
func (w *world) ann() wire.DoID    { return w.first(1) }
func (w *world) bob() wire.DoID    { return w.first(2) }
func (w *world) dan() wire.DoID    { return w.first(4) }
func (w *world) eve() wire.DoID    { return w.first(5) }
func (w *world) newOne() wire.DoID { return w.first(9) }
func (w *world) lake() wire.DoID   { return w.second(0) }
func (w *world) cat() wire.DoID    { return w.second(3) }
func (w *world) newTwo() wire.DoID { return w.second(9) }

func (w *world) nest() wire.Location { return wire.Location{Parent: w.pond(), Zone: nest} }
func (w *world) away() wire.Location { return wire.Location{Parent: w.pond(), Zone: away} }
func (w *world) bay() wire.Location  { return wire.Location{Parent: w.lake(), Zone: nest} }

func (w *world) voice(n int) wire.Channel { return wire.Channel(voices + 10*w.number + n) }

func (w *world) speaker() wire.Channel { return w.voice(0) }
func (w *world) aiAt() wire.Channel    { return w.voice(1) }
func (w *world) ai2At() wire.Channel   { return w.voice(2) }
func (w *world) other() wire.Channel   { return w.voice(3) } // to be opened
func (w *world) open() wire.Channel    { return w.voice(4) } // open for y
func (w *world) name() wire.Channel    { return w.voice(5) } // to be a client's id

var numbers = regexp.MustCompile(`\b\d{6,}\b`)

// named is text with the numbers of this world replaced by what they have in common
// with those of all others.
func (w *world) named(text string) string {
	return numbers.ReplaceAllStringFunc(text, func(digits string) string {
		n, err := strconv.ParseUint(digits, 10, 64)
		if err != nil {
			return digits
		}
		switch c := wire.Channel(n); {
		case c == w.x.channel:
			return "x"
		case c == w.y.channel:
			return "y"
		case firstDoID <= c && c < firstDoID+doIDs:
			return "first." + strconv.Itoa(int(n-uint64(w.first(0))))
		case secondDoID <= c && c < secondDoID+doIDs:
			return "second." + strconv.Itoa(int(n-uint64(w.second(0))))
		case voices <= c && c < 2*voices:
			return "voice." + strconv.Itoa(int(n-uint64(w.voice(0))))
		}
		return digits
	})
}

// newWorld is the participants of one. When all nodes know of them, build makes the
// objects, and complete waits until that is done.
func (s *stage) newWorld(number int) *world {
	s.t.Helper()
	w := &world{s: s, number: number}
	w.sender = bridgetest.Join(s.t, s.nodes[s.cast.sender], "sender")
	w.ai = bridgetest.Join(s.t, s.nodes[s.cast.ais], "ai")
	w.ai2 = bridgetest.Join(s.t, s.nodes[s.cast.sender], "ai2")
	must(s.t, w.sender.Subscribe(w.speaker()))
	must(s.t, w.ai.Subscribe(w.aiAt()))
	must(s.t, w.ai2.Subscribe(w.ai2At()))
	w.x, w.y = s.connect(), s.connect()
	w.builder = bridgetest.Join(s.t, s.nodes[s.cast.agent], "builder")
	return w
}

func (w *world) build() {
	w.s.t.Helper()
	for _, p := range []step{
		create("Pond", firstControl, w.pond(), wire.Location{}, 3),
		create("Pond", secondControl, w.lake(), wire.Location{}, 3),
		toDo(wire.StateServerObjectSetAI, w.pond(), func(p *wire.Writer) { p.Channel(w.aiAt()) }),
		toDo(wire.StateServerObjectSetAI, w.lake(), func(p *wire.Writer) { p.Channel(w.ai2At()) }),
		create("Duck", firstControl, w.ann(), w.nest(), 0),
		create("Duck", firstControl, w.bob(), w.away(), 0),
		create("Duck", secondControl, w.cat(), w.nest(), 0),
		create("Duck", firstControl, w.dan(), w.bay(), 0),
		create("Duck", firstControl, w.eve(), w.away(), 0),
		toDo(wire.StateServerObjectSetOwner, w.bob(), func(p *wire.Writer) { p.Channel(w.y.channel) }),
		toClient(wire.ClientAgentAddInterest, w.y, func(p *wire.Writer) { p.Uint16(1).Location(w.nest()) }),
		toClient(wire.ClientAgentOpenChannel, w.y, func(p *wire.Writer) { p.Channel(w.open()) }),
		toClient(wire.ClientAgentAddSessionObject, w.y, func(p *wire.Writer) { p.DoID(w.eve()) }),
		tell("ai", (*world).aiAt),
	} {
		must(w.s.t, w.builder.Send(p.datagram(w, built)))
	}
}

// built is the number that ai is told when a world is complete.
const built = 40_000

// complete returns when a world is.
func (w *world) complete() {
	w.s.t.Helper()
	w.ai.Wait("the world", func(got []wire.Datagram, _ error) bool {
		return slices.Contains(w.text(got), fmt.Sprint("direct ", built))
	})
	w.builder.Leave()
}

// leave ends a world.
func (w *world) leave() {
	w.sender.Leave()
	w.ai.Leave()
	w.ai2.Leave()
	w.x.conn.Close()
	w.y.conn.Close()
}

// text is datagrams as text.
func (w *world) text(all []wire.Datagram) (lines []string) {
	for _, d := range all {
		if m, err := d.Message(); err == nil && m.Type == direct {
			lines = append(lines, "direct "+strconv.Itoa(int(m.Payload.Uint32())))
			continue
		}
		lines = append(lines, w.named(msgtext.Text(pondFile(w.s.t), d)))
	}
	return lines
}
