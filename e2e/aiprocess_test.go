package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// An AI process is killed: its objects end, and no others.

// TestKilledAI: when an AI process is killed, its objects are deleted and no others, even
// if the daemon that it is connected to is killed with it, and the state server is in
// another process.
func TestKilledAI(t *testing.T) {
	town, file := townFile(t)
	for name, andItsDaemon := range map[string]bool{"alone": false, "with its daemon": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clients, _ := natsServer(t)
			backbone := fmt.Sprintf("backbone: {urls: ['%s']%s}\n%s", clients, quick, port)
			server := run(t, fmt.Sprintf("daemon: {name: state server}\n%sgeneral: {dc_files: ['%s']}\nroles: [{type: stateserver, control: 402000}]\n", backbone, town))
			its := run(t, "daemon: {name: director}\n"+backbone)
			server.waitFor("node joined the cluster node=director")

			// One object is the AI's, with another below it; one is not.
			watcher := speaker{server.dial(), t, file, 8000}
			watcher.Subscribe(8000, wire.Location{Parent: 20_001, Zone: 1}.Channel(), wire.Location{Parent: 20_002, Zone: 1}.Channel())
			watcher.say(
				`402000 CREATE_OBJECT_WITH_REQUIRED do_id=20001 location=0:0 dclass=Street setTitle("Elm")`,
				`402000 CREATE_OBJECT_WITH_REQUIRED do_id=20002 location=20001:1 dclass=Street setTitle("the AI's")`,
				`402000 CREATE_OBJECT_WITH_REQUIRED do_id=20003 location=20002:1 dclass=Street setTitle("below it")`,
				`402000 CREATE_OBJECT_WITH_REQUIRED do_id=20004 location=20001:1 dclass=Street setTitle("another's")`,
				`20002 SET_AI 6000`,
				`20004 SET_AI 7000`,
				`20004 GET_AI 1`,
			)
			for answered := false; !answered; {
				answered = strings.HasPrefix(watcher.hear(), "20004: GET_AI_RESP")
			}

			ai := its.dial()
			ai.PostRemove(6000, mdtest.Datagram(t, func(w *wire.Writer) {
				w.Header(6000, wire.StateServerDeleteAIObjects, 402000).Channel(6000)
			}))
			ai.Settle(server.port(), 9000)
			if andItsDaemon {
				its.signal(os.Kill)
			}
			killed := time.Now()
			must(t, ai.Conn.Close()) // as the system does for a process that is killed
			watcher.wantLines("6000: DELETE_RAM do_id=20002", "6000: DELETE_RAM do_id=20003")
			t.Logf("deleted %v after the kill", time.Since(killed).Round(time.Millisecond))
			watcher.say("20001 GET_CHILD_COUNT 2 20001")
			watcher.wantLines("20001: GET_CHILD_COUNT_RESP context=2 object_count=1")
			watcher.say("20004 GET_LOCATION 3")
			watcher.wantLines("20004: GET_LOCATION_RESP context=3 do_id=20004 location=20001:1")
		})
	}
}
