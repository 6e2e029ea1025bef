package pressure

import "testing"

// Each time that the pressure is on has a relief of its own.
func TestPressure(t *testing.T) {
	var p Pressure
	p.Relieve()
	if p.On() || p.Relief() != nil {
		t.Error("it is on from the start")
	}
	var earlier <-chan struct{}
	for range 2 {
		p.Raise()
		relief := p.Relief()
		p.Raise()
		if !p.On() || relief == nil || relief == earlier || p.Relief() != relief {
			t.Error("it is not on, or has another relief than at first")
		}
		select {
		case <-relief:
			t.Error("relief while it is on")
		default:
		}
		p.Relieve()
		p.Relieve()
		if _, open := <-relief; open || p.On() || p.Relief() != nil {
			t.Error("it is still on")
		}
		earlier = relief
	}
}
