package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge/md/mdtest"
)

// faultClass are the classes of the game that TestFaults plays.
const faultClass = `dclass Gate { enter(uint32 login) clsend; };
dclass Town { setName(string) required; };
dclass Thing { setSeq(uint32) required broadcast ram; };
dclass Avatar { setSeq(uint32) required broadcast ram ownsend; };
dclass Pet { setSeq(uint32) required broadcast ram db; };
`

// natsVariable turns the test's program into a NATS server, with the configuration file that
// it names.
const natsVariable = "NATSTRON_E2E_NATS_SERVER"

// serveNATS is a NATS server in a process of its own, as nats-server is.
func serveNATS(file string) error {
	o, err := server.ProcessConfigFile(file)
	if err != nil {
		return err
	}
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.ConfigureLogger()
	s.Start()
	s.WaitForShutdown()
	return nil
}

// member is one process of the cluster, which is started again when it has ended.
type member struct {
	name     string
	begin    func() *daemon // which is not ready yet
	daemon   *daemon
	restarts int
}

// faultCluster is a game's cluster of real processes.
type faultCluster struct {
	t       testing.TB
	nats    []*member
	urls    []string
	state   []*member // the one that serves, and its standby
	stored  []*member // so of the database-state servers
	agents  []*member
	doors   *doors
	parts   []*member
	game    string // the DC file
	hash    uint32
	parents *member // the message director, and the database
}

// A door is where clients connect: an agent's address, while it is ready.
type doors struct{ all chan map[string]string }

func newDoors() *doors {
	d := &doors{make(chan map[string]string, 1)}
	d.all <- map[string]string{}
	return d
}

func (d *doors) set(name, address string) {
	all := <-d.all
	if address == "" {
		delete(all, name)
	} else {
		all[name] = address
	}
	d.all <- all
}

// any is the address of some agent; n chooses which.
func (d *doors) any(n int) string {
	all := <-d.all
	defer func() { d.all <- all }()
	for _, address := range all { // in no order
		if n--; n < 0 {
			return address
		}
	}
	for _, address := range all {
		return address
	}
	return ""
}

// startFaultCluster starts everything, with a number of NATS servers.
func startFaultCluster(t testing.TB, servers int) *faultCluster {
	c := &faultCluster{t: t, doors: newDoors(), game: filepath.Join(t.TempDir(), "game.dc")}
	write(t, c.game, faultClass)
	c.hash = gameHash(t, filepath.Dir(c.game))
	c.startNATS(servers)
	head := func(name string, first int) string {
		urls := append(append([]string(nil), c.urls[first%servers:]...), c.urls[:first%servers]...)
		return fmt.Sprintf("daemon: {name: %s}\nbackbone: {urls: ['%s']%s}\ngeneral: {dc_files: ['%s']}\n", name, strings.Join(urls, "', '"), quick, c.game)
	}
	replicas := 1
	if servers >= 3 {
		replicas = 3
	}
	// pair is a process with a role that survives, and its standby.
	pair := func(name, role string) (both []*member) {
		for i := range 2 {
			name := fmt.Sprint(name, i)
			both = append(both, c.add(name, func() *daemon {
				return newcomer(t, head(name, i)+fmt.Sprintf("roles: [{%s, survive: announced, survive_replicas: %d}]\n", role, replicas))
			}))
			if i == 0 {
				both[0].daemon.waitFor("ready took")
			}
		}
		return both
	}
	c.state = pair("stateserver", "type: stateserver, control: 402000")
	pets := fmt.Sprintf("min: %d, max: %d", faultPets, faultPets+999)
	database := fmt.Sprintf("roles: [{type: database, control: %d, generate: {%s}, backend: {type: embedded, file: '%s'}}]\n",
		faultDatabase, pets, filepath.Join(t.TempDir(), "objects.db"))
	c.parents = c.add("director", func() *daemon { return newcomer(t, head("director", 2)+port+database) })
	c.parents.daemon.waitFor("ready took")
	c.stored = pair("dbss", fmt.Sprintf("type: dbss, database: %d, ranges: [{%s}]", faultDatabase, pets))
	for i := range 2 {
		name := fmt.Sprintf("gate%d", i)
		c.agents = append(c.agents, c.add(name, func() *daemon {
			return newcomer(t, head(name, i)+fmt.Sprintf(faultAgent, 1_000_000_000+i*1_000_000, 1_000_999_999+i*1_000_000))
		}))
	}
	for _, p := range c.agents {
		p.daemon.waitFor("ready took")
	}
	c.open()
	return c
}

