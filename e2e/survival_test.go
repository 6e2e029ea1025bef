package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// survivor is a process with a state server that survives, and nothing besides.
const survivor = `backbone: {embedded: {listen: none, store_dir: '%s'}}
general: {dc_files: ['%s']}
` + port + `roles: [{type: stateserver, control: 402000, survive: %s}]
`

// TestKilledAgainAndAgain: a process with its own NATS server is killed in the middle of its
// work, again and again. Each time the next one has all that was announced: no object that
// was deleted, none that is missing, no value that is older. What an AI has left behind is
// removed, though nobody lived who could have sent it.
func TestKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	const objects, rounds = 20, 10
	town, file := townFile(t)
	config := fmt.Sprintf(survivor, t.TempDir(), town, "announced")
	d := run(t, config)
	sent, heard := make([]int, objects), make([]int, objects)
	gone := map[int]bool{} // of which the end was heard
	world := speaker{d.dial(), t, file, 9000}
	world.say(`402000 CREATE_OBJECT_WITH_REQUIRED do_id=5000 location=0:0 dclass=Street setTitle("Elm")`)
	for i := range objects {
		world.say(fmt.Sprintf(`402000 CREATE_OBJECT_WITH_REQUIRED do_id=%d location=5000:1 dclass=Pebble setA(0) setB(2) setC(3)`, 6000+i))
	}
	for round := range rounds {
		watch := speaker{d.dial(), t, file, 9001}
		watch.Subscribe(wire.Location{Parent: 5000, Zone: 1}.Channel())
		watch.Settle(d.port(), 9100)
		ai := speaker{d.dial(), t, file, 8000}
		remove, err := msgtext.Parse(file, 8000, "402000 DELETE_AI_OBJECTS 8000")
		must(t, err)
		ai.PostRemove(8000, remove)
		mine, other := 7000+2*round, 7001+2*round
		for _, id := range []int{mine, other} {
			ai.say(fmt.Sprintf(`402000 CREATE_OBJECT_WITH_REQUIRED do_id=%d location=5000:1 dclass=Pebble setA(0) setB(2) setC(3)`, id))
		}
		ai.say(fmt.Sprintf("%d SET_AI 8000", mine))
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for n := 0; ; n++ {
				i := n % objects
				sent[i]++
				m, err := msgtext.Parse(file, 9000, fmt.Sprintf("%d SET_FIELD %d setA(%d)", 6000+i, 6000+i, sent[i]))
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := world.Conn.Write(mdtest.Frame(m)); err != nil {
					return
				}
				if n == 50 {
					ai.say(fmt.Sprintf("%d DELETE_RAM %d", other, other))
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
		for n := 200 + rand.IntN(2000); n > 0; n-- {
			text := watch.hear()
			var id, value int
			if _, err := fmt.Sscanf(text[strings.Index(text, ": ")+2:], "SET_FIELD do_id=%d setA(%d)", &id, &value); err == nil {
				heard[id-6000] = value
			} else if _, err := fmt.Sscanf(text[strings.Index(text, ": ")+2:], "DELETE_RAM do_id=%d", &id); err == nil {
				gone[id] = true
			}
		}
		d.signal(os.Kill)
		d.wait()
		close(stop)
		<-done
		began := time.Now()
		d = run(t, config)
		t.Logf("round %d: ready after %v", round, time.Since(began).Round(time.Millisecond))
		world = speaker{d.dial(), t, file, 9000}
		world.Subscribe(9000)
		for i := range objects {
			world.say(fmt.Sprintf("%d GET_FIELD %d %d setA", 6000+i, i, 6000+i))
			text := world.hear()
			value := sent[i] + 1
			if at := strings.Index(text, "setA("); at >= 0 {
				value, _ = strconv.Atoi(strings.TrimSuffix(text[at+5:], ")"))
			}
			if value < heard[i] || value > sent[i] {
				t.Errorf("round %d: object %d: heard %d, sent %d, and now %s", round, 6000+i, heard[i], sent[i], text)
			}
			sent[i] = max(sent[i], value)
		}
		want := objects
		for i := range round + 1 {
			if !gone[7001+2*i] {
				want++ // unless it was deleted, and nobody told
			}
		}
		world.say("5000 GET_CHILD_COUNT 1 5000")
		var count int
		if _, err := fmt.Sscanf(world.hear(), "5000: GET_CHILD_COUNT_RESP context=1 object_count=%d", &count); err != nil || count > want || count < objects {
			t.Errorf("round %d: %d objects, want %d, %d of them known to be gone: %v", round, count, want, len(gone), err)
		}
		world.say(fmt.Sprintf("%d GET_LOCATION 1", mine), "5000 GET_CHILD_COUNT 2 5000")
		if got := world.hear(); !strings.Contains(got, "CHILD_COUNT") {
			t.Errorf("round %d: the AI's object is there: %s", round, got)
		}
	}
}
