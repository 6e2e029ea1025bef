package e2e

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"natstron/bridge/wire"
)

// How those sequences are made.

// messages are what a sequence is made of, each with how often it comes. Those of "ai" are
// sent by one of two participants; a line that begins with / is for its message director.
// Those of "client" are sent by one of three clients. In < > stand the names of parts.
var messages = []struct {
	weight   int
	by, line string
}{
	// To the state server and its objects.
	{30, "ai", "402000 CREATE_OBJECT_WITH_REQUIRED <duck> <place> dclass=Duck <required>"},
	{15, "ai", "402000 CREATE_OBJECT_WITH_REQUIRED_OTHER <duck> <place> dclass=Duck <required> <other>"},
	{20, "ai", "<at> DELETE_RAM <do>"},
	{20, "ai", "<at> DELETE_CHILDREN <do>"},
	{20, "ai", "402000 DELETE_AI_OBJECTS <channel>"},
	{60, "ai", "<at> SET_FIELD <do> <value>"},
	{20, "ai", "<at> SET_FIELDS <do> <value> <value>"},
	{60, "ai", "<do> SET_LOCATION <place>"},
	{20, "ai", "<at> SET_AI <ai>"},
	{30, "ai", "<do> SET_OWNER <owner>"},
	{20, "ai", "<at> GET_ALL <n> <do>"},
	{10, "ai", "<at> GET_LOCATION <n>"},
	{10, "ai", "<at> GET_AI <n>"},
	{10, "ai", "<at> GET_FIELD <n> <do> <field>"},
	{10, "ai", "<at> GET_FIELDS <n> <do> <field> <field>"},
	{7, "ai", "<root> GET_ACTIVE_ZONES <n>"},
	{7, "ai", "<root> GET_ZONE_OBJECTS <n> <root>:<zone>"},
	{7, "ai", "<root> GET_ZONES_OBJECTS <n> <root> <zones>"},

	// To clients' sessions.
	{20, "ai", "{<new>} CLIENTAGENT_ADD_INTEREST <interest> <parent>:<zone>"},
	{20, "ai", "{<new>} CLIENTAGENT_ADD_INTEREST_MULTIPLE <interest> <parent> <zones>"},
	{12, "ai", "{<open>} CLIENTAGENT_REMOVE_INTEREST <interest>"},
	{1, "ai", "<client> CLIENTAGENT_REMOVE_INTEREST 3"},
	{5, "ai", "<client> CLIENTAGENT_SET_STATE <state>"},
	{6, "ai", "<client> CLIENTAGENT_SET_CLIENT_ID <id>"},
	{6, "ai", "<client> CLIENTAGENT_SEND_DATAGRAM {CLIENT_OBJECT_LEAVING 5}"},
	{3, "ai", `<client> CLIENTAGENT_EJECT 155 "go"`},
	{3, "ai", "<client> CLIENTAGENT_DROP"},
	{6, "ai", "<client> CLIENTAGENT_DECLARE_OBJECT <do> Duck"},
	{6, "ai", "<client> CLIENTAGENT_UNDECLARE_OBJECT <do>"},
	{12, "ai", "<client> CLIENTAGENT_ADD_SESSION_OBJECT <do>"},
	{6, "ai", "<client> CLIENTAGENT_REMOVE_SESSION_OBJECT <do>"},
	{6, "ai", "<client> CLIENTAGENT_SET_FIELDS_SENDABLE <do> <field> <field>"},
	{6, "ai", "<client> CLIENTAGENT_OPEN_CHANNEL <parent>:<zone>"},
	{3, "ai", "<client> CLIENTAGENT_OPEN_CHANNEL <channel>"},
	{6, "ai", "<client> CLIENTAGENT_CLOSE_CHANNEL <parent>:<zone>"},
	{3, "ai", "<client> CLIENTAGENT_CLOSE_CHANNEL <channel>"},
	{6, "ai", "<client> CLIENTAGENT_ADD_POST_REMOVE {<do> SET_FIELD <do> <value>}"},
	{6, "ai", "<client> CLIENTAGENT_CLEAR_POST_REMOVES"},
	{6, "ai", "<client> SET_FIELD <do> <value>"},
	{3, "ai", "<client> DELETE_RAM <do>"},
	{3, "ai", "<client> DELETE_CHILDREN <do>"},
	{2, "ai", "<client> ENTER_LOCATION_WITH_REQUIRED <do> <place> dclass=Duck +0000 +00 +0000 +0000"},

	// Of clients.
	{50, "client", "CLIENT_ADD_INTEREST <n> <interest> <parent>:<zone>"},
	{50, "client", "CLIENT_ADD_INTEREST_MULTIPLE <n> <interest> <parent> <zones>"},
	{45, "client", "CLIENT_REMOVE_INTEREST <n> <mine>"},
	{2, "client", "CLIENT_REMOVE_INTEREST <n> 3"},
	{60, "client", "CLIENT_OBJECT_LOCATION <own> <place>"},
	{3, "client", "CLIENT_OBJECT_LOCATION <do> <place>"},
	{90, "client", "CLIENT_OBJECT_SET_FIELD <known> <clientvalue>"},
	{3, "client", "CLIENT_OBJECT_SET_FIELD <do> <value>"},
	{3, "client", "CLIENT_OBJECT_SET_FIELD <stored> <storedvalue>"},
	{15, "client", `CLIENT_OBJECT_SET_FIELD 4665 enter("x")`},
	{15, "client", "CLIENT_HEARTBEAT"},
	{3, "client", "CLIENT_DISCONNECT"},
	{2, "client", `CLIENT_HELLO 1 "compared"`},
	{2, "client", "/hang-up"},

	// To the database.
	{20, "ai", "403000 DBSERVER_CREATE_OBJECT <n> dclass=Book <newbook>"},
	{2, "ai", "403000 DBSERVER_CREATE_OBJECT <n> dclass=Book<forget>"},
	{1, "ai", "403000 DBSERVER_CREATE_OBJECT <n> dclass=Gate<forget>"},
	{5, "ai", "403000 DBSERVER_OBJECT_GET_FIELD <n> <stored> <storedfield>"},
	{5, "ai", "403000 DBSERVER_OBJECT_GET_FIELDS <n> <stored> <storedfield> <storedfield>"},
	{10, "ai", "403000 DBSERVER_OBJECT_GET_ALL <n> <stored>"},
	{10, "ai", "403000 DBSERVER_OBJECT_SET_FIELD <stored> <storedvalue>"},
	{5, "ai", "403000 DBSERVER_OBJECT_SET_FIELDS <stored> <storedvalue> <storedvalue>"},
	{5, "ai", "403000 DBSERVER_OBJECT_SET_FIELD_IF_EQUALS <n> <stored> setMark(7) setMark(8)"},
	{5, "ai", "403000 DBSERVER_OBJECT_SET_FIELD_IF_EMPTY <n> <stored> <storedvalue>"},
	{5, "ai", "403000 DBSERVER_OBJECT_DELETE_FIELD <stored> <storedfield>"},
	{5, "ai", "403000 DBSERVER_OBJECT_DELETE_FIELDS <stored> <storedfield> <storedfield>"},
	{5, "ai", "403000 DBSERVER_OBJECT_DELETE <stored>"},

	// To objects of the database-state server.
	{10, "ai", "<stored> ACTIVATE_WITH_DEFAULTS <stored> <place>"},
	{5, "ai", "<stored> ACTIVATE_WITH_DEFAULTS_OTHER <stored> <place> dclass=Book <bookvalue>"},
	{5, "ai", "<stored> GET_ACTIVATED <n> <stored>"},
	{5, "ai", "<stored> DELETE_RAM <stored>"},
	{5, "ai", "<stored> DELETE_DISK <stored>"},
	{5, "ai", "<stored> SET_FIELD <stored> <bookvalue>"},
	{5, "ai", "<stored> SET_FIELDS <stored> <bookvalue> <bookvalue>"},
	{3, "ai", "<stored> GET_FIELD <n> <stored> <bookfield>"},
	{3, "ai", "<stored> GET_FIELDS <n> <stored> <bookfield> <bookfield>"},
	{3, "ai", "<stored> GET_ALL <n> <stored>"},
	{5, "ai", "<stored> SET_LOCATION <place>"},
	{5, "ai", "<stored> SET_OWNER <client>"},

	// To message directors.
	{20, "ai", "/subscribe <do>"},
	{10, "ai", "/subscribe <parent>:<zone>"},
	{7, "ai", "/subscribe 1:<root>"},
	{5, "ai", "/unsubscribe <do>"},
	{5, "ai", "/subscribe-range 10011 <do>"},
	{5, "ai", "/unsubscribe-range 10011 <do>"},
	{7, "ai", "/leave-behind <do> DELETE_RAM <do>"},
	{7, "ai", "/leave-behind 402000 DELETE_AI_OBJECTS 5011"},
	{5, "ai", "/clear"},
	{3, "ai", "/hang-up"},
}

