package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"natstron/internal/config"
	"natstron/roles"
	"natstron/roles/clientagent"
)

// checkClientTypes looks for the client types among those that the program has.
func checkClientTypes(cfg *config.Config, classes clientagent.Classes) []config.Fault {
	var faults []config.Fault
	for _, role := range cfg.Roles {
		agent, ok := role.(*config.ClientAgent)
		if !ok || agent.Client.Type == clientagent.Libastron {
			continue
		}
		if _, ok := classes[agent.Client.Type]; !ok {
			faults = append(faults, cfg.Fault(agent.Path()+".client.type",
				fmt.Sprintf("this astrond has no client type %q", agent.Client.Type),
				"it has "+strings.Join(classes.Names(), ", ")+"; one of a game's own has to be compiled in"))
		}
	}
	return faults
}

func (d *daemon) makeClientAgent(role *config.ClientAgent, pools *clientagent.ChannelPools) (roles.Role, error) {
	log := component(d.log, "Client Agent")
	o, err := clientagent.FromConfig(d.cfg, role, d.file, pools, log)
	if err != nil {
		return nil, err
	}
	o.Event = d.events.Send
	o.Arrivals = d.arrivals
	if make, ok := d.classes[role.Client.Type]; ok {
		o.Class, err = make(clientagent.Agent{Name: o.Label, File: d.file, Log: log})
		if err != nil {
			return nil, fault(d.cfg, role.Path()+".client.type", fmt.Sprintf("the client type %s: %v", role.Client.Type, err), "")
		}
	}
	made, err := clientagent.New(d.node, o)
	if err != nil {
		return nil, fault(d.cfg, role.Path(), err.Error(), "")
	}
	agent := clientAgent{made, d.cfg, role}
	d.agents = append(d.agents, agent)
	return agent, nil
}

// clientAgent is a client agent of a configuration: a port that it cannot open is
// told at the place of its address.
type clientAgent struct {
	*clientagent.Role
	cfg    *config.Config
	config *config.ClientAgent
}

func (a clientAgent) Start(ctx context.Context) error {
	err := a.Role.Start(ctx)
	var port *clientagent.ListenError
	switch {
	case !errors.As(err, &port):
		return err
	case port.Listener == 0:
		return addressFault(a.cfg, a.config.Path()+".bind", a.config.Bind, err)
	}
	i := port.Listener - 1
	return addressFault(a.cfg, fmt.Sprintf("%s.listeners[%d].bind", a.config.Path(), i), a.config.Listeners[i].Bind, err)
}
