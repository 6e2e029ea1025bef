package resume

// Moved is a ticket on its way to another agent.
type Moved struct {
	Last         Token
	Confirmed    uint32
	Received     uint32
	Acknowledged uint32
	Sent         uint32
	Frames       []byte
}

// Move is what another agent needs to go on with the ticket, which must not be used any more.
func (t *Ticket) Move() Moved {
	return Moved{
		Last: t.last, Confirmed: t.confirmed, Received: t.Received,
		Acknowledged: t.acknowledged, Sent: t.sent, Frames: t.Frames(),
	}
}

// Restore is the ticket that was moved; nil if what it keeps is more than it may.
func Restore(m Moved, limit int, all *Memory) *Ticket {
	t := &Ticket{
		History: History{memory: all, acknowledged: m.Acknowledged, sent: m.Sent},
		last:    m.Last, confirmed: m.Confirmed, Received: m.Received, limit: limit,
	}
	if len(m.Frames) > limit || all.Used+len(m.Frames) > all.Limit {
		return nil
	}
	t.frames = m.Frames
	all.Used += len(m.Frames)
	return t
}
