package clientagent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"natstron/bridge"
	"natstron/bridge/arrival"
	"natstron/bridge/wire"
	"natstron/internal/stream"
)

// State is how far a client has got (document 11, section 2).
type State uint16

const (
	// StateNew: connected, and has said nothing yet.
	StateNew State = iota
	// StateAnonymous: has said a good hello, and may talk to anonymous UberDOGs.
	StateAnonymous
	// StateEstablished: somebody in the cluster let it in.
	StateEstablished
)

// session is one client. It belongs to the node's turn.
type session struct {
	role      *Role
	conn      net.Conn
	peer      peer
	read      *arrival.Conn
	stream    *stream.Stream
	p         *bridge.Participant
	class     *Session // nil without a Class
	state     State
	leaving   bool // it is being ejected
	ended     bool
	allocated wire.Channel // of the pool
	channel   wire.Channel // the sender of what the client sends
	context   uint32       // of the last interest that the client was told of
	request   uint32       // the last to the cluster; begins anywhere, as the last client on the channel may still be answered

	opened         map[wire.Channel]struct{} // by CLIENTAGENT_OPEN_CHANNEL
	objects        map[wire.DoID]object
	past           past
	moving         map[wire.DoID]wire.Location // where the client asked to move what it owns
	sessionObjects map[wire.DoID]struct{}
	sendable       map[wire.DoID][]wire.FieldID

	interests map[uint16]*interest
	named     int // the sizes of all interests together
	zones     map[wire.Location]*zone
	requests  map[uint32]*operation    // by context
	pending   map[wire.DoID]*operation // objects whose entrance waits in one

	limits limiter

	unwatch func()      // ends the look after the client's host
	lost    atomic.Bool // the host has vanished
}

// peer is who is at the other end.
type peer struct {
	remote, local netip.AddrPort
	tlvs          []byte // as the proxy sent them
	check         bool   // a proxy's own health check, not a client
}

// Why a connection does not become a session.
var (
	errStopping = errors.New("the client agent is stopping")
	errFull     = errors.New("all channels are taken")
	errCrowded  = errors.New("too many clients of this address")
)

// admit makes a connection a session.
func (r *Role) admit(conn net.Conn, who peer) (*session, error) {
	r.enter()
	defer r.leave()
	at := placeOf(who.remote.Addr())
	switch {
	case r.closed:
		return nil, errStopping
	case r.crowded(at):
		return nil, errCrowded
	}
	c, ok := r.o.Pool.take()
	if !ok {
		return nil, errFull
	}
	s := &session{role: r, conn: conn, peer: who, allocated: c, channel: c, request: rand.Uint32(), unwatch: func() {}}
	s.read = r.arrivals.Conn(conn, arrival.Callbacks{Take: s.take, End: s.close, Buffer: readBuffer})
	s.stream = stream.New(conn, &r.pool, func() { _ = s.read.Close() })
	t := r.turn
	p, err := t.JoinParty(&r.party, fmt.Sprintf("Client (%s, %d)", who.remote, c))
	if err == nil {
		s.p, p.Value = p, s
		err = errors.Join(t.Subscribe(p, c), t.Subscribe(p, wire.BroadcastClients))
	}
	if err != nil {
		if p != nil {
			t.Leave(p)
		}
		r.o.Pool.put(c)
		return nil, err
	}
	r.sessions[s] = struct{}{}
	r.places[at]++
	s.limits.start(time.Now())
	if !who.check {
		s.event("client-connected", "remote_address", who.remote.String(), "local_address", who.local.String())
	}
	s.log(slog.LevelDebug, "a client connected")
	if r.o.Class != nil {
		s.class = &Session{s: s}
		r.o.Class.Connected(s.class)
	}
	return s, nil
}

// dropped: the node cannot go on serving the session.
func (s *session) dropped(cause error) {
	switch {
	case errors.Is(cause, bridge.ErrStopped):
		s.eject(wire.EjectMaintenance, "The server is stopping.")
	default:
		s.eject(wire.EjectGeneric, "The server lost its cluster: %v.", cause)
	}
}

// log writes to the log when the turn has ended.
func (s *session) log(level slog.Level, message string, args ...any) {
	log := s.role.log
	if !log.Enabled(context.Background(), level) {
		return
	}
	args = append(args, "client", uint64(s.allocated), "address", s.peer.remote)
	s.role.turn.Later(func() { log.Log(context.Background(), level, message, args...) })
}

