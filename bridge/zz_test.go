package bridge
import ("testing";"time";"natstron/internal/wire")
func TestZZRanges(t *testing.T) {
	for _, n := range []int{1000, 2000, 4000} {
		node := offline(t, Options{})
		p := join(t, node, blackHole{})
		start := time.Now()
		for i := range n { noErr(t, p.SubscribeRange(wire.Channel(i*10), wire.Channel(i*10+5))) }
		add := time.Since(start)
		start = time.Now()
		p.Leave()
		t.Logf("%d ranges: add %v leave %v", n, add, time.Since(start))
	}
	for _, n := range []int{1000, 2000, 4000} {
		node := offline(t, Options{})
		p := join(t, node, blackHole{})
		noErr(t, p.SubscribeRange(0, wire.MaxChannel))
		start := time.Now()
		for i := range n { p.UnsubscribeRange(wire.Channel(i*10), wire.Channel(i*10+5)) }
		add := time.Since(start)
		start = time.Now()
		p.Leave()
		t.Logf("%d holes: %v leave %v", n, add, time.Since(start))
	}
}
