// Package pressure tells those who send when to stop for a while, because much of what
// they have sent has not been done yet.
package pressure

import "sync/atomic"

// Pressure is on while too much waits. It belongs to the lock of what waits, but for
// [Pressure.On].
type Pressure struct {
	on     atomic.Bool
	relief chan struct{} // closed when it goes off
}

// On may be called without the lock.
func (p *Pressure) On() bool { return p.on.Load() }

// Raise puts it on, if it is off.
func (p *Pressure) Raise() {
	if !p.on.Load() {
		p.relief = make(chan struct{})
		p.on.Store(true)
	}
}

// Relieve puts it off, if it is on, and lets all go on who wait for the relief.
func (p *Pressure) Relieve() {
	if p.on.Load() {
		p.on.Store(false)
		close(p.relief)
		p.relief = nil
	}
}

// Relief is what is closed when the pressure goes off; nil while it is off.
func (p *Pressure) Relief() <-chan struct{} { return p.relief }
