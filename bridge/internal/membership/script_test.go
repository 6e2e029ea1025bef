package membership

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"go.uber.org/goleak"

	"natstron/bridge/internal/identity"
	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stage is a node's membership, and the world around it: time passes when a script says so.
type stage struct {
	t         testing.TB
	m         *Members
	now       time.Time
	coverage  *routing.Coverage
	published uint64
	pauses    []time.Duration // that SettleLater asked for
	overheard bool            // a ping to nobody is not answered
	quiet     bool            // heartbeats, pings and logs are left out
	out       []string
}

// DeadAfter of the stage's node is 3 s, and a heartbeat 250 ms.
func newStage(t testing.TB, keep bool, room int) *stage {
	s := &stage{t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), quiet: true}
	s.coverage = routing.NewCoverage(routing.Thresholds{Bucket: 1, Zones: 1}, func(routing.Cover, bool) {})
	s.m = New(Config{
		Name: "me", KeepOnGap: keep, Heartbeat: 250 * time.Millisecond, DeadAfter: 3 * time.Second, OrderTimeout: time.Second,
		MaxPostRemoveBytes: room, Coverage: s.coverage,
		Facts: func() Facts { return Facts{Published: s.published, Serving: true} },
	})
	s.attach("self", Place{Server: "here"})
	s.perform(s.m.StopJoining())
	s.out = nil
	return s
}

func (s *stage) attach(origin string, at Place) {
	s.perform(s.m.Attach(origin, at, s.m.own.bySeq != nil, s.now))
}

// perform writes effects down, and does what leads to further steps.
func (s *stage) perform(effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case Send:
			if e.Kind != KindHeartbeat || !s.quiet {
				s.say("send %s.%s %s%s", e.Kind, e.To, asJSON(e.Note), answer(e.Answer))
			}
		case Ping:
			if e.To == nobody && !s.overheard {
				s.pong(nobody, true, s.m.pings)
			}
			if !s.quiet {
				s.say("ping %s%s%s", e.To, map[bool]string{true: " ?"}[e.Wanted], answer(e.Answer))
			}
		case AskServer:
			if !s.quiet {
				s.say("ask the server %d", e.Round)
			}
		case Log:
			if e.Level > slog.LevelInfo || !s.quiet {
				s.say("log %s", e.Message)
			}
		case Publish:
			s.say("publish %s", described(e.PostRemove))
		case SendPostRemoves:
			s.say("post-removes of %s", e.Origin)
			for _, pr := range e.PostRemoves {
				s.say("  %s", described(pr))
			}
			s.perform(s.m.PostRemovesSent(e.Origin, s.now))
		case KeepSession:
			s.say("keep session %d of %s for %v", e.LostSession.Key, e.LostSession.Origin, e.LostSession.Left)
			for _, pr := range e.LostSession.PostRemoves {
				s.say("  %s", described(pr))
			}
		case HeardSession:
			s.say("lost session %d of %s: %s says %s", e.Key, e.Origin, e.From, e.Step)
		case TellSessions:
			s.say("tell lost sessions")
		case EndObjects:
			s.say("end objects of %s", e.Peer.origin)
		case MoveObjects:
			s.say("move objects %s -> %s", e.From.origin, e.To.origin)
		case Verify:
			s.perform(s.m.Disconnected(e.Peer, s.now))
		case Lose:
			s.say("lose: %v", e.Cause)
		case Release:
			if !s.quiet {
				s.say("release")
			}
		case CallWaiting:
			for calls := s.m.TakeCalls(); len(calls) > 0; calls = s.m.TakeCalls() {
				for _, c := range calls {
					if c.Step {
						s.perform(s.m.Continue(c, s.now))
					} else {
						c.Do()
					}
				}
			}
		case SettleLater:
			s.pauses = append(s.pauses, e.Pause)
		case Joined:
			s.say("joined")
		case Reserved:
			s.say("serves")
		case GiveWay:
			s.say("gives way: %v", e.Cause)
		default:
			s.t.Fatalf("no such effect: %T", e)
		}
	}
	s.m.Reuse(effects)
}

func (s *stage) say(format string, args ...any) { s.out = append(s.out, fmt.Sprintf(format, args...)) }

// take is what was written down since the last call.
func (s *stage) take() []string {
	out := s.out
	s.out = nil
	return out
}

