package e2e

import (
	"fmt"
	"path/filepath"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/dc"
	"natstron/internal/msgtext"
)

// What an AI sends to an object right behind the message that creates it arrives,
// though the AI is connected to another process than the state server's, where the
// configuration says which doIds it may use.
func TestRightBehindACreation(t *testing.T) {
	town, err := filepath.Abs(stateServerTests + "town.dc")
	if err != nil {
		t.Fatal(err)
	}
	file, err := dc.ParseFiles(town)
	if err != nil {
		t.Fatal(err)
	}
	server := fmt.Sprintf("general: {dc_files: ['%s']}\nroles: [{type: stateserver, control: 402000, ranges: [{min: 100000000, max: 299999999}]}]\n", town)
	for name, configure := range joined {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backbone := configure(t)
			at, its := run(t, backbone+server), run(t, backbone)
			probe := at.dial()
			ai := its.dial()
			ai.Subscribe(6000)
			ai.Settle(at.port(), 9000)
			probe.Subscribe(8000)
			probe.Settle(its.port(), 9010) // both know of each other's subscriptions
			for i := range 100 {
				do := 100_000_000 + 1_700_001*i // in many buckets
				var frames []byte
				for _, line := range []string{
					fmt.Sprintf(`402000 CREATE_OBJECT_WITH_REQUIRED do_id=%d location=0:0 dclass=Street setTitle("Elm")`, do),
					fmt.Sprintf("%d SET_AI 6000", do),
					fmt.Sprintf("%d GET_AI %d", do, i),
				} {
					d, err := msgtext.Parse(file, 6000, line)
					if err != nil {
						t.Fatal(err)
					}
					frames = append(frames, mdtest.Frame(d)...)
				}
				if _, err := ai.Conn.Write(frames); err != nil {
					t.Fatal(err)
				}
				for _, want := range []string{
					fmt.Sprintf(`%d: ENTER_AI_WITH_REQUIRED do_id=%d location=0:0 dclass=Street setTitle("Elm")`, do, do),
					fmt.Sprintf("%d: GET_AI_RESP context=%d do_id=%d ai_channel=6000", do, i, do),
				} {
					d, err := ai.Receive()
					if err != nil {
						t.Fatalf("object %d: %v", do, err)
					}
					if got := msgtext.Text(file, d); got != want {
						t.Fatalf("received %s, want %s", got, want)
					}
				}
			}
		})
	}
}
