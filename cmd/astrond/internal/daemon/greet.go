package daemon

import (
	"context"
	"fmt"
	"sync"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/board"
	"natstron/cmd/astrond/internal/build"
	"natstron/internal/config"
)

// greet tells the other processes what this one is going to serve, and waits until no
// other one serves that. Meanwhile the roles follow what that one does.
func (d *daemon) greet(ctx context.Context) error {
	g := bridge.Greeting{
		Process:  d.answerer().Process(),
		Version:  build.From().Version,
		Holdings: holdings(d.cfg),
		Tolerant: d.cfg.General.WarnOfDC,
	}
	if len(d.cfg.General.DCFiles) > 0 {
		g.DCHash = fmt.Sprintf("0x%08x", d.file.Hash())
	}
	d.board.Update(func(s *board.State) { s.Greeting = true })
	following, end := context.WithCancel(ctx)
	var follow sync.WaitGroup
	for _, f := range d.followers {
		follow.Go(func() { f.Follow(following) })
	}
	err := d.node.Reserve(ctx, g)
	end()
	follow.Wait()
	if err != nil {
		return fmt.Errorf("greet the other processes: %w", err)
	}
	d.board.Update(func(s *board.State) { s.Greeting = false })
	return nil
}

// holdings are what the roles of a configuration alone may serve. UberDOGs come last: they
// are left out first where there are very many.
func holdings(cfg *config.Config) (all []bridge.Holding) {
	agents := false
	for i, role := range cfg.Roles {
		path := config.RolePath(i)
		add := func(kind string, lo, hi wire.Channel, by, key string) {
			all = append(all, bridge.Holding{Kind: kind, Lo: lo, Hi: hi, By: by, Key: path + "." + key})
		}
		switch {
		case role.StateServer != nil:
			add(bridge.HoldsControl, role.StateServer.Control, role.StateServer.Control, "state server", "control")
			for j, r := range role.StateServer.Ranges {
				add(bridge.HoldsRanges, r.Min.Channel(), r.Max.Channel(), "state server", fmt.Sprintf("ranges[%d]", j))
			}
			if g := role.StateServer.Generate; g != (wire.DoIDRange{}) {
				add(bridge.HoldsGiven, g.Min.Channel(), g.Max.Channel(), "state server", "generate")
			}
		case role.Database != nil:
			o := role.Database
			add(bridge.HoldsControl, o.Control, o.Control, "database server", "control")
			add(bridge.HoldsGenerate, o.Generate.Min.Channel(), o.Generate.Max.Channel(), "database server", "generate")
		case role.DBSS != nil:
			for j, r := range role.DBSS.Ranges {
				add(bridge.HoldsObjects, r.Min.Channel(), r.Max.Channel(), "dbss", fmt.Sprintf("ranges[%d]", j))
			}
		case role.ClientAgent != nil:
			agents = true
			o := role.ClientAgent.Channels
			add(bridge.HoldsClients, o.Min, o.Max, "client agent", "channels")
		}
		if channel, ok := role.OwnChannel(); ok {
			all = append(all, bridge.Holding{Kind: bridge.HoldsOwn, Lo: channel, Hi: channel, By: role.Type(), Key: path})
		}
	}
	if agents {
		for i, u := range cfg.Uberdogs {
			key := fmt.Sprintf("uberdogs[%d]", i)
			all = append(all, bridge.Holding{Kind: bridge.HoldsUberdog, Lo: u.ID.Channel(), Hi: u.ID.Channel(), By: u.Class, Key: key})
		}
	}
	return all
}
