package storagetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
	"natstron/storage/document"
)

// Bench measures operations a second with 1 and with 32 callers.
func Bench(b *testing.B, fresh func(tb testing.TB, file *dc.File) Open) {
	fields := document.Document{
		{Name: "setName", Value: document.Document{{Name: "name", Value: "Alice"}}},
		{Name: "hp", Value: int64(15)},
		{Name: "mp", Value: int64(0)},
		{Name: "setFriends", Value: document.Document{{Name: "ids", Value: document.Array{int64(100000001), int64(100000002)}}}},
	}
	const objects = 1000
	for _, op := range []struct {
		name string
		run  func(st storage.Store, n int) error
	}{
		{"create", func(st storage.Store, _ int) error {
			_, err := st.Create(context.Background(), "Toon", fields)
			return err
		}},
		{"set", func(st storage.Store, n int) error {
			return st.Update(context.Background(), 1000+wire.DoID(n%objects), storage.Update{Set: document.Document{{Name: "hp", Value: int64(n)}}})
		}},
		{"compareset", func(st storage.Store, n int) error {
			return st.Update(context.Background(), 1000+wire.DoID(n%objects), storage.Update{
				If:  []storage.Condition{{Name: "setName", Want: fields[0].Value}},
				Set: document.Document{{Name: "hp", Value: int64(n)}},
			})
		}},
		{"get", func(st storage.Store, n int) error {
			_, err := st.Get(context.Background(), 1000+wire.DoID(n%objects))
			return err
		}},
	} {
		for _, callers := range []int{1, writers} {
			b.Run(fmt.Sprintf("%s/callers=%d", op.name, callers), func(b *testing.B) {
				st, err := fresh(b, File(b))(storage.Range{Min: 1000, Max: 1 << 31})
				if err != nil {
					b.Fatal(err)
				}
				each(b, writers, objects, func(int) error {
					_, err := st.Create(context.Background(), "Toon", fields)
					return err
				})
				b.ReportAllocs()
				b.ResetTimer()
				each(b, callers, b.N, func(n int) error { return op.run(st, n) })
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
				if err := st.Close(); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

// each does f n times, by so many callers.
func each(b *testing.B, callers, n int, f func(n int) error) {
	var next atomic.Int64
	var done sync.WaitGroup
	for range callers {
		done.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := f(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	done.Wait()
}