const faultAgent = `uberdogs:
  - {id: 5000, class: Gate, anonymous: true}
roles:
  - type: clientagent
    bind: 127.0.0.1:0
    channels: {min: %d, max: %d}
    drain_timeout: 1m
    resume: {within: 30s, recover: true, keys: [a secret of the test]}
`

// startNATS starts NATS servers with JetStream, which are a cluster if there are several.
func (c *faultCluster) startNATS(servers int) {
	t := c.t
	ports := freePorts(t, 2*servers)
	var routes []string
	for i := range servers {
		c.urls = append(c.urls, fmt.Sprintf("nats://127.0.0.1:%d", ports[2*i]))
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", ports[2*i+1]))
	}
	self, err := os.Executable()
	must(t, err)
	for i := range servers {
		dir := t.TempDir()
		text := fmt.Sprintf("server_name: nats%d\nhost: 127.0.0.1\nport: %d\njetstream: {store_dir: '%s'}\n", i, ports[2*i], dir)
		if servers > 1 {
			text += fmt.Sprintf("cluster: {name: faults, host: 127.0.0.1, port: %d, routes: ['%s']}\n", ports[2*i+1], strings.Join(routes, "', '"))
		}
		file := filepath.Join(dir, "nats.conf")
		write(t, file, text)
		c.nats = append(c.nats, c.add(fmt.Sprintf("nats%d", i), func() *daemon {
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), natsVariable+"="+file)
			d := program(t, cmd)
			d.launch()
			return d
		}))
	}
	for _, p := range c.nats {
		p.daemon.waitFor("Server is ready")
	}
}

// freePorts are ports that nobody has at the moment: a server that is started again must have
// the same.
func freePorts(t testing.TB, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

func (c *faultCluster) add(name string, begin func() *daemon) *member {
	p := &member{name: name, begin: begin, daemon: begin()}
	c.parts = append(c.parts, p)
	return p
}

// open lets clients connect to the agents that are ready. It reports whether all are.
func (c *faultCluster) open() bool {
	all := true
	for _, p := range c.agents {
		if p.isGone() || !strings.Contains(p.daemon.text(), "ready took") {
			all = false
		} else {
			c.doors.set(p.name, p.daemon.where("listening for clients"))
		}
	}
	return all
}

func (p *member) isGone() bool {
	select {
	case <-p.daemon.ended:
		return true
	default:
		return false
	}
}

// revive starts the processes that have ended again. It returns their names.
func (c *faultCluster) revive() (ended []string) {
	for _, p := range c.parts {
		if !p.isGone() {
			continue
		}
		ended = append(ended, p.name)
		c.doors.set(p.name, "")
		p.restarts++
		p.daemon = p.begin()
		if strings.HasPrefix(p.name, "nats") {
			p.daemon.waitFor("Server is ready")
		}
	}
	return ended
}

// servingOf is which of a process and its standby serves, and nil if none does.
func servingOf(both []*member) (serves *member) {
	for _, p := range both {
		if !p.isGone() && strings.Contains(p.daemon.text(), "ready took") {
			serves = p
		}
	}
	return serves
}

// end ends a process with a signal, and waits until it has ended. Clients must not connect to
// an agent that is going.
func (c *faultCluster) end(p *member, s syscall.Signal) {
	c.doors.set(p.name, "")
	p.daemon.signal(s)
	select {
	case <-p.daemon.ended:
	case <-time.After(3 * mdtest.Patience):
		c.t.Fatalf("%s has not ended", p.name)
	}
}
