package bench

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"natstron/bridge/wire"
)

//go:embed world.dc
var worldDC string

// World is what a made-up world has.
type World struct {
	Agents       int     `json:"agents"` // processes of each kind
	StateServers int     `json:"stateservers"`
	AIs          int     `json:"ais"`
	Connections  int     `json:"connections"` // AIs that are connections to message directors, instead of AI processes
	One          bool    `json:"one_process"` // all of these are roles of one process
	Hubs         int     `json:"hubs"`
	Leaves       bool    `json:"leaves"` // each process has a NATS server of its own, which is a leaf of a hub
	Clients      int     `json:"clients"`
	Objects      int     `json:"objects"`            // of the AIs
	Updates      int     `json:"updates_per_second"` // of them, all together
	Zones        int     `json:"zones"`
	Width        int     `json:"width"`
	Sight        int     `json:"sight"`
	Walk         float64 `json:"seconds_a_step"`   // of each client; 0: none
	Move         float64 `json:"seconds_a_move"`   // to a zone beside; 0: none
	Ramp         int     `json:"ramp_per_second"`  // of clients
	Seconds      float64 `json:"measured_seconds"` // when the last one has logged in
	Elsewhere
}

// maxStateServers leaves room for the channels of clients behind the doIds of all of them.
const maxStateServers = 30

const (
	gateID       = 4665
	firstState   = 402000
	firstAI      = 500000
	doIDs        = 100_000_000 // of each state server
	firstDoID    = 200_000_000
	channels     = firstDoID + maxStateServers*doIDs
	agentClients = 10_000_000 // channels of each agent
)

// check says what is wrong with a world.
func (w *World) check() error {
	for _, n := range []struct {
		name      string
		is, most  int
		canBeNone bool
	}{
		{"agents", w.Agents, 100, false}, {"stateservers", w.StateServers, maxStateServers, false}, {"hubs", w.Hubs, 10, false}, {"ais", w.AIs, 1000, false}, {"clients", w.Clients, 1_000_000, false}, {"connections", w.Connections, 100_000, true},
		{"objects", w.Objects, 50_000_000, true}, {"updates", w.Updates, 100_000_000, true}, {"zones", w.Zones, 1_000_000, false},
		{"width", w.Width, 65535, false}, {"sight", w.Sight, 15, true}, {"ramp", w.Ramp, 1_000_000, false},
	} {
		if n.is < 1 && !n.canBeNone || n.is < 0 || n.is > n.most {
			return fmt.Errorf("--%s takes a number up to %d, not %d", n.name, n.most, n.is)
		}
	}
	if w.One && (w.Leaves || w.Hubs > 1) {
		return errors.New("--one has no use for --hubs and --leaves: there is one process")
	}
	return w.Elsewhere.check(w)
}

// configuration is of one process.
type configuration struct {
	name     string
	backbone string   // what the section of that name holds
	port     string   // where a message director listens; empty: nowhere
	page     string   // the section of its status page; empty: none
	upstream string   // of a message director that it is attached to; empty: none
	roles    []string // what each of them holds
}

// stateServers are the control channels of the state servers.
func (w *World) stateServers() (all []wire.Channel) {
	for i := range w.StateServers {
		all = append(all, firstState+wire.Channel(i))
	}
	return all
}

// at is where number n is of what is spread over the zones.
func (w *World) at(n int) wire.Location {
	return wire.Location{Parent: place, Zone: firstZone + wire.Zone(n%w.Zones)}
}

// servers says whether the process is of those that run elsewhere if any do.
func (c *configuration) servers() bool {
	return strings.HasPrefix(c.name, stateServerName) || strings.HasPrefix(c.name, agentName)
}

const (
	stateServerName = "stateserver-"
	agentName       = "clientagent-"
)

