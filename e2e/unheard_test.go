package e2e

import (
	"strings"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/roles/clientagent/clienttest"
)

// What goes to nobody, and how that is told.

// What goes to nobody, or comes to the wrong port, is in the log in one line that says what is
// probably wrong, and in the status and the metrics.
func TestNothingHappensIsTold(t *testing.T) {
	t.Parallel()
	d := run(t, `
backbone: {embedded: {listen: '127.0.0.1:0'}}
messagedirector: {bind: '127.0.0.1:0'}
general: {dc_files: [hello.dc]}
uberdogs: [{id: 4665, class: LoginManager, anonymous: true}]
web: {bind: '127.0.0.1:0'}
roles:
  - {type: stateserver, control: 402000}
  - {type: clientagent, bind: '127.0.0.1:0', version: hello-1, channels: {min: 1000000000, max: 1009999999}, limits: {hello_timeout: 1s}}
  - {type: dbss, database: 4003, ranges: [{min: 100000000, max: 399999999}]}
`, helloDC(t))
	ai := d.dial()
	told := func(send func(w *wire.Writer), want ...string) {
		t.Helper()
		ai.Send(mdtest.Datagram(t, send))
		for _, line := range want {
			d.waitFor(line)
		}
	}
	told(func(w *wire.Writer) {
		w.Header(5000, wire.StateServerCreateObjectWithRequired, 4002).DoID(7).DoID(0).Zone(0).DClassID(0)
	}, `WARNING: Backbone: nobody received a message msgtype=STATESERVER_CREATE_OBJECT_WITH_REQUIRED channel=4002 sender=5000 hint="nobody serves control channel 4002; state servers here: 402000"`)
	told(func(w *wire.Writer) { w.Header(5000, wire.StateServerObjectSetField, 10001).DoID(10001).FieldID(2) },
		`INFO: Backbone: nobody received a message msgtype=STATESERVER_OBJECT_SET_FIELD channel=10001`)
	told(func(w *wire.Writer) {
		w.Header(5000, wire.DBSSObjectActivateWithDefaults, 100000042).DoID(100000042).DoID(0).Zone(0)
	}, `WARNING: Backbone: nobody received a message msgtype=DBSERVER_OBJECT_GET_ALL channel=4003`, "nobody serves control channel 4003")

	// The port of the other one, and a client that says nothing.
	clienttest.Dial(t, d.port()).Send(wire.ClientHello, func(w *wire.Writer) { w.Uint32(1).Text("hello-1") })
	d.waitFor("it speaks the protocol of game clients, which connect to the port of a client agent")
	agent := d.where("listening for clients")
	mdtest.Dial(t, agent).Control(wire.Control{Type: wire.ControlAddChannel, Channel: 5000})
	d.waitFor("AIs and UberDOGs connect to messagedirector.bind")
	clienttest.Dial(t, agent)
	d.waitFor("The client has sent no CLIENT_HELLO")

	var kinds []string
	for _, u := range d.snapshot().Backbone.Unheard {
		kinds = append(kinds, u.Message+" "+u.Kind)
	}
	contains(t, strings.Join(kinds, "\n"), "STATESERVER_CREATE_OBJECT_WITH_REQUIRED control", "STATESERVER_OBJECT_SET_FIELD object", "DBSERVER_OBJECT_GET_ALL control")
	_, metrics := d.web("/metrics")
	contains(t, metrics,
		`astrond_datagrams_unheard_total{kind="control",message="STATESERVER_CREATE_OBJECT_WITH_REQUIRED"} 1`,
		`astrond_datagrams_unheard_total{kind="control",message="DBSERVER_CREATE_OBJECT"} 0`)
}
