package app

import (
	"net"

	"natstron/internal/config"
	"natstron/internal/metrics"
	"natstron/roles"
	"natstron/roles/clientagent"
	"natstron/roles/database"
	"natstron/roles/dbss"
	"natstron/roles/eventlogger"
	"natstron/roles/stateserver"
)

// What the daemon puts around a role embeds the role, so a role's kind shows in
// what its Stats are.
type (
	aClientAgent interface{ Stats() clientagent.Stats }
	aDatabase    interface{ Stats() database.Stats }
	aDBSS        interface{ Stats() dbss.Stats }
	anEventLog   interface{ Stats() eventlogger.Stats }
	aStateServer interface{ Stats() stateserver.Stats }
)

// roleType is what the configuration calls a role.
func roleType(r roles.Role) string {
	switch r.(type) {
	case *directorRole:
		return "messagedirector"
	case aClientAgent:
		return config.TypeClientAgent
	case aDatabase:
		return config.TypeDatabase
	case aDBSS:
		return config.TypeDBSS
	case anEventLog:
		return config.TypeEventLogger
	case aStateServer:
		return config.TypeStateServer
	}
	return ""
}

// measureRole adds a role's numbers to a set. The role must have started.
func measureRole(to *metrics.Set, role roles.Role) {
	switch r := role.(type) {
	case *directorRole:
		to.MessageDirector(r.server.Stats())
	case aClientAgent:
		to.ClientAgent(role.Name(), r.Stats())
	case aDatabase:
		to.Database(role.Name(), r.Stats())
	case aDBSS:
		to.DBSS(role.Name(), r.Stats())
	case anEventLog:
		to.EventLogger(role.Name(), r.Stats())
	case aStateServer:
		to.StateServer(role.Name(), r.Stats())
	}
}

// roleAddresses are where a role listens. The role must have started.
func roleAddresses(r roles.Role) []string {
	var all []net.Addr
	switch r := r.(type) {
	case *directorRole:
		all = r.server.Addrs()
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
