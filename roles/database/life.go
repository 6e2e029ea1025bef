package database

import (
	"context"
	"errors"
	"time"

	"natstron/bridge/wire"
	"natstron/storage"
)

// Start opens the store, looks for another server on the control channel, and
// subscribes. From then on requests are done, though Run may come late.
func (r *Role) Start(ctx context.Context) (err error) {
	if r.store, err = r.options.Open(ctx); err != nil {
		return err
	}
	r.objects = storage.NewObjects(r.store, r.options.File)
	logContents(ctx, r.store, r.log)
	r.watch = newWatch(r.store, r.log, r.options.Watch)
	var serving, working context.Context // ctx is for the start only
	serving, r.stopServing = context.WithCancel(context.WithoutCancel(ctx))
	working, r.stopWorking = context.WithCancel(context.WithoutCancel(ctx))
	r.makeIndexes(serving)
	err = r.findRival(ctx)
	if err == nil {
		err = r.join()
	}
	if err != nil {
		r.stopServing()
		r.watching.Wait()
		return errors.Join(err, r.store.Close())
	}
	go func() {
		defer close(r.served)
		r.serveErr = r.serve(serving)
	}()
	r.watching.Go(func() { r.watch.run(serving) })
	for range r.options.Workers {
		r.workers.Go(func() { r.work(working) })
	}
	return nil
}

// Run serves until ctx is done, and then finishes the requests that wait, as far as
// that is soon. It fails when the node has stopped.
func (r *Role) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-r.served:
	}
	r.finish()
	return r.serveErr
}

// Stop closes the store. Requests that still wait are not served.
func (r *Role) Stop(_ context.Context, _ error) {
	r.finish()
	r.membership.leave()
	if err := r.store.Close(); err != nil {
		r.log.Error("cannot close the database", "error", err)
	}
}

// How long finish may take: first to serve the requests, then to refuse the rest.
const (
	finishTime = 1500 * time.Millisecond
	giveUpTime = 500 * time.Millisecond
)

// finish refuses further requests, and serves those that wait.
func (r *Role) finish() {
	r.finished.Do(func() {
		r.stopServing()
		<-r.served
		r.watching.Wait()
		if p, _ := r.membership.current(); p != nil {
			p.Unsubscribe(r.options.Control, wire.BroadcastDBServers)
			t := r.node.Begin()
			t.Unclaim(r.claim())
			t.End()
		}
		r.queue.close()
		if !r.drained(finishTime) {
			requests, _ := r.queue.load()
			r.log.Error("stopping with unfinished requests", "requests", requests)
		}
		r.stopWorking()
		if r.drained(giveUpTime) {
			r.workers.Wait()
		}
	})
}

func (r *Role) drained(within time.Duration) bool {
	select {
	case <-r.queue.drained:
		return true
	case <-time.After(within):
		return false
	}
}
