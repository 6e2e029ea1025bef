package md

import (
	"errors"
	"sync/atomic"

	"natstron/bridge"
	"natstron/bridge/otp"
	"natstron/bridge/wire"
)

// translated is a participant that speaks Disney's dialect: what it sends is handled as
// Astron's, what it gets is translated. It is its connection's [bridge.Sink]. It
// belongs to the node's turn.
type translated struct {
	*sink
	c          *participant
	translator *otp.Translator

	turn   bridge.Turn // of take
	fatal  error       // why the connection is to end
	full   bool        // it does not read
	failed int         // datagrams to it that could not be translated

	handle, append func(wire.Datagram) error // its methods
}

func newTranslated(c *participant) *translated {
	p := &translated{sink: c.sink, c: c}
	p.translator = otp.New(otp.Options{
		Subscribed: func(channel wire.Channel) bool { return c.p.Hears(channel) },
		DC:         c.server.options.DC,
	})
	p.handle, p.append = p.handleOne, p.appendOne
	return p
}

// translate handles one datagram of the other dialect. An error ends the connection.
func (p *translated) translate(t bridge.Turn, d wire.Datagram) error {
	p.turn, p.fatal = t, nil
	p.c.server.count.fromOTP.Add(1)
	err := p.translator.ToAstron(d, p.handle)
	if errors.Is(err, otp.ErrAstron) {
		p.c.hint(t, otp.ErrAstron.Error(), Astron)
		return nil
	}
	if p.fatal == nil && err != nil {
		p.c.server.count.refused.Add(1)
		t.Later(func() { p.c.log.Warn("refused a datagram", "error", err) })
	}
	return p.fatal
}

func (p *translated) handleOne(d wire.Datagram) error {
	p.fatal = p.c.handle(p.turn, d)
	return p.fatal
}

// Deliver implements [bridge.Sink].
func (p *translated) Deliver(_ uint64, _ *bridge.Participant, d wire.Datagram) bool {
	p.full = false
	p.c.server.count.toOTP.Add(1)
	if p.translator.FromAstron(d, p.append) != nil && !p.full {
		p.failed++
		p.c.server.count.refused.Add(1)
	}
	return !p.full
}

var errFull = errors.New("too much waits for it")

func (p *translated) appendOne(d wire.Datagram) error {
	if !p.AppendFrame(d, p.limit) {
		p.full = true
		return errFull
	}
	return nil
}

// Dialect is what an operator is told of the participant.
func (p *translated) Dialect() string { return OTP.String() }

// logFailures tells what has gone wrong. The participant has left.
func (p *translated) logFailures() {
	if p.failed > 0 {
		p.c.log.Warn("datagrams were not translated: they were malformed", "count", p.failed)
	}
}

// hint tells an operator, once, that a participant does not speak what its port does,
// but another dialect.
func (c *participant) hint(t bridge.Turn, problem string, speaks Dialect) {
	if c.hinted {
		return
	}
	c.hinted = true
	c.server.count.wrongDialect.Add(1)
	t.Later(func() {
		c.log.Warn(problem, "fix", "let it connect to a port with dialect: "+speaks.String()+" (messagedirector.listeners)")
	})
}

// counters are what a server counts.
type counters struct {
	fromOTP, toOTP, refused, wrongDialect atomic.Uint64
}

// Stats are a server's numbers.
type Stats struct {
	// Connections are the participants that are connected, OTP those of them that
	// speak that dialect.
	Connections, OTP int
	// FromOTP and ToOTP are the datagrams that such participants sent, and that were
	// sent to them. Refused are those of them that could not be translated.
	FromOTP, ToOTP, Refused uint64
	// WrongDialect are the participants that spoke another dialect than their port.
	WrongDialect uint64
}

// Stats may be called by any goroutine at any time.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := Stats{
		Connections: len(s.open),
		FromOTP:     s.count.fromOTP.Load(), ToOTP: s.count.toOTP.Load(), Refused: s.count.refused.Load(),
		WrongDialect: s.count.wrongDialect.Load(),
	}
	for c := range s.open {
		if c.translated != nil {
			stats.OTP++
		}
	}
	return stats
}