// setState does what CLIENTAGENT_SET_STATE says.
func (s *session) setState(state State) {
	if state > StateEstablished {
		s.log(slog.LevelWarn, "ignored a state that does not exist", "state", uint16(state))
		return
	}
	if state == StateEstablished && s.state != StateEstablished {
		s.role.stats.Logins++
	}
	if s.state == StateEstablished && state != StateEstablished {
		s.limits.waiting = time.Now()
	}
	s.state = state
}

// isSecurity says whether a reason to be ejected is an attempt at what the rules
// forbid, rather than an accident.
func isSecurity(code wire.EjectCode) bool {
	switch code {
	case wire.EjectOversizedDatagram, wire.EjectInvalidMsgType, wire.EjectAnonymousViolation,
		wire.EjectForbiddenInterest, wire.EjectMissingObject, wire.EjectForbiddenField,
		wire.EjectForbiddenRelocate, wire.EjectFieldConstraint:
		return true
	}
	return false
}

// eject tells the client why it is disconnected, and ends the session.
func (s *session) eject(code wire.EjectCode, format string, args ...any) {
	if s.ended || s.leaving {
		return
	}
	s.leaving = true
	reason := fmt.Sprintf(format, args...)
	s.noteEject(code, reason)
	w := s.message(wire.ClientEject)
	s.sendWritten(w.Uint16(uint16(code)).Text(reason))
	s.end()
	s.hangUp()
}

func (s *session) noteEject(code wire.EjectCode, reason string) {
	level, kind := slog.LevelInfo, "client-ejected"
	if isSecurity(code) {
		level, kind = slog.LevelWarn, "client-ejected-security"
	}
	s.role.stats.Ejects[code]++
	s.log(level, "ejecting a client", "code", uint16(code), "reason", reason)
	s.event(kind, "reason_code", fmt.Sprint(uint16(code)), "reason_msg", reason)
}

// cut ends the session of a client that does not read: what waits for it, and a
// reason besides, would not reach it.
func (s *session) cut(reason string) {
	if s.ended || s.leaving {
		return
	}
	s.noteEject(wire.EjectWriteError, reason)
	s.drop()
}

// drop ends the session and the connection at once, without a word.
func (s *session) drop() {
	s.end()
	s.stream.Discard()
	s.role.conns.Go(func() { // TLS and WebSocket may take seconds
		_ = s.read.Close() // it is to end, whatever it says
	})
}

// gone ends the session after its connection has ended.
func (r *Role) gone(s *session, err error) {
	r.enter()
	defer r.leave()
	if s.ended {
		return
	}
	if !isForeign(err) {
		r.stats.Lost++
	}
	if !s.peer.check {
		s.event("client-lost", "remote_address", s.peer.remote.String(), "local_address", s.peer.local.String(), "reason", err.Error())
	}
	s.log(slog.LevelDebug, "a client is gone", "cause", err)
	s.end()
}

// end takes the session off the cluster: it deletes the session objects, and sends
// the post-removes, in this order. The session itself hears nothing of it.
func (s *session) end() {
	r := s.role
	if s.ended {
		return
	}
	s.ended = true
	t := r.turn
	for _, do := range sortedKeys(s.sessionObjects) {
		t.ClearPostRemoves(s.p, s.bundle(do))
		s.sendCluster(r.deletion(s.channel, do))
	}
	t.Leave(s.p)
	r.o.Pool.put(s.allocated)
	delete(r.sessions, s)
	r.checkDrained()
	r.vacate(placeOf(s.peer.remote.Addr()))
	s.dropInterests()
	if s.class != nil {
		s.class.disconnected()
	}
}

// deletion is the datagram that deletes a session object. It is valid until the
// next datagram is written.
func (r *Role) deletion(sender wire.Channel, do wire.DoID) *wire.Writer {
	r.w.Reset()
	return r.w.Header(sender, wire.StateServerObjectDeleteRAM, do.Channel()).DoID(do)
}

// bundle is the sender under which the post-remove of a session object is kept:
// a channel that nobody has.
func (s *session) bundle(do wire.DoID) wire.Channel {
	return 1<<63 | s.allocated&0x7fffffff<<32 | do.Channel()
}