// step is one message of a sequence, or several in one write, or the end of a connection.
type step struct {
	by   string       // a participant or a client
	as   wire.Channel // the sender of a participant's message
	line string
	tags []string // what is special about it
}

func (s *step) String() string {
	if s.as == 0 {
		return s.by + ": " + s.line
	}
	return fmt.Sprintf("%s as %d: %s", s.by, s.as, strings.ReplaceAll(s.line, "\n", "; "))
}

func (s *step) tagged(tag string) bool { return slices.Contains(s.tags, tag) }

// stores reports whether the database may have to do with a step.
func (s *step) stores() bool {
	return strings.Contains(s.line, "DBSERVER") || strings.Contains(s.line, "{db")
}

// creates reports whether the database answers a step with a new object.
func (s *step) creates() bool { return strings.Contains(s.line, "DBSERVER_CREATE") && !s.tagged("cut") }

// generator makes sequences that are the same for the same seed.
type generator struct {
	*rand.Rand
	context int
	stored  int                    // objects that the database was asked to create
	opened  []interest             // that may be open
	owned   map[string][]wire.DoID // what clients may own

	// Of the step that is being made.
	by     string
	do     wire.DoID
	number int // of the interest
	tags   []string
}

type interest struct {
	client string
	id     int
}

// sequence is a whole one: a world first, and then anything.
func (g *generator) sequence() (all []step) {
	g.owned = map[string][]wire.DoID{}
	add := func(line string, do wire.DoID) { all = append(all, g.ai(line, do)) }
	for do := wire.DoID(firstRoot); do <= lastRoot; do++ {
		add("402000 CREATE_OBJECT_WITH_REQUIRED <do> <place> dclass=Root setTitle(\"r\")", do)
		if g.one(2) {
			add("<do> SET_AI <ai>", do)
		}
	}
	for range 1 + g.IntN(3) {
		add("402000 CREATE_OBJECT_WITH_REQUIRED <duck> <place> dclass=Duck <required>", 0)
	}
	switch g.IntN(4) {
	case 0:
		add("<do> SET_OWNER <owner>", firstDuck)
	case 1: // a client with an object of its own, which it sees
		add("402000 CREATE_OBJECT_WITH_REQUIRED <do> 10001:10 dclass=Duck <required>", firstDuck)
		add("<do> SET_OWNER {c1}", firstDuck)
		g.owned["{c1}"] = append(g.owned["{c1}"], firstDuck)
		g.begin("c1", 0)
		all = append(all, step{by: "c1", line: g.fill("CLIENT_ADD_INTEREST <n> <interest> 10001:10")})
	}
	if g.one(3) {
		add("403000 DBSERVER_CREATE_OBJECT <n> dclass=Book <newbook>", 0)
	}
	for range 5 + g.IntN(20) {
		all = append(all, g.step())
	}
	return all
}

