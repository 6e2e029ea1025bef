package dbss

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// lines are messages to an object, with a doId for %d, and what the database
// might say about it: with contexts from 1 to 9.
var lines = []string{
	`%[1]d ACTIVATE_WITH_DEFAULTS %[1]d 9002:1`,
	`%[1]d ACTIVATE_WITH_DEFAULTS %[1]d 9001:1`,
	`%[1]d ACTIVATE_WITH_DEFAULTS_OTHER %[1]d 9003:1 dclass=Citizen setHealth(1) setMood("glad") setXY(1, 2) setSecret(5)`,
	`%[1]d ACTIVATE_WITH_DEFAULTS_OTHER %[1]d 0:0 dclass=Dog setBark("wow")`,
	`%[1]d DBSERVER_GENERATE_OBJECT 7 9002:1 owner=9001 dclass=Dog setBark("wow")`,
	`%[1]d DBSERVER_GENERATE_OBJECT_OTHER 8 9003:1 owner=0 dclass=Citizen setName("Flo") setCoins(7) setHealth(3) setTired(0) setX(1) setY(2) setMood("glad") setSecret(5)`,
	`%[1]d GET_ACTIVATED 1 %[1]d`,
	`%[1]d DELETE_FIELD_DISK %[1]d setName`,
	`%[1]d DELETE_FIELDS_DISK %[1]d setXY setMood`,
	`%[1]d DELETE_DISK %[1]d`,
	`%[1]d,9001,2:9001,9003 DELETE_RAM %[1]d`,
	`%[1]d SET_FIELD %[1]d setName("Flo")`,
	`%[1]d SET_FIELD %[1]d setXY(3, 4)`,
	`%[1]d SET_FIELD %[1]d setBark("yip")`,
	`%[1]d SET_FIELDS %[1]d setName("Flo") setHealth(3) setXY(1, 2) setSecret(7)`,
	`%[1]d GET_FIELD 2 %[1]d setName`,
	`%[1]d GET_FIELDS 3 %[1]d setHealth setName setHat`,
	`%[1]d GET_ALL 4 %[1]d`,
	`%[1]d DELETE_FIELD_RAM %[1]d setMood`,
	`%[1]d SET_LOCATION 9002:2`,
	`%[1]d SET_LOCATION 0:0`,
	`%[1]d SET_AI 9001`,
	`%[1]d SET_OWNER 9002`,
	`%[1]d SET_AI %[1]d`,
	`%[1]d DELETE_AI_OBJECTS 9001`,
	`%[1]d GET_ZONES_OBJECTS 5 %[1]d 1 2`,
	`%[1]d DELETE_CHILDREN %[1]d`,
	`1:%[1]d GET_CHILDREN 6 %[1]d`,
	`%[1]d 12345`,
	`%[1]d DBSERVER_OBJECT_GET_ALL_RESP %[2]d 1 dclass=Citizen setName("Flo") setCoins(7) setMood("sad") setSecret(9)`,
	`%[1]d DBSERVER_OBJECT_GET_ALL_RESP %[2]d 1 dclass=Dog setBark("wow")`,
	`%[1]d DBSERVER_OBJECT_GET_ALL_RESP %[2]d 1 dclass=Dog setName("wow")`,
	`%[1]d DBSERVER_OBJECT_GET_ALL_RESP %[2]d 0`,
	`%[1]d DBSERVER_OBJECT_GET_FIELD_RESP %[2]d 1 setName("Flo")`,
	`%[1]d DBSERVER_OBJECT_GET_FIELD_RESP %[2]d 0`,
	`%[1]d DBSERVER_OBJECT_GET_FIELDS_RESP %[2]d 1 setName("Flo")`,
	`%[1]d DBSERVER_OBJECT_GET_FIELDS_RESP %[2]d 0`,
	`2:%[1]d DBSERVER_OBJECT_SET_FIELD %[1]d setName("Other")`,
	`2:%[1]d DBSERVER_OBJECT_SET_FIELDS %[1]d setName("Other") setXY(5, 6) setSecret(8)`,
	`2:%[1]d DBSERVER_OBJECT_DELETE_FIELD %[1]d setMood`,
	`2:%[1]d DBSERVER_OBJECT_DELETE_FIELDS %[1]d setName setXY`,
	`2:%[1]d DBSERVER_OBJECT_DELETE %[1]d`,
}

// TestAnything: whatever comes, in whatever order, sound, damaged or of mixed-up
// meaning: the books agree, no message goes round forever, and in the end nothing is
// left open.
func TestAnything(t *testing.T) {
	c := newCluster(t)
	rapid.Check(t, func(t *rapid.T) {
		c.context = 0
		r := c.server(Options{Ranges: []wire.DoIDRange{{Min: 9000, Max: 9099}}, MaxWaiting: 400, MaxQuestions: 5})
		a := c.Join("anyone", databaseChannel)
		defer func() {
			c.leave()
			c.Log.Take()
		}()
		for range rapid.IntRange(1, 60).Draw(t, "messages") {
			must(t, a.Send(anyMessage(t, c)))
			switch rapid.IntRange(0, 5).Draw(t, "then") {
			case 0, 1, 2:
				settled(t, c)
			case 3:
				c.clock = c.clock.Add(time.Duration(rapid.IntRange(1, 6).Draw(t, "seconds")) * time.Second)
				r.space.Tick(c.clock)
			}
			if rapid.IntRange(0, 20).Draw(t, "contexts") == 0 {
				c.context = 0 // they are used again
			}
		}
		settled(t, c)
		for range 3 {
			c.clock = c.clock.Add(defaultTimeout)
			r.space.Tick(c.clock)
			settled(t, c)
		}
		must(t, r.idle())
	})
}

func anyMessage(t *rapid.T, c *cluster) wire.Datagram {
	sender := rapid.SampledFrom([]wire.Channel{databaseChannel, databaseChannel, 8000, 9001, 9002}).Draw(t, "sender")
	line := fmt.Sprintf(rapid.SampledFrom(lines).Draw(t, "line")+"%[3]s",
		rapid.SampledFrom([]wire.DoID{9001, 9001, 9002, 9003}).Draw(t, "object"), rapid.IntRange(1, 9).Draw(t, "context"), "")
	d, err := msgtext.Parse(c.File, sender, line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	switch rapid.IntRange(0, 20).Draw(t, "damage") {
	case 0:
		d = d[:len(d)-rapid.IntRange(1, len(d)-1-8*d.RecipientCount()).Draw(t, "cut")]
	case 1:
		d = append(d, rapid.Byte().Draw(t, "excess"))
	case 2:
		d[rapid.IntRange(1, len(d)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
	}
	return d
}

// settled checks the books. Everything has been handled already: that anything ever
// ends is tested by this test ending.
func settled(t *rapid.T, c *cluster) {
	t.Helper()
	for _, r := range c.servers {
		must(t, r.space.Enter(r.consistent))
	}
}
