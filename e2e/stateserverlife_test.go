package e2e

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// State servers of one process: when they serve, and how they end.

// twoStateServers is a process with two of them.
const twoStateServers = "backbone: %s\ngeneral: {dc_files: ['%s']}\n" + port + `roles:
  - {type: stateserver, control: 402000}
  - {type: stateserver, control: 402001, max_objects: 2}
`

// Two state servers in one process each serve their own channel as soon as the process is
// ready, and obey the configuration. When the backbone is lost, their objects may have
// missed messages: they end with an error, and the process with them.
func TestStateServerLife(t *testing.T) {
	t.Parallel()
	town, file := townFile(t)
	hub := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\n")
	d := run(t, fmt.Sprintf(twoStateServers, fmt.Sprintf("{urls: ['%s']%s}", hub.nats(), quick), town))
	c := speaker{d.dial(), t, file, 8000}
	c.Subscribe(8000)
	want := func(line, answer string) {
		t.Helper()
		c.say(line)
		if answer != "" {
			c.wantLines(answer)
		}
	}
	create := `%d CREATE_OBJECT_WITH_REQUIRED do_id=%d location=%s dclass=Street setTitle("Elm")`
	want(fmt.Sprintf(create, 402000, 20001, "0:0"), "")
	want("20001 GET_OWNER 1", "20001: GET_OWNER_RESP context=1 do_id=20001 owner_channel=0")
	for do := 20002; do < 20005; do++ {
		want(fmt.Sprintf(create, 402001, do, "20001:1"), "")
	}
	want("20003 GET_OWNER 2", "20003: GET_OWNER_RESP context=2 do_id=20003 owner_channel=0")
	if line := d.waitFor("refused a message"); !strings.Contains(line, "stateserver[402001]") || !strings.Contains(line, "reason=full") {
		t.Errorf("the third object was refused with %q", line)
	}
	want("20001 GET_CHILD_COUNT 3 20001", "20001: GET_CHILD_COUNT_RESP context=3 object_count=2")

	hub.signal(os.Kill)
	d.ends(1)
	if line := d.waitFor("ending"); !strings.Contains(line, "stateserver[40200") || !strings.Contains(line, "the backbone was lost") {
		t.Errorf("it ended with %q", line)
	}
}

// A state server that is told to end does so at once, whatever it holds, and
// without an error.
func TestStateServerEndsInOrder(t *testing.T) {
	t.Parallel()
	d := run(t, "backbone: {embedded: {listen: none}}\nroles: [{type: stateserver, control: 402000}]\n")
	if line := d.waitFor("cannot create objects"); !strings.Contains(line, "dc_files") {
		t.Errorf("without a dclass it says %q", line)
	}
	d.signal(syscall.SIGTERM)
	d.ends(0)
}
