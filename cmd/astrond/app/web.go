package app

import (
	"context"

	"natstron/internal/config"
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
	log := component(d.log, "Web")
	o := web.Options{
		Address: c.Bind.String(),
		Status:  d.board.snapshot,
		Ready:   d.board.ready,
		Metrics: metrics.Handler(d.board.measure, log),
		Profile: bool(c.Profile),
		Log:     log,
	}
	if a := c.Authentication; a != nil {
		password, err := config.ReadSecret(".", a.Password, a.PasswordFile)
		if err != nil {
			return fault(d.cfg, "web.authentication.password_file", err.Error(), "")
		}
		o.User, o.Password = a.Username, password.Reveal()
	}
	server, err := web.Listen(ctx, o)
	if err != nil {
		return addressFault(d.cfg, "web.bind", c.Bind, err)
	}
	d.web, d.board.denied = server, server.Denied
	log.Info("status page", "url", "http://"+server.Addr().String()+"/", "password", o.Password != "", "pprof", o.Profile)
	go func() {
		if err := server.Serve(); err != nil {
			d.failed <- err
		}
	}()
	return nil
}
