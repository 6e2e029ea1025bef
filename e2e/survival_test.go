package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
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

// TestStateServerComesBack: a state server in a process of its own is killed. In the other
// processes its objects stay, for players and AIs as for parents; what is sent to them waits,
// and so do the post-removes of an AI that ends meanwhile. When the state server is back all
// of it takes effect, in order, and nobody has heard of an end.
func TestStateServerComesBack(t *testing.T) {
	t.Parallel()
	h := newKeptHost(t, jetStream(t), townPath(t), "roles: [{type: stateserver, control: 402001}]\n")
	others, ai, watch := h.others, h.ai, h.watch
	ss := h.config("stateserver", keptServer)
	d := run(t, ss)
	pebble := func(id int) string {
		return fmt.Sprintf("402000 CREATE_OBJECT_WITH_REQUIRED do_id=%d location=5000:1 dclass=Pebble setA(0) setB(2) setC(3)", id)
	}
	entry := func(id int) string {
		return fmt.Sprintf("%d: ENTER_LOCATION_WITH_REQUIRED do_id=%d location=5000:1 dclass=Pebble setA(0) setB(2)", id, id)
	}
	// The parent lives on the other state server.
	ai.say(`402001 CREATE_OBJECT_WITH_REQUIRED do_id=5000 location=0:0 dclass=Street setTitle("Elm")`, pebble(6000))
	watch.heard(entry(6000))
	for round := 1; round <= 5; round++ {
		mortal := speaker{others.dial(), t, h.file, 8000}
		remove, err := msgtext.Parse(h.file, 8001, "6001 DELETE_RAM 6001")
		must(t, err)
		mortal.PostRemove(8001, remove)
		mortal.say(pebble(6001))
		watch.heard(entry(6001))
		d.signal(os.Kill)
		d.wait()
		until(t, "the others to notice", func() bool {
			return strings.Count(others.text(), "the process of a state server is gone") == round
		})
		ai.say(fmt.Sprintf("6000 SET_FIELD 6000 setA(%d)", round), pebble(7000+round), fmt.Sprintf("%d DELETE_RAM %d", 7000+round, 7000+round))
		_ = mortal.Conn.Close()
		began := time.Now()
		d = run(t, ss)
		watch.heard(fmt.Sprintf("8000: SET_FIELD do_id=6000 setA(%d)", round), entry(7000+round),
			fmt.Sprintf("8000: DELETE_RAM do_id=%d", 7000+round), "8001: DELETE_RAM do_id=6001")
		t.Logf("round %d: all took effect %v after the start", round, time.Since(began).Round(time.Millisecond))
		ai.say("5000 GET_CHILD_COUNT 1 5000")
		until(t, "the parent's count", func() bool {
			got := ai.hear()
			if !strings.Contains(got, "GET_CHILD_COUNT_RESP") {
				return false
			}
			if !strings.Contains(got, "object_count=1") {
				ai.say("5000 GET_CHILD_COUNT 1 5000")
				return false
			}
			return true
		})
	}
}

// TestStateServerStaysAway: objects whose state server does not come back are gone for the
// others after a time.
func TestStateServerStaysAway(t *testing.T) {
	t.Parallel()
	h := newKeptHost(t, jetStream(t), townPath(t), "")
	d := run(t, h.config("stateserver", "roles: [{type: stateserver, control: 402000, survive: relaxed, survive_for: 1s}]\n"))
	h.createPebble()
	d.signal(os.Kill)
	began := time.Now()
	h.watch.wantLines("6000: DELETE_RAM do_id=6000")
	if waited := time.Since(began); waited < time.Second {
		t.Errorf("it was gone after %v", waited)
	}
	h.others.waitFor("a state server has not come back in time")
}

// Without JetStream a state server that is to survive does not start, and says what to do.
func TestSurviveNeedsJetStream(t *testing.T) {
	t.Parallel()
	town, _ := townFile(t)
	d := start(t, fmt.Sprintf("%sgeneral: {dc_files: ['%s']}\nroles: [{type: stateserver, control: 402000, survive: announced}]\n", alone, town))
	d.ends(1)
	contains(t, d.text(), "roles[0].survive", "has no JetStream", "backbone.embedded.store_dir")
}

// A second process with the same control channel is a standby: it goes on with the objects
// when the first is killed, or frozen. One that is frozen and wakes up finds that it has been
// replaced, and ends.
func TestStandby(t *testing.T) {
	t.Parallel()
	h := newKeptHost(t, jetStream(t), townPath(t), "")
	serves := run(t, h.config("first", keptServer))
	h.createPebble()
	for i, signal := range []os.Signal{os.Kill, freezeSignal, syscall.SIGTERM} {
		waits := h.standby(i, keptServer)
		serves.signal(signal)
		began := time.Now()
		waits.waitFor("ready took")
		t.Logf("%v: the standby serves after %v", signal, time.Since(began).Round(time.Millisecond))
		until(t, "the others to know it", func() bool { // what is sent before may be lost
			return strings.Count(h.others.text(), "a state server is back") == i+1
		})
		h.ai.say(fmt.Sprintf("6000 SET_FIELD 6000 setA(%d)", i+1))
		h.watch.heard(fmt.Sprintf("8000: SET_FIELD do_id=6000 setA(%d)", i+1))
		switch signal {
		case freezeSignal:
			serves.signal(thawSignal)
			serves.ends(1)
		case syscall.SIGTERM:
			serves.ends(0)
		}
		serves = waits
	}
}

// A state server that is told to end hands over to a standby, again and again, and no update
// that AIs send meanwhile is lost, or comes out of order.
func TestHandOver(t *testing.T) {
	t.Parallel()
	h := newKeptHost(t, jetStream(t), townPath(t), "")
	serves := run(t, h.config("first", keptServer))
	h.createPebble()
	stop := h.ai.countUp("setA", 6000, 1)
	for round := range 5 {
		waits := h.standby(round, keptServer)
		serves.signal(syscall.SIGTERM)
		waits.waitFor("ready took")
		serves.ends(0)
		serves = waits
	}
	heard := counting{speaker: h.watch, update: "8000: SET_FIELD do_id=6000 setA(%d)"}
	heard.until(stop())
	if heard.missing > 0 {
		t.Errorf("of %d updates %d are missing, or came out of order", heard.highest, heard.missing)
	}
}
