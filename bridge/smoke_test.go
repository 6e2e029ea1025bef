package bridge

import (
	"context"
	"testing"
	"time"
	"log/slog"
	"os"

	"natstron/internal/wire"
)

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	lg := slog.New(slog.NewTextHandler(os.Stdout, nil))
	a, err := Start(ctx, Options{Name: "a", Embedded: Embedded{Listen: "127.0.0.1:0"}, Log: lg})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Start(ctx, Options{Name: "b", External: &External{URLs: []string{a.URL()}}, Log: lg})
	if err != nil {
		t.Fatal(err)
	}
	ia, ib := NewInbox(1<<20), NewInbox(1<<20)
	pa, _ := a.Join("pa", ia, func(error) {})
	pb, _ := b.Join("pb", ib, func(error) {})
	pb.Subscribe(5000)
	time.Sleep(100 * time.Millisecond)
	var w wire.Writer
	w.Header(1, 2, 5000, 5001).Text("hi")
	d, _ := w.Datagram()
	pa.Send(d)
	<-ib.Ready
	t.Log(ib.Take())
	t.Logf("%+v", a.Stats())
	t.Logf("%+v", b.Stats())
	pa.Leave(); pb.Leave()
	b.Stop(ctx)
	a.Stop(ctx)
}