// step is any step.
func (g *generator) step() step {
	if g.one(25) {
		return g.burst()
	}
	total := 0
	for _, m := range messages {
		total += m.weight
	}
	for {
		n := g.IntN(total)
		i := 0
		for ; n >= messages[i].weight; i++ {
			n -= messages[i].weight
		}
		m := messages[i]
		var s step
		if m.by == "ai" {
			s = g.ai(m.line, 0)
		} else {
			g.begin(pick(g, "c1", "c1", "c2", "c3"), 0)
			s.line = g.fill(m.line)
			s.by, s.tags = g.by, g.tags
		}
		if s.line != "" {
			return g.spoil(s)
		}
	}
}

// begin begins a step.
func (g *generator) begin(by string, do wire.DoID) { g.by, g.do, g.number, g.tags = by, do, 0, nil }

// ai is a message of a participant, now and then with an object as its sender. Its line is
// empty if there is nothing that it could be about.
func (g *generator) ai(line string, do wire.DoID) step {
	n := g.IntN(2)
	by := [...]string{"ai", "ai2"}[n]
	g.begin(by, do)
	s := step{by: by, as: aiAt + wire.Channel(n), line: g.fill(line)}
	s.tags = g.tags
	if g.one(12) && !strings.HasPrefix(line, "/") && !s.creates() { // else its answer would not come
		s.as = wire.Channel(g.object())
	}
	return s
}

// burst is several messages in one write. The database is not in it: it answers when it has
// done what it was asked, and that may be later here.
func (g *generator) burst() step {
	s := step{by: "ai", as: aiAt}
	var lines []string
	for len(lines) < 2 || g.one(2) {
		n := g.IntN(len(messages))
		if m := messages[n]; m.by == "ai" && !strings.HasPrefix(m.line, "/") {
			one := g.ai(m.line, 0)
			if one.line != "" && !one.stores() {
				lines, s.tags = append(lines, one.line), append(s.tags, one.tags...)
			}
		}
	}
	s.line = strings.Join(lines, "\n")
	if strings.Contains(s.line, "CLIENTAGENT_EJECT") || strings.Contains(s.line, "CLIENTAGENT_DROP") {
		s.tags = append(s.tags, "ends a client in a burst")
	}
	return s
}

// spoil cuts a few messages off, or adds a byte.
func (g *generator) spoil(s step) step {
	switch {
	case strings.HasPrefix(s.line, "/"):
	case g.one(150):
		s.line, s.tags = s.line+fmt.Sprint(" -", 1+g.IntN(2)), append(s.tags, "cut")
	case g.one(200):
		s.line, s.tags = s.line+" +00", append(s.tags, "excess")
	}
	return s
}

var part = regexp.MustCompile(`<(\w+)>`)

// fill puts something for the parts of a line; it returns nothing if there is nothing.
func (g *generator) fill(line string) string {
	missing := false
	line = part.ReplaceAllStringFunc(line, func(name string) string {
		var text string
		if !missing {
			var ok bool
			text, ok = g.part(name[1 : len(name)-1])
			missing = !ok
		}
		return text
	})
	if missing {
		return ""
	}
	return line
}

func pick[T any](g *generator, all ...T) T { return all[g.IntN(len(all))] }

func (g *generator) one(of int) bool { return g.IntN(of) == 0 }