// addSessionObject ties an object to the session: it is deleted when the session
// ends, also when this whole process dies.
func (s *session) addSessionObject(do wire.DoID) {
	if _, ok := s.sessionObjects[do]; ok {
		s.log(slog.LevelWarn, "it is a session object already", "do_id", uint32(do))
		return
	}
	if s.sessionObjects == nil {
		s.sessionObjects = map[wire.DoID]struct{}{}
	}
	s.sessionObjects[do] = struct{}{}
	if d, err := s.role.deletion(s.channel, do).Datagram(); err == nil {
		err = s.role.turn.AddPostRemove(s.p, s.bundle(do), d)
		if err != nil {
			s.log(slog.LevelError, "cannot leave a post-remove for a session object", "do_id", uint32(do), "error", err)
		}
	}
}

// removeSessionObject unties an object.
func (s *session) removeSessionObject(do wire.DoID) bool {
	if _, ok := s.sessionObjects[do]; !ok {
		return false
	}
	delete(s.sessionObjects, do)
	s.role.turn.ClearPostRemoves(s.p, s.bundle(do))
	return true
}

// sendCluster routes what was written, as the session. An error is a message
// that is too long for the cluster.
func (s *session) sendCluster(w *wire.Writer) error {
	d, err := w.Datagram()
	if err != nil {
		return err
	}
	_ = s.route(d) // what was written is whole, and without a backbone the session ends
	return nil
}

// route routes a datagram as the session, or as the agent if the session has been
// taken off the cluster.
func (s *session) route(d wire.Datagram) error {
	t := s.role.turn
	err := t.Send(s.p, d)
	if errors.Is(err, bridge.ErrCutOff) {
		err = t.Send(s.role.hub, d)
	}
	return err
}

// message starts a message to the client, to be completed and given to
// sendWritten before the next one is started.
func (s *session) message(t wire.ClientMsgType) *wire.Writer {
	w := &s.role.cw
	w.Reset()
	return w.Uint16(0).ClientMsgType(t)
}

// sendWritten sends what was started by message.
func (s *session) sendWritten(w *wire.Writer) {
	frame, err := w.Datagram()
	if err != nil {
		s.log(slog.LevelError, "a message is too long for the client", "error", err)
		return
	}
	n := len(frame) - wire.FrameHeader
	frame[0], frame[1] = byte(n), byte(n>>8)
	s.sendFrame(frame)
}

// sendFrame sends a message with its length to the client. Several sessions may
// share the bytes.
func (s *session) sendFrame(frame []byte) {
	if s.ended {
		return
	}
	if s.class == nil {
		s.queue(frame)
		return
	}
	message := frame[wire.FrameHeader:]
	changed := s.class.toClient(message)
	switch {
	case s.ended || changed == nil:
	case len(changed) == len(message) && (len(changed) == 0 || &changed[0] == &message[0]):
		s.queue(frame)
	default:
		s.sendRaw(changed)
	}
}

// sendMessage sends a message without its length.
func (s *session) sendMessage(message []byte) {
	if frame := s.framed(message); frame != nil {
		s.sendFrame(frame)
	}
}

// sendRaw is sendMessage past the class.
func (s *session) sendRaw(message []byte) {
	if frame := s.framed(message); frame != nil {
		s.queue(frame)
	}
}

// framed is a message with its length; nil if there is nobody to send it to.
func (s *session) framed(message []byte) []byte {
	switch {
	case s.ended:
		return nil
	case len(message) > wire.MaxLength:
		s.log(slog.LevelError, "a message is too long for the client", "bytes", len(message))
		return nil
	}
	frame := make([]byte, 0, wire.FrameHeader+len(message))
	frame = append(frame, byte(len(message)), byte(len(message)>>8))
	return append(frame, message...)
}

func (s *session) queue(frame []byte) {
	r := s.role
	r.stats.DatagramsOut++
	r.stats.BytesOut += uint64(len(frame))
	waiting := s.stream.Append(frame)
	if waiting == len(frame) { // else somebody is to write, or at it
		r.flusher.add(s.stream)
		r.turn.Wake(&r.flusher, &r.flusher.woken)
	}
	if limit := r.o.Limits.MaxQueue; limit > 0 && waiting > limit {
		s.cut(fmt.Sprintf("more than %d bytes wait for the client", limit))
	}
	if limit := r.o.Limits.MaxQueueTotal; limit > 0 && r.pool.InUse() > limit {
		r.relieve(limit)
	}
}

// waiting is how many bytes wait for the client.
func (s *session) waiting() int {
	appended, taken := s.stream.Progress()
	return int(appended - taken)
}

// sortedKeys are a map's keys in order, so that what is done for each happens in
// an order that can be told.
func sortedKeys[K ~uint16 | ~uint32, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
