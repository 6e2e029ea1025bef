package board

import (
	"net"

	"natstron/bridge/md"
	"natstron/internal/metrics"
	"natstron/roles"
	"natstron/roles/clientagent"
	"natstron/roles/database"
	"natstron/roles/dbss"
	"natstron/roles/eventlogger"
	"natstron/roles/gamerole"
	"natstron/roles/stateserver"
)

// Port is the role that is the message director port.
type Port interface {
	Addrs() []net.Addr
	Stats() md.Stats
}

// roleType is what the configuration calls a role.
func roleType(r roles.Role) string {
	switch r := r.(type) {
	case Port:
		return "messagedirector"
	case *clientagent.Role:
		return "clientagent"
	case *database.Role:
		return "database"
	case *dbss.Role:
		return "dbss"
	case *eventlogger.EventLogger:
		return "eventlogger"
	case *stateserver.Role:
		return "stateserver"
	case *gamerole.Role:
		return r.Type()
	}
	return ""
}

// measureRole adds a role's numbers to a set. The role must have started.
func measureRole(to *metrics.Set, role roles.Role) {
	switch r := role.(type) {
	case Port:
		to.MessageDirector(r.Stats())
	case *clientagent.Role:
		to.ClientAgent(role.Name(), r.Stats())
	case *database.Role:
		to.Database(role.Name(), r.Stats())
	case *dbss.Role:
		to.DBSS(role.Name(), r.Stats())
	case *eventlogger.EventLogger:
		to.EventLogger(role.Name(), r.Stats())
	case *stateserver.Role:
		to.StateServer(role.Name(), r.Stats())
	case *gamerole.Role:
		to.Own(role.Name(), r.Type(), r.Stats())
	}
}

// roleAddresses are where a role listens. The role must have started.
func roleAddresses(r roles.Role) []string {
	var all []net.Addr
	switch r := r.(type) {
	case interface{ Addrs() []net.Addr }:
		all = r.Addrs()
	case interface{ Addr() net.Addr }:
		all = []net.Addr{r.Addr()}
	}
	var texts []string
	for _, a := range all {
		texts = append(texts, a.Network()+" "+a.String())
	}
	return texts
}
