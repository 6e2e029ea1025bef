package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// aiVariable makes this test binary an AI process: its value is the address of a
// message director.
const aiVariable = "NATSTRON_E2E_AI"

const (
	aiControl wire.Channel = 402000
	aiChannel wire.Channel = 6000
)

// beAI sends its standard input to the message director, says so, and does nothing until
// it is killed.
func beAI(address string) int {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		_, err = io.Copy(conn, bufio.NewReader(os.Stdin))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("left behind")
	select {}
}

// startAI runs an AI process that is connected to d and has DELETE_AI_OBJECTS as its
// post-remove.
func startAI(t *testing.T, d *daemon) *exec.Cmd {
	t.Helper()
	last := mdtest.Datagram(t, func(w *wire.Writer) {
		w.Header(aiChannel, wire.StateServerDeleteAIObjects, aiControl).Channel(aiChannel)
	})
	leave := mdtest.Datagram(t, func(w *wire.Writer) {
		w.AppendControl(wire.Control{Type: wire.ControlAddPostRemove, Channel: aiChannel, Data: last})
	})
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), aiVariable+"="+d.port())
	cmd.Stdin = strings.NewReader(string(mdtest.Frame(leave)))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	must(t, err)
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // unless the test has
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "left behind\n" {
		t.Fatalf("the AI process says %q, %v", line, err)
	}
	return cmd
}

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

			ai := startAI(t, its)
			its.dial().Settle(server.port(), 9000) // the daemon has read what came before
			if andItsDaemon {
				its.signal(os.Kill)
			}
			killed := time.Now()
			must(t, ai.Process.Kill())
			watcher.wantLines("6000: DELETE_RAM do_id=20002", "6000: DELETE_RAM do_id=20003")
			t.Logf("deleted %v after the kill", time.Since(killed).Round(time.Millisecond))
			watcher.say("20001 GET_CHILD_COUNT 2 20001")
			watcher.wantLines("20001: GET_CHILD_COUNT_RESP context=2 object_count=1")
			watcher.say("20004 GET_LOCATION 3")
			watcher.wantLines("20004: GET_LOCATION_RESP context=3 do_id=20004 location=20001:1")
		})
	}
}
