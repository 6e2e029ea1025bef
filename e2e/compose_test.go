package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/storage/mongo/wiretest"
)

// The cluster of docker-compose.yml without containers.
//
// It is the same processes, with the same configuration, commands, environment and
// health checks, started in the same order. As a container has an address of its own, each has one of the
// machine's loopback network, where it opens the ports that it opens there.

// composeCluster is the services by name.
type composeCluster struct {
	t     testing.TB
	file  *composeFile
	bin   string
	dir   string
	names *strings.Replacer // of the network, and of volumes
	hub   *hub
	mongo *wiretest.Server // the service mongo; nil if it is a real one
	all   map[string]*composeProcess
	order []string // of the services that run astrond
}

// composeProcess is a service that runs astrond.
type composeProcess struct {
	*daemon
	cluster *composeCluster
	name    string
	spec    *composeService
	ip      string
	env     []string
}

// hub is the service nats: nats-server is also a library.
type hub struct {
	t        testing.TB
	file     string
	ip       string
	password string // the value of its variable, quotes and all
	server   *server.Server
}

// loopbackNetwork is addresses of 127.0.0.0/8, counted up.
func loopbackNetwork(t testing.TB) func() string {
	t.Helper()
	network := fmt.Sprintf("127.%d.%d.", 1+rand.IntN(250), rand.IntN(250))
	l, err := net.Listen("tcp", network+"1:0")
	if err != nil {
		t.Skipf("this system has one loopback address only: %v", err)
	}
	l.Close()
	last := 1
	return func() string {
		last++
		return network + fmt.Sprint(last)
	}
}

// composeUp starts the cluster, in order; each service waits until those that it
// depends on are healthy.
func composeUp(t testing.TB) *composeCluster {
	t.Helper()
	c := &composeCluster{t: t, file: readCompose(t), bin: built(t, astrondPackage), dir: t.TempDir(), all: map[string]*composeProcess{}}
	next := loopbackNetwork(t)
	ips, replace := map[string]string{}, []string{"/data", filepath.Join(c.dir, "data")}
	for _, name := range inOrder(t, c.file) {
		ips[name] = next()
		replace = append(replace, "//"+name+":", "//"+ips[name]+":", " "+name+":7", " "+ips[name]+":7")
	}
	c.names = strings.NewReplacer(replace...)
	uri := ""
	if real, ok := wiretest.Real(); ok {
		uri = real(t)
	} else {
		c.mongo = wiretest.Start(t, true)
		uri = c.mongo.URI("astron")
	}
	for _, name := range inOrder(t, c.file) {
		spec := c.file.Services[name]
		switch {
		case name == "nats":
			c.hub = c.startHub(ips[name])
		case spec.isAstrond():
			p := &composeProcess{cluster: c, name: name, spec: spec, ip: ips[name], env: os.Environ()}
			for key, value := range spec.Environment {
				value = byDefault(value)
				if key == "MONGODB_URI" {
					value = uri
				}
				p.env = append(p.env, key+"="+value)
			}
			c.all[name] = p
			c.order = append(c.order, name)
			p.up()
			p.healthy()
		}
	}
	return c
}

