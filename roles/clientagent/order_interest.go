package clientagent

import (
	"errors"
	"log/slog"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/view"
)

func readInterest(r *wire.Reader) *view.Interest {
	id, at := r.Uint16(), r.Location()
	return view.NewInterest(id, at.Parent, at.Zone)
}

func readInterestMultiple(r *wire.Reader) *view.Interest {
	id, parent, n := r.Uint16(), r.DoID(), int(r.Uint16())
	if n*4 > r.Len() {
		r.Bytes(n * 4) // the list ends too early
		return nil
	}
	zones := make([]wire.Zone, n)
	for i := range zones {
		zones[i] = r.Zone()
	}
	return view.NewInterest(id, parent, zones...)
}

// readInterestForClient also reads the context that the client is to be told, which
// may be missing: Astron has none.
func readInterestForClient(r *wire.Reader) *view.Interest {
	i := readInterestMultiple(r)
	if i != nil && r.Len() > 0 {
		i.Context = r.Uint32()
	}
	return i
}

func orderInterest(s *session, from wire.Channel, i *view.Interest) error {
	s.eject(notOpen(s.view.AddFor(from, i)))
	return nil
}

// notOpen is what becomes of a client whose interest cannot be opened because of an
// error.
func notOpen(err error) *ejection {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, wire.ErrTooLong):
		return ejectf(wire.EjectOversizedDatagram, "The interest does not fit in a datagram of the cluster: %v.", err)
	}
	return ejectf(wire.EjectForbiddenInterest, "The client has too many channels.")
}

// orderRemoveInterest closes an interest, also one that the client opened.
func orderRemoveInterest(s *session, from wire.Channel, id uint16) error {
	if !s.view.RemoveFor(from, id) {
		s.Log(slog.LevelWarn, "asked to close an interest that is not open", "interest", id, "sender", uint64(from))
	}
	return nil
}