func asJSON(note any) string {
	b, err := json.Marshal(note)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// holding reads kind:lo-hi[:by], where _ stands for a space.
func holding(text string) Holding {
	parts := strings.Split(strings.ReplaceAll(text, "_", " "), ":")
	lo, hi, _ := strings.Cut(parts[1], "-")
	first, _ := strconv.ParseUint(lo, 10, 64)
	last, err := strconv.ParseUint(hi, 10, 64)
	if err != nil {
		last = first
	}
	h := Holding{Kind: parts[0], Lo: wire.Channel(first), Hi: wire.Channel(last), Key: "the key"}
	if len(parts) > 2 {
		h.By = parts[2]
	}
	return h
}

func answer(end string) string {
	if end == "" {
		return ""
	}
	return " -> " + end
}

func described(pr PostRemove) string {
	m, err := pr.Datagram.Message()
	if err != nil {
		return err.Error()
	}
	id := pr.Identity()
	return fmt.Sprintf("%s.%d %s", id.Origin, id.Seq, m.Payload.Text())
}

// datagram is a datagram to channel 5 with a text in it.
func datagram(text string) wire.Datagram {
	d, err := new(wire.Writer).Header(77, 9000, 5).Text(text).Datagram()
	if err != nil {
		panic(err)
	}
	return d
}

// hear lets the node hear a note, which is text or becomes JSON.
func (s *stage) hear(kind, origin string, note any) {
	payload, ok := note.(string)
	if !ok {
		payload = asJSON(note)
	}
	s.perform(s.m.Step(kind, origin, []byte(payload), s.now))
}

// beat lets heartbeats pass. fair says whether the node can judge others.
func (s *stage) beat(count int, fair bool) {
	for range count {
		s.now = s.now.Add(s.m.config.Heartbeat)
		s.perform(s.m.Heartbeat(s.now, s.m.config.Heartbeat, fair))
	}
}

// pong is an answer of a peer to the last ping, or NATS's answer that it is not there.
func (s *stage) pong(origin string, absent bool, number uint64) {
	s.perform(s.m.Pong(fmt.Sprintf("%s.%s.%d", s.m.origin, origin, number), absent, s.now))
}

// peers makes nodes known that serve, keep a post-remove each, and have answered a ping.
func (s *stage) peers(at Place, keeps bool, origins ...string) {
	for _, origin := range origins {
		note := HeartbeatNote{Name: origin, Place: at, Keeps: keeps, PostRemoves: 1, Check: mix(1)}
		s.hear(KindPostRemove, origin, postRemoveNote{Add: &addNote{Seq: 1, Participant: 3, Sender: 1, Datagram: datagram("left by " + origin)}})
		s.hear(KindHeartbeat, origin, note)
		s.pong(origin, false, s.m.pings)
	}
}

// waiter says so when what it waits for is the case.
func (s *stage) waiter(name string) func() { return func() { s.say("go on: %s", name) } }

// Scripts say what happens to a node called "self", and what it does because of it. Their
// commands, of which the text below a note is its JSON:
//
//	node [keep] [room=bytes]        begin again, with a node that has just joined
//	attach ORIGIN [server=]         a new link, after detach
//	detach, leave
//	peers ORIGIN... [server=] [hub=] [keeps]
//	hear KIND ORIGIN                a note
//	post-remove ORIGIN SEQ [of=] [age=ms]   a note that adds one, with the text below
//	own                             a post-remove of this node, with the text below
//	pong ORIGIN [absent] [number=]  to the last ping, or that one
//	answered                        by the NATS server, to what it was asked last
//	beat [COUNT] [unfair]           heartbeats pass
//	probe [COUNT]                   parts of heartbeats pass
//	pause DURATION                  the process stands still
//	wait DURATION                   time passes, and a round that waits begins
//	settle NAME...                  some want to join
//	subscribe NAME...               some wait until a new subscription is in force
//	effective NAME...               some wait until all subscriptions are in force
//	pass ORIGIN                     a role tells one of another process something
//	ask ORIGIN|self                 an order was given, and something waits for it
//	arrive ORIGIN SEQ...            datagrams
//	reserve [dc=] [tolerant]        this node greets, with the holdings below, each kind:lo-hi[:by]
//	greeted ORIGIN [dc=] [id=] [ago=s] [serial=] [waiting]   another one has, so long ago
//	clashes                         what it is told that clashes
//	publish, tick
//	overheard [off]                 somebody subscribes to everything
//	loud, quiet                     whether heartbeats, pings and more are written down
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := newStage(t, false, 1<<30)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			s.t = t
			s = s.command(d)
			return strings.Join(append(s.take(), ""), "\n")
		})
	})
}

