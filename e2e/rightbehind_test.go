package e2e

import (
	"fmt"
	"testing"
)

// What is sent right behind an object's creation arrives.

// What an AI sends to an object right after the message that creates it arrives, even if
// the AI and the state server are in different processes, if the configuration says which
// doIds the AI uses.
func TestRightBehindACreation(t *testing.T) {
	town, file := townFile(t)
	server := fmt.Sprintf("general: {dc_files: ['%s']}\nroles: [{type: stateserver, control: 402000, ranges: [{min: 100000000, max: 299999999}]}]\n", town)
	for name, configure := range joined {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backbone := configure(t)
			at, its := run(t, backbone+server), run(t, backbone)
			probe := at.dial()
			ai := speaker{its.dial(), t, file, 6000}
			ai.Subscribe(6000)
			ai.Settle(at.port(), 9000)
			probe.Subscribe(8000)
			probe.Settle(its.port(), 9010) // both know of each other's subscriptions
			for i := range 100 {
				do := 100_000_000 + 1_700_001*i // in many buckets
				ai.say(
					fmt.Sprintf(`402000 CREATE_OBJECT_WITH_REQUIRED do_id=%d location=0:0 dclass=Street setTitle("Elm")`, do),
					fmt.Sprintf("%d SET_AI 6000", do),
					fmt.Sprintf("%d GET_AI %d", do, i),
				)
				ai.wantLines(
					fmt.Sprintf(`%d: ENTER_AI_WITH_REQUIRED do_id=%d location=0:0 dclass=Street setTitle("Elm")`, do, do),
					fmt.Sprintf("%d: GET_AI_RESP context=%d do_id=%d ai_channel=6000", do, i, do),
				)
			}
		})
	}
}
