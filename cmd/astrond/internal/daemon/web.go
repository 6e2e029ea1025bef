package daemon

import (
	"context"

	"natstron/cmd/astrond/internal/logging"
	"natstron/internal/metrics"
	"natstron/internal/web"
)

// startWeb opens the web server's port, if there is to be one: before all else,
// so that people and load balancers can see what the start waits for.
func (d *daemon) startWeb(ctx context.Context) error {
	c := d.cfg.Web
	if c == nil {
		return nil
	}
	log := logging.Component(d.log, "Web")
	o := *c
	o.Ask = d.board.Ask
	o.Status, o.Ready, o.Metrics, o.Log = d.board.Snapshot, d.board.Ready, metrics.Handler(d.board.Measure, log), log
	server, err := web.Listen(ctx, o)
	if err != nil {
		return addressFault(d.cfg, "web.bind", err)
	}
	d.web, d.board.Denied = server, server.Denied
	log.Info("status page", "url", "http://"+server.Addr().String()+"/", "password", o.Authentication != nil, "pprof", o.Profile)
	go func() {
		if err := server.Serve(); err != nil {
			d.failed <- err
		}
	}()
	return nil
}