func (s *stage) command(d *datadriven.TestData) *stage {
	option := func(key, otherwise string) string {
		for _, a := range d.CmdArgs {
			if a.Key == key && len(a.Vals) > 0 {
				return a.Vals[0]
			}
		}
		return otherwise
	}
	number := func(key string, otherwise int) int {
		n, err := strconv.Atoi(option(key, strconv.Itoa(otherwise)))
		if err != nil {
			d.Fatalf(s.t, "%v", err)
		}
		return n
	}
	// The arguments without a value.
	var args []string
	for _, a := range d.CmdArgs {
		if len(a.Vals) == 0 {
			args = append(args, a.Key)
		}
	}
	count := func() int {
		if len(args) > 0 {
			if n, err := strconv.Atoi(args[0]); err == nil {
				return n
			}
		}
		return 1
	}
	duration := func() time.Duration {
		pause, err := time.ParseDuration(args[0])
		if err != nil {
			d.Fatalf(s.t, "%v", err)
		}
		return pause
	}
	place := Place{Server: option("server", "here")}
	if hub := option("hub", ""); hub != "" {
		place.Hubs = []string{hub}
	}
	switch d.Cmd {
	case "node":
		return newStage(s.t, d.HasArg("keep"), number("room", 1<<30))
	case "attach":
		s.attach(args[0], place)
		s.perform(s.m.StopJoining())
	case "join":
		s.attach(args[0], place)
	case "detach":
		s.perform(s.m.Detach(s.now))
	case "leave":
		s.perform(s.m.Leave(s.now))
	case "peers":
		for _, origin := range args {
			if origin != "keeps" {
				s.peers(place, d.HasArg("keeps"), origin)
			}
		}
	case "hear":
		s.hear(args[0], args[1], d.Input)
	case "post-remove":
		seq, _ := strconv.ParseUint(args[1], 10, 64)
		s.hear(KindPostRemove, args[0], postRemoveNote{Add: &addNote{Origin: option("of", ""), Seq: seq, Participant: 3, Sender: 1,
			Age: int64(number("age", 0)), Datagram: datagram(strings.TrimSpace(d.Input))}})
	case "own":
		_, effects := s.m.AddPostRemove(1, 1, datagram(strings.TrimSpace(d.Input)), s.now)
		s.perform(effects)
	case "pong":
		s.pong(args[0], d.HasArg("absent"), uint64(number("number", int(s.m.pings))))
	case "answered":
		s.perform(s.m.ServerAnswered(s.m.settling.rounds, s.now))
	case "beat":
		s.beat(count(), !d.HasArg("unfair"))
	case "probe":
		for range count() {
			s.now = s.now.Add(s.m.ProbeEvery())
			s.perform(s.m.Probe(s.now))
		}
	case "pause":
		s.now = s.now.Add(duration())
		s.perform(s.m.Heartbeat(s.now, duration(), false))
	case "wait":
		s.now = s.now.Add(duration())
		for _, pause := range s.pauses {
			if pause <= duration() {
				s.pauses = nil
				s.perform(s.m.SettleNow(s.now))
			}
		}
	case "settle":
		for _, name := range args {
			settled, effects := s.m.WhenSettled(s.waiter(name), s.now)
			s.perform(effects)
			if settled {
				s.say("at once: %s", name)
			}
		}
	case "subscribe", "effective":
		for _, name := range args {
			if d.Cmd == "subscribe" {
				s.coverage.Advance()
			}
			ok, effects := s.m.Effective(s.coverage.Serial(), s.waiter(name), s.now)
			s.perform(effects)
			if ok {
				s.say("at once: %s", name)
			}
		}
	case "pass":
		at, _ := s.m.Peers(nil, func(p *Peer) bool { return p.origin == args[0] })
		s.m.Pass(at)
	case "ask":
		p := s.m.find(args[0])
		if args[0] == "self" {
			p = s.m.Self()
		}
		serial := s.m.Order()
		s.say("unproven: %v", s.m.Unproven(p, Farthest, serial, serial))
		s.perform(s.m.Ask(p, Farthest, s.m.orders.serial, s.now))
	case "arrive":
		for _, arg := range args[1:] {
			seq, _ := strconv.ParseUint(arg, 10, 64)
			_, verdict, effects := s.m.Arrive(identity.Identity{Origin: args[0], Seq: seq}, s.now)
			s.perform(effects)
			s.say("%d: %s", seq, map[identity.Verdict]string{identity.Fresh: "fresh", identity.Copy: "copy", identity.Leap: "leap", Dead: "dead"}[verdict])
		}
	case "reserve":
		g := Greeting{DCHash: option("dc", ""), Tolerant: d.HasArg("tolerant")}
		for _, h := range strings.Fields(d.Input) {
			g.Holdings = append(g.Holdings, holding(h))
		}
		s.perform(s.m.Reserve(g, s.now))
	case "greeted":
		// Its greeting, with the number of seconds since the node's, and what it serves.
		note := greetNote{Greeting: Greeting{DCHash: option("dc", "")}, ID: option("id", args[0]), Serial: uint64(number("serial", 1)),
			Since: s.now.Add(time.Duration(number("ago", 0)) * -time.Second).UnixNano(), Waiting: d.HasArg("waiting")}
		for _, h := range strings.Fields(d.Input) {
			note.Holdings = append(note.Holdings, holding(h))
		}
		s.hear(KindGreet, args[0], note)
	case "clashes":
		for _, c := range s.m.Clashes() {
			s.say("%s", c.Text)
		}
	case "publish":
		s.published++
	case "tick":
		wait, effects := s.m.Tick(s.now)
		s.perform(effects)
		if wait > 0 {
			s.say("in %v", wait)
		}
	case "stats":
		stats := s.m.Stats()
		s.say("%d peers, %d dead, %d rounds late, %d orders late, %d settled late, %d missed, %d leaps, %d refused", stats.Peers, stats.DeadNodes,
			stats.RoundsLate, stats.OrdersLate, stats.SettlesLate, stats.Missed, stats.Leaps, stats.PostRemovesRefused)
	case "overheard":
		s.overheard = !d.HasArg("off")
	case "loud", "quiet":
		s.quiet = d.Cmd == "quiet"
	default:
		d.Fatalf(s.t, "no such command")
	}
	return s
}
