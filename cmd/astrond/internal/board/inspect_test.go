package board

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/roles/inspect"
)

// What looking takes is followed by a pause, and what would have to wait too long is
// refused.
func TestBudgetIsSmall(t *testing.T) {
	var b budget
	if !b.spend(func() {}) {
		t.Fatal("the first look is refused")
	}
	began := time.Now()
	b.spend(func() { b.next = time.Time{} })
	took := time.Since(began)
	if pause := time.Until(b.next); pause > budgetShare*took+time.Millisecond {
		t.Errorf("after %v there is a pause of %v", took, pause)
	}
	b.next = time.Now().Add(time.Hour)
	if b.spend(func() { t.Error("it looks all the same") }) {
		t.Error("a look that must wait an hour is not refused")
	}
	b.next = time.Time{}
	looking, done := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { b.spend(func() { close(looking); <-done }) })
	<-looking
	b.mu.Lock()
	b.waiting = budgetQueue
	b.mu.Unlock()
	if b.spend(func() {}) {
		t.Error("more wait than there may")
	}
	close(done)
	all.Wait()
}

// The history has a bounded number of points, with the rates between them.
func TestHistory(t *testing.T) {
	before := reading{at: time.Unix(100, 0), sent: 1000, delivered: 5, cpu: 1}
	now := reading{at: time.Unix(105, 0), sent: 1502, delivered: 10, cpu: 2.5}
	want := inspect.Point{At: 105, Clients: 3, Sent: 100.4, Delivered: 1, CPU: 0.3}
	if diff := cmp.Diff(want, rated(inspect.Point{At: 105, Clients: 3}, now, before)); diff != "" {
		t.Error(diff)
	}
	if p := rated(inspect.Point{}, before, before); p != (inspect.Point{}) {
		t.Errorf("rates of no time are %v", p)
	}
	var b Board
	for i := range inspect.HistoryKept + 10 {
		b.remember(time.Unix(int64(i), 0))
	}
	all := b.history.all()
	if len(all) != inspect.HistoryKept || all[0].At != 10 || b.latest(time.Unix(999, 0)).At != 999 {
		t.Errorf("%d points are kept, from %d on", len(all), all[0].At)
	}
}
