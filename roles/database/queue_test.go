package database

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
)

// TestQueueOrder: whatever is put in, and in whatever order it is finished, of the
// requests for one doId, and of those that give one value of a unique index, one is under
// way at a time, and they come in the order in which they were put in. No create, and no
// such value, comes before a delete or a change of an index that was put in before it, and
// no search before anything that changes an index.
func TestQueueOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue(1 << 20)
		var put, under, finished []*request
		number := map[*request]int{}
		share := func(a, b *request) bool {
			return slices.ContainsFunc(a.values, func(v string) bool { return slices.Contains(b.values, v) })
		}
		check := func(r *request) {
			for _, before := range put[:number[r]] {
				waits := before.id != 0 && before.id == r.id ||
					share(before, r) ||
					(r.msg == wire.DBServerCreateObject || len(r.values) > 0) && (before.msg == wire.DBServerObjectDelete || before.id != 0 && before.indexed) ||
					r.find != nil && before.indexed
				if waits && !slices.Contains(finished, before) {
					t.Fatalf("request %d is under way before request %d is done", number[r], number[before])
				}
			}
		}
		step := func() {
			if q.ready.len() > 0 {
				r := q.next()
				check(r)
				under = append(under, r)
			}
		}
		finish := func() {
			if len(under) > 0 {
				i := rapid.IntRange(0, len(under)-1).Draw(t, "which")
				r := under[i]
				under = slices.Delete(under, i, i+1)
				finished = append(finished, r)
				q.finish(r)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				r := &request{size: 10, msg: rapid.SampledFrom([]wire.MsgType{
					wire.DBServerCreateObject, wire.DBServerObjectDelete, wire.DBServerObjectSetField, wire.DBServerObjectGetAll, wire.DBServerFindObjects,
				}).Draw(t, "message")}
				switch r.msg {
				case wire.DBServerFindObjects:
					r.find = &finding{}
				case wire.DBServerObjectDelete:
					r.indexed = true
				case wire.DBServerCreateObject, wire.DBServerObjectSetField:
					r.indexed = rapid.Bool().Draw(t, "indexed")
					if r.indexed {
						r.values = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 2, rapid.ID[string]).Draw(t, "values")
					}
				}
				if r.find == nil && r.msg != wire.DBServerCreateObject {
					r.id = wire.DoID(rapid.IntRange(1, 4).Draw(t, "do_id"))
				}
				number[r] = len(put)
				put = append(put, r)
				if !q.add(r) {
					t.Fatal("there was no room")
				}
			},
			"next":   func(*rapid.T) { step() },
			"finish": func(*rapid.T) { finish() },
		})
		q.close()
		for len(finished) < len(put) {
			if q.ready.len() == 0 && len(under) == 0 {
				t.Fatalf("%d of %d requests never come", len(put)-len(finished), len(put))
			}
			step()
			finish()
		}
		if r := q.next(); r != nil {
			t.Fatal("a request comes twice")
		}
		if n, bytes := q.load(); n != 0 || bytes != 0 || len(q.objects)+len(q.values) != 0 || q.frees.passed.len()+q.indexed.passed.len()+len(q.frees.done)+len(q.indexed.done) != 0 {
			t.Fatalf("left: %d requests, %d bytes, %v, %v, %v, %v", n, bytes, q.objects, q.values, q.frees, q.indexed)
		}
	})
}

func TestQueueLimit(t *testing.T) {
	q := newQueue(25)
	one, two := &request{id: 1, size: 10}, &request{id: 1, size: 10}
	if !q.add(one) || !q.add(two) || q.add(&request{size: 10}) || !q.add(&request{size: 5}) {
		t.Error("25 bytes are the limit")
	}
	q.finish(q.next())
	if !q.add(&request{size: 10}) {
		t.Error("what is done makes room")
	}
	q.close()
	if q.add(&request{}) {
		t.Error("a closed queue takes something in")
	}
}

// TestQueueDrains: workers wait, go on when there is something to do, and end when
// the queue is closed and all is done.
func TestQueueDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1 << 20)
		var workers sync.WaitGroup
		hold := make(chan struct{})
		for range 4 {
			workers.Go(func() {
				for r := q.next(); r != nil; r = q.next() {
					<-hold
					q.finish(r)
				}
			})
		}
		synctest.Wait()
		for id := range wire.DoID(20) {
			q.add(&request{id: id % 3, msg: wire.DBServerObjectSetField})
		}
		q.close()
		synctest.Wait()
		select {
		case <-q.drained:
			t.Error("drained with requests under way")
		default:
		}
		close(hold)
		<-q.drained
		workers.Wait()
	})
}

func BenchmarkQueue(b *testing.B) {
	b.ReportAllocs()
	q := newQueue(1 << 20)
	requests := make([]*request, 64)
	for i := range requests {
		requests[i] = &request{id: wire.DoID(i % 8), msg: wire.DBServerObjectSetField}
	}
	for b.Loop() {
		for _, r := range requests {
			q.add(r)
		}
		for range requests {
			q.finish(q.next())
		}
	}
}
