package membership

// overheard finds out whether a program subscribes to every subject. Then NATS cannot say that
// a process is gone: there is a subscriber for it.
type overheard struct {
	asked bool // a ping to nobody has not come back
	beats int  // heartbeats since the last one
}

const (
	// overhearEvery is how many heartbeats lie between two pings to nobody.
	overhearEvery = 40
	// overhearFor is how many of them NATS has to answer.
	overhearFor = 8
)

// checkOverheard is called with each heartbeat.
func (m *Members) checkOverheard() {
	o := &m.overheard
	o.beats++
	if o.asked && o.beats >= overhearFor {
		o.asked = false
		m.complain("overheard", "a program on NATS subscribes to every subject: NATS cannot say when a process is gone, and newcomers wait longer", "hint", "subscribe to what is of interest alone, as in: nats sub 'astron.>'")
	}
	if o.beats >= overhearEvery && len(m.peers) > 0 && m.online && !m.left && !m.config.Facts().Alone {
		o.beats, o.asked = 0, true
		m.ping(nobody, false)
	}
}