// configurations are those of all processes but the hubs, without their backbones: first the servers,
// then those that need them.
func (w *World) configurations() (all []configuration) {
	world := fmt.Sprintf("stateservers: %v, zones: %d", strings.ReplaceAll(fmt.Sprint(w.stateServers()), " ", ", "), w.Zones)
	ais, port := w.AIs, ""
	if w.Connections > 0 {
		ais, port = 0, "127.0.0.1:0"
	}
	add := func(name, role string) {
		if w.One && len(all) > 0 {
			all[0].roles = append(all[0].roles, role)
			return
		}
		if w.One {
			name = "world"
		}
		c := configuration{name: name, roles: []string{role}}
		if w.One || strings.HasPrefix(name, stateServerName) {
			c.port = port
		}
		all = append(all, c)
	}
	for i := range w.StateServers {
		low := firstDoID + i*doIDs
		role := fmt.Sprintf("type: stateserver, control: %d, generate: {min: %d, max: %d}", firstState+i, low, low+doIDs-1)
		if i == 0 {
			role += fmt.Sprintf(", objects: [{id: %d, class: Place}]", place)
		}
		add(fmt.Sprint(stateServerName, i+1), role)
	}
	for i := range w.Agents {
		low := channels + i*agentClients
		add(fmt.Sprint(agentName, i+1), fmt.Sprintf(
			"type: clientagent, bind: '%s', version: world, channels: {min: %d, max: %d}, client: {relocate: true, add_interest: enabled}, limits: {clients_per_address: 0}", w.bind(i), low, low+agentClients-1))
	}
	add("gate", fmt.Sprintf("type: gate, control: %d, %s", gateID, world))
	first := 0
	for i := range ais {
		next, rate := w.Objects*(i+1)/ais, w.Updates*(i+1)/ais-w.Updates*i/ais
		add(fmt.Sprintf("ai-%d", i+1), fmt.Sprintf("type: things, control: %d, first: %d, count: %d, rate: %d, %s", firstAI+i, first, next-first, rate, world))
		first = next
	}
	return all
}

// write puts the configuration of a process into a folder of its own, and returns its file.
func (c configuration) write(dir string) (string, error) {
	folder := filepath.Join(dir, c.name)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "daemon: {name: %s}\ngeneral: {dc_files: [../world.dc]}\nuberdogs: [{id: %d, class: Gate, anonymous: true}]\n", c.name, gateID)
	fmt.Fprintf(&b, "backbone: {%s}\n", c.backbone)
	if c.port != "" {
		fmt.Fprintf(&b, "messagedirector: {bind: '%s'}\n", c.port)
	}
	if c.upstream != "" {
		fmt.Fprintf(&b, "messagedirector: {connect: '%s'}\n", c.upstream)
	}
	b.WriteString(c.page)
	if len(c.roles) > 0 {
		b.WriteString("roles:\n")
	}
	for _, r := range c.roles {
		fmt.Fprintf(&b, "  - {%s}\n", r)
	}
	file := filepath.Join(folder, "astrond.yml")
	return file, os.WriteFile(file, []byte(b.String()), 0o600)
}

// scriptText is what its clients do, as a file of astrond bots.
func (w *World) scriptText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: world\nramp: %d\nduration: %s\nsettle: 3s\n", w.Ramp, span(w.Seconds))
	b.WriteString("login:\n  - {type: update, object: 4665, class: Gate, field: enter, value: '{{.Bot}}'}\n  - {type: wait, for: owner, class: Walker, within: 5m}\n")
	fmt.Fprintf(&b, "  - {type: interest, parent: %d, zones: [%d-%d], within: 5m, around: Walker, width: %d, sight: %d}\n", place, firstZone, w.last(), w.Width, w.Sight)
	b.WriteString("sequences: [{class: Thing, field: setState, number: number, time: time}]\n")
	if w.Walk > 0 || w.Move > 0 {
		b.WriteString("play:\n")
	}
	if w.Walk > 0 {
		fmt.Fprintf(&b, "  - {type: update, class: Walker, field: setXY, every: %s}\n", span(w.Walk))
	}
	if w.Move > 0 {
		fmt.Fprintf(&b, "  - {type: move, class: Walker, parent: %d, zones: [%d-%d], width: %d, sight: %d, every: %s}\n", place, firstZone, w.last(), w.Width, w.Sight, span(w.Move))
	}
	return b.String()
}

// span is a number of seconds as a script writes it.
func span(seconds float64) string {
	return fmt.Sprintf("%dms", time.Duration(seconds*float64(time.Second)).Milliseconds())
}

// last is the last zone.
func (w *World) last() wire.Zone { return firstZone + wire.Zone(w.Zones-1) }
