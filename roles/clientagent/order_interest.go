package clientagent

import (
	"errors"
	"log/slog"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/view"
)

func orderInterest(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	id, at := r.Uint16(), r.Location()
	if r.Err() == nil {
		s.mustOpen(s.view.AddFor(d.Sender, view.NewInterest(id, at.Parent, []wire.Zone{at.Zone})))
	}
	return r.Err()
}

func orderInterestMultiple(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	id, parent := r.Uint16(), r.DoID()
	if zones := readZones(&r); r.Err() == nil {
		s.mustOpen(s.view.AddFor(d.Sender, view.NewInterest(id, parent, zones)))
	}
	return r.Err()
}

// orderRemoveInterest closes an interest, whoever opened it.
func orderRemoveInterest(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	if id := r.Uint16(); r.Err() == nil && !s.view.RemoveFor(d.Sender, id) {
		s.Log(slog.LevelWarn, "asked to close an interest that is not open", "interest", id, "sender", uint64(d.Sender))
	}
	return r.Err()
}

// mustOpen ejects a client whose interest cannot be opened.
func (s *session) mustOpen(err error) {
	switch {
	case errors.Is(err, wire.ErrTooLong):
		s.eject(wire.EjectOversizedDatagram, "The interest does not fit in a datagram of the cluster: %v.", err)
	case err != nil:
		s.eject(wire.EjectForbiddenInterest, "The client has too many channels.")
	}
}

// readZones reads a counted list of zones.
func readZones(r *wire.Reader) []wire.Zone {
	n := int(r.Uint16())
	if n*4 > r.Len() {
		r.Bytes(-1) // the list ends too early
		return nil
	}
	zones := make([]wire.Zone, n)
	for i := range zones {
		zones[i] = r.Zone()
	}
	return zones
}