// write puts a mounted file where the service finds it, with the addresses of
// this network in it, and returns its name.
func (c *composeCluster) write(service string, spec *composeService, inside, ip string) string {
	c.t.Helper()
	text := spec.read(c.t, inside)
	if strings.HasSuffix(inside, ".yml") || strings.HasSuffix(inside, ".conf") {
		text = strings.ReplaceAll(c.names.Replace(text), "0.0.0.0", ip)
	}
	file := filepath.Join(c.dir, service, inside)
	must(c.t, os.MkdirAll(filepath.Dir(file), 0o700))
	must(c.t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// folder is the one that the image works in, where the configuration is.
func (p *composeProcess) folder() string {
	return filepath.Join(p.cluster.dir, p.name, filepath.Dir(configuration))
}

// up starts the service's command.
func (p *composeProcess) up() {
	p.cluster.t.Helper()
	for _, m := range p.spec.mounts {
		if !m.volume {
			p.cluster.write(p.name, p.spec, m.to, p.ip)
		}
	}
	if check := p.run("check"); check.code != 0 {
		p.cluster.t.Fatalf("%s: %s", p.name, check.out)
	}
	cmd := exec.Command(p.cluster.bin, "--boring")
	cmd.Env, cmd.Dir = p.env, p.folder()
	p.daemon = program(p.cluster.t, cmd)
	p.launch()
}

type outcome struct {
	out  string
	code int
}

// run runs a command of astrond beside the service, as in its container.
func (p *composeProcess) run(args ...string) outcome {
	ctx, cancel := context.WithTimeout(context.Background(), mdtest.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.cluster.bin, args...)
	cmd.Env, cmd.Dir = p.env, p.folder()
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		p.cluster.t.Fatal(err)
	}
	return outcome{string(out), cmd.ProcessState.ExitCode()}
}

// check is the service's health check.
func (p *composeProcess) check() outcome { return p.run(p.spec.Healthcheck.Test[2:]...) }

// healthy waits until the service's health check succeeds. A service that has
// ended is started again, as it says of itself.
func (p *composeProcess) healthy() {
	p.cluster.t.Helper()
	var last outcome
	poll(p.cluster.t, func() bool {
		select {
		case <-p.ended:
			p.up()
		default:
		}
		last = p.check()
		return last.code == 0
	}, func() string { return p.name + " to be healthy: " + last.out })
	for _, text := range p.spec.Ports {
		if at := openPort(p.cluster.t, text); at.protocol == "" {
			conn, err := net.Dial("tcp", net.JoinHostPort(p.ip, at.inside))
			if err != nil {
				p.cluster.t.Fatalf("%s is healthy, but its port is not open: %v", p.name, err)
			}
			conn.Close()
		}
	}
}

// healthy waits until all services are.
func (c *composeCluster) healthy() {
	c.t.Helper()
	for _, name := range c.order {
		c.all[name].healthy()
	}
}

// startHub starts the service nats at an address.
func (c *composeCluster) startHub(ip string) *hub {
	c.t.Helper()
	spec := c.file.Services["nats"]
	h := &hub{t: c.t, file: c.write("nats", spec, "/etc/nats/nats.conf", ip), ip: ip, password: byDefault(spec.Environment["NATS_PASSWORD"])}
	c.t.Cleanup(h.stop)
	h.start()
	return h
}

// start runs nats-server with the service's configuration.
func (h *hub) start() {
	h.t.Helper()
	text, err := os.ReadFile(h.file)
	if err == nil { // its variables come from its environment there
		text = []byte(strings.ReplaceAll(string(text), "$NATS_PASSWORD", h.password))
		err = os.WriteFile(h.file, text, 0o600)
	}
	must(h.t, err)
	o, err := server.ProcessConfigFile(h.file)
	must(h.t, err)
	o.Host, o.HTTPHost, o.LeafNode.Host, o.NoSigs, o.NoLog = h.ip, h.ip, h.ip, true, true
	if h.server, err = server.NewServer(o); err != nil {
		h.t.Fatal(err)
	}
	go h.server.Start()
	if !h.server.ReadyForConnections(mdtest.Patience) {
		h.t.Fatal("the hub did not start")
	}
	answer, err := http.Get("http://" + h.ip + ":8222/healthz")
	must(h.t, err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK || !h.server.JetStreamEnabled() {
		h.t.Fatalf("the hub is %s, JetStream %t", answer.Status, h.server.JetStreamEnabled())
	}
}

func (h *hub) stop() {
	if h.server != nil {
		h.server.Shutdown()
		h.server.WaitForShutdown()
	}
}

// A player's whole session through all services; then each of them is killed, and
// comes back, and it works as before.
func TestComposeCluster(t *testing.T) {
	t.Parallel()
	c := composeUp(t)
	s := newGameSession(t, c.all["bridge"].ip+":7199", c.all["clientagent"].ip+":7198")
	play := func() {
		t.Helper()
		s.play()
		c.written(s.logins)
	}
	play()
	for _, name := range c.order {
		killed := c.all[name]
		killed.signal(os.Kill)
		killed.wait()
		c.healthy()
		play()
	}

	// The database is lost: its service is not ready until it is back.
	if c.mongo != nil {
		database := c.all["database"]
		c.mongo.OnCommand(func(wiretest.Command) wiretest.Fault { return wiretest.Fault{DropBefore: true} })
		poll(t, func() bool { return database.check().code == 1 }, func() string { return "the database not to be ready" })
		c.mongo.OnCommand(func(wiretest.Command) wiretest.Fault { return wiretest.Fault{} })
		database.healthy()
		play()
	}

	// The hub is lost: all processes notice, and those that cannot go on end and come back.
	c.hub.stop()
	for _, name := range c.order {
		c.all[name].waitFor("lost the backbone")
	}
	c.hub.start()
	c.healthy()
	play()

	scrape(t, c.all["clientagent"], `astrond_clientagent_logins_total{role="[^"]*"} [46]\n`)
	scrape(t, c.all["stateserver"], `astrond_stateserver_objects{dclass="Avatar",role="[^"]*"} 1\n`)
	for _, name := range c.order {
		scrape(t, c.all[name], `astrond_ready 1\n`)
	}
	if python, err := exec.LookPath("python3"); err == nil {
		playHello(t, python, filepath.Join(root, "examples", "hello"), s.director, s.gate)
	}
}

// written waits until the event logger has written that so many players left:
// what a process has not sent or written when it is killed is lost.
func (c *composeCluster) written(players int) {
	c.t.Helper()
	left := 0
	poll(c.t, func() bool {
		files, err := filepath.Glob(filepath.Join(c.dir, "data", "events-*.log"))
		must(c.t, err)
		left = 0
		for _, file := range files {
			left += strings.Count(strings.Join(readLines(c.t, file), "\n"), `"type": "client-disconnected"`)
		}
		return left == players
	}, func() string { return fmt.Sprintf("%d players to be written down; there are %d", players, left) })
}

// scrape wants a metric of a service to have a value.
func scrape(t testing.TB, p *composeProcess, want string) {
	t.Helper()
	answer, err := http.Get("http://" + p.ip + ":8080/metrics")
	must(t, err)
	defer answer.Body.Close()
	text := readAll(t, answer)
	if !regexp.MustCompile(want).MatchString(text) {
		t.Errorf("%s lacks the metric %s:\n%s", p.name, want, regexp.MustCompile(`(?m)^(#|go_|process_|promhttp_).*\n`).ReplaceAllString(text, ""))
	}
}

// hubAlone is the service nats and nothing else.
func hubAlone(t *testing.T) *hub {
	t.Helper()
	c := &composeCluster{t: t, file: readCompose(t), dir: t.TempDir()}
	c.names = strings.NewReplacer("/data", filepath.Join(c.dir, "data"))
	return c.startHub(loopbackNetwork(t)())
}

// Who has no password may look at the cluster, and say nothing.
func TestComposeObserver(t *testing.T) {
	t.Parallel()
	ip := hubAlone(t).ip
	refused := make(chan error, 10)
	observer, err := nats.Connect("nats://"+ip+":4222", nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	must(t, err)
	defer observer.Close()
	seen, err := observer.SubscribeSync("astron.>")
	must(t, err)
	must(t, observer.Flush())
	astrond, err := nats.Connect("nats://"+ip+":4222", nats.UserInfo("natstron", "natstron"))
	must(t, err)
	defer astrond.Close()
	must(t, observer.Publish("astron.0.4.2.402000", []byte("not allowed")))
	must(t, observer.Flush())
	must(t, astrond.Publish("astron.0.4.2.402000", []byte("allowed")))
	if m, err := seen.NextMsg(mdtest.Patience); err != nil || string(m.Data) != "allowed" {
		t.Errorf("the observer sees %v, %v", m, err)
	}
	select {
	case err := <-refused:
		if !strings.Contains(err.Error(), "Permissions Violation for Publish") {
			t.Error(err)
		}
	case <-time.After(mdtest.Patience):
		t.Error("nobody told the observer that it may not speak")
	}
	if _, err := nats.Connect("nats://"+ip+":4222", nats.UserInfo("natstron", "guessed")); err == nil {
		t.Error("a wrong password was taken")
	}
}

// A process that connects its own server to the hub needs the password, too: as an
// observer it would be connected, and nobody would hear it.
func TestComposeLeaf(t *testing.T) {
	t.Parallel()
	h := hubAlone(t)
	leaf := func(login string) string {
		return fmt.Sprintf("%sbackbone: {embedded: {listen: none, leaf: {remotes: [{urls: ['nats-leaf://%s%s:7422']}]}}}\n", port, login, h.ip)
	}
	stranger := start(t, leaf(""))
	stranger.waitFor("Authorization Violation")

	heard := run(t, leaf("natstron:natstron@"))
	other := run(t, fmt.Sprintf("%sbackbone: {urls: ['nats://natstron:natstron@%s:4222']}\n", port, h.ip))
	b := other.dial()
	b.Subscribe(1234)
	a := heard.dial()
	poll(t, func() bool {
		a.Send(mdtest.Datagram(t, func(w *wire.Writer) { w.Header(1, 4321, 1234) }))
		_, err := b.ReceiveUntil(time.Now().Add(200 * time.Millisecond))
		return err == nil
	}, func() string { return "the other process to hear the leaf" })
	if strings.Contains(stranger.text(), "]: ready") {
		t.Errorf("a leaf without a password says that it is ready:\n%s", stranger.text())
	}
}

// NATS reads variables as it reads its file: a password may be a number there, or end at a #.
func TestComposePasswords(t *testing.T) {
	nats := readCompose(t).Services["nats"]
	file := filepath.Join(t.TempDir(), "nats.conf")
	must(t, os.WriteFile(file, []byte(nats.read(t, "/etc/nats/nats.conf")), 0o600))
	for _, password := range passwords {
		t.Setenv("NATS_PASSWORD", variable.ReplaceAllLiteralString(nats.Environment["NATS_PASSWORD"], password))
		o, err := server.ProcessConfigFile(file)
		if err != nil {
			t.Errorf("%s: %v", password, err)
			continue
		}
		user := slices.IndexFunc(o.Users, func(u *server.User) bool { return u.Username == "natstron" })
		if user < 0 || o.Users[user].Password != password || o.LeafNode.Password != password {
			t.Errorf("the password %s is taken for %+v, and %q for leaf nodes", password, o.Users, o.LeafNode.Password)
		}
	}
}

// passwords are those that one could think of, and NATS, YAML, or compose of something else.
var passwords = []string{"1234", "1k", "1e3", "-7", "true", "null", "2026-11-29", "a # b", "a: b", `a"b`, `a\n`, "[x]", "{x}", "x;y", "${HOME}", "%s"}
