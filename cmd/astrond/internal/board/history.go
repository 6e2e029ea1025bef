package board

import (
	"slices"
	"sync"
	"time"

	"natstron/internal/metrics"
	"natstron/internal/status"
	"natstron/roles/clientagent"
	"natstron/roles/dbss"
	"natstron/roles/inspect"
	"natstron/roles/stateserver"
)

// history is what the process had and did in the last ten minutes. It may be used by
// several goroutines.
type history struct {
	mu     sync.Mutex
	points []inspect.Point
	last   reading
}

// reading is the counters at a moment.
type reading struct {
	at                       time.Time
	sent, delivered, out, in uint64
	cpu                      float64
}

// Remember keeps the process's history until a channel is closed.
func (b *Board) Remember(until <-chan struct{}) {
	tick := time.NewTicker(inspect.HistoryEvery)
	defer tick.Stop()
	for {
		b.remember(time.Now())
		select {
		case <-until:
			return
		case <-tick.C:
		}
	}
}

func (b *Board) remember(now time.Time) {
	point, reads := b.read(now)
	point.Memory, reads.cpu = metrics.Resources()
	h := &b.history
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.last.at.IsZero() {
		point = rated(point, reads, h.last)
	}
	h.last = reads
	if len(h.points) == inspect.HistoryKept {
		h.points = slices.Delete(h.points, 0, 1)
	}
	h.points = append(h.points, point)
}

// read is what there is now, and the counters, without what the system counts: that takes
// longer.
func (b *Board) read(now time.Time) (p inspect.Point, r reading) {
	v := b.view()
	p.At, r.at = now.Unix(), now
	if v.Node == nil {
		return p, r
	}
	s := v.Node.Stats()
	p.Participants = s.Participants
	r.sent, r.delivered, r.out, r.in = s.Sent, s.Delivered, s.Published, s.Received
	for _, part := range v.parts {
		if part.state != status.StateRunning {
			continue
		}
		switch role := part.role.(type) {
		case *clientagent.Role:
			p.Clients += role.Clients()
		case *stateserver.Role:
			p.Objects += role.Stats().Objects()
		case *dbss.Role:
			p.Objects += role.Stats().Objects()
		}
	}
	return p, r
}

// rated is a point with the rates between two readings.
func rated(p inspect.Point, now, before reading) inspect.Point {
	seconds := now.at.Sub(before.at).Seconds()
	if seconds <= 0 {
		return p
	}
	a := func(now, before uint64) float64 { return round(float64(now-before) / seconds) }
	p.Sent, p.Delivered = a(now.sent, before.sent), a(now.delivered, before.delivered)
	p.Out, p.In = a(now.out, before.out), a(now.in, before.in)
	p.CPU = max(0, float64(int((now.cpu-before.cpu)/seconds*1000))/1000)
	return p
}

// round leaves one digit behind the point: that keeps answers short.
func round(x float64) float64 { return float64(int(x*10+0.5)) / 10 }

// latest is what the process has now but for its memory, with the rates of the last seconds.
func (b *Board) latest(now time.Time) inspect.Point {
	p, _ := b.read(now)
	h := &b.history
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.points); n > 0 {
		last := h.points[n-1]
		p.Sent, p.Delivered, p.Out, p.In, p.CPU = last.Sent, last.Delivered, last.Out, last.In, last.CPU
	}
	return p
}

// all is the points that are kept, the oldest first.
func (h *history) all() []inspect.Point {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.points)
}
