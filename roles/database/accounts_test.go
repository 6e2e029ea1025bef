//go:build unix

package database

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
)

// accounts is how many there are when BenchmarkAccounts begins.
const accounts = 100_000

// BenchmarkAccounts measures requests a second of 32 askers, each of whom waits for the
// answer before it asks again, against 100,000 accounts with names: find by name; create
// unless there is such an account, of new names; the same of names that there are.
func BenchmarkAccounts(b *testing.B) {
	for _, backend := range backends() {
		if backend.name == "yaml" { // not for so many
			continue
		}
		b.Run(backend.name, func(b *testing.B) { benchmarkAccounts(b, backend) })
	}
}

func benchmarkAccounts(b *testing.B, backend backend) {
	c := newCluster(b)
	place := backend.place(b)
	serve := func(index ...Index) {
		c.serve(Options{Control: control, Broadcast: true, Index: index, Open: func(context.Context) (storage.Store, error) {
			return backend.open(place, storage.Range{Min: 1000, Max: 1 << 31}, c.File)
		}})
	}
	serve()
	account, _ := c.File.ClassByName("Account")
	user, _ := account.FieldByName("setUser")
	together(32, accounts, func(n int) {
		packed, err := user.Pack(dc.Record{{Name: "user", Value: userName(n)}})
		must(b, err)
		_, err = c.role.objects.Create(context.Background(), account, []dc.FieldValue{{Field: user, Packed: packed}})
		must(b, err)
	})
	c.end()
	begin := time.Now()
	serve(Index{Field: "Account.setUser", Unique: true})
	<-c.role.indexes.made
	b.Logf("opened, and indexed %d accounts, after %v", accounts, time.Since(begin))
	must(b, c.role.Ready(b.Context()))

	var askers []*asker
	for i := range 32 {
		askers = append(askers, newAsker(b, c, wire.Channel(10_000+i)))
	}
	class, _ := account.ID()
	var fresh atomic.Int64
	fresh.Store(accounts)
	ifAbsent := func(a *asker, name string, want uint16) {
		r := a.ask(wire.DBServerCreateObjectIfAbsent, func(w *wire.Writer) {
			w.DClassID(wire.DClassID(class)).Uint16(1).FieldID(wire.FieldID(user.ID())).Text(name)
		})
		if code := r.Uint16(); code != want {
			a.b.Errorf("%s: code %d, want %d", name, code, want)
		}
	}
	for _, op := range []struct {
		name string
		do   func(a *asker, n int)
	}{
		{"get all", func(a *asker, _ int) { a.getAll() }}, // to compare with
		{"create", func(a *asker, _ int) { a.create() }},
		{"find", func(a *asker, n int) {
			r := a.ask(wire.DBServerFindObjects, func(w *wire.Writer) {
				w.DClassID(wire.DClassID(class)).FieldID(wire.FieldID(user.ID())).Text(userName(n * 7919 % accounts)).DoID(0).Uint16(1)
			})
			if code, _, found := r.Uint16(), r.Bool(), r.Uint16(); code != codeOK || found != 1 {
				a.b.Errorf("code %d, found %d", code, found)
			}
		}},
		{"create if absent", func(a *asker, _ int) { ifAbsent(a, userName(int(fresh.Add(1))), codeOK) }},
		{"create, which is there", func(a *asker, n int) { ifAbsent(a, userName(n*7919%accounts), codeTaken) }},
	} {
		b.Run(op.name, func(b *testing.B) {
			for _, a := range askers {
				a.b = b
			}
			before := cpu(b)
			b.ResetTimer()
			var done sync.WaitGroup
			var next atomic.Int64
			for _, a := range askers {
				done.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						op.do(a, int(n))
					}
				})
			}
			done.Wait()
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}

// cpu is the time that this process has computed.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func userName(n int) string { return fmt.Sprintf("user %d", n) }

// together calls do for each of n numbers, in so many goroutines.
func together(callers, n int, do func(n int)) {
	var done sync.WaitGroup
	var next atomic.Int64
	for range callers {
		done.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	done.Wait()
}
