package metrics

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge"
	"natstron/bridge/md"
	"natstron/bridge/wire"
	"natstron/internal/eventsender"
	"natstron/internal/latency"
	"natstron/roles/clientagent"
	"natstron/roles/database"
	"natstron/roles/dbss"
	"natstron/roles/eventlogger"
	"natstron/roles/gamerole"
	"natstron/roles/stateserver"
)

// full is a set with every metric.
func full() *Set {
	var times latency.Histogram
	times.Observe(2 * time.Millisecond)
	times.Observe(time.Minute)
	s := new(Set)
	s.Process(Process{Version: "1", Go: "go1", Ready: true, Logged: map[string]uint64{"error": 3}, Unlogged: map[string]uint64{"console": 1}})
	node := bridge.Stats{Sent: 5, Received: 7, Duplicates: 1, Routed: 11, Wanted: 3, Connected: true}
	node.Unheard = []bridge.Unheard{{Message: wire.DBServerCreateObject, Kind: "control", Count: 2}, {Kind: "other"}}
	node.Sizes.Add(100)
	node.Sizes.Add(70_000)
	s.Node(node)
	s.MessageDirector(md.Stats{Connections: 2})
	s.EventSender(eventsender.Stats{Dropped: 4})
	for _, role := range []string{"stateserver[1001]", "stateserver[1002]"} {
		s.StateServer(role, stateserver.RoleStats{FreeDoIDs: 5, Stats: stateserver.Stats{
			Classes:  map[string]stateserver.ClassStats{"Toon": {Objects: 3, Bytes: 40}, "Estate": {Objects: 1}},
			Messages: map[wire.MsgType]uint64{wire.StateServerObjectSetField: 9, 0: 1},
			Refused:  map[stateserver.Reason]uint64{stateserver.Truncated: 1},
		}})
	}
	s.ClientAgent("clientagent[0]", clientagent.Stats{
		Clients: 8, FreeChannels: 2, InterestTime: times.Snapshot(),
		Ejects: map[wire.EjectCode]uint64{wire.EjectNoHello: 2, 4711: 1, 4712: 1},
	})
	s.Database("database[4003]", database.Stats{
		Operations: map[wire.MsgType]map[database.Result]uint64{wire.DBServerCreateObject: {database.Done: 5}},
		Durations:  map[wire.MsgType]latency.Snapshot{wire.DBServerCreateObject: times.Snapshot()},
		Indexes:    map[string]bool{"Account.name": true, "Account.email": false},
		Queue:      3,
	})
	s.DBSS("dbss[4003]", dbss.Stats{
		Stats: stateserver.Stats{
			Classes:  map[string]stateserver.ClassStats{"Toon": {Objects: 6, Bytes: 7}},
			Messages: map[wire.MsgType]uint64{wire.DBSSObjectActivateWithDefaults: 2},
			Refused:  map[stateserver.Reason]uint64{stateserver.Excess: 1},
		},
		Loading: 1, Activation: times.Snapshot(), Failed: map[dbss.Failure]uint64{dbss.NoObject: 3},
	})
	s.Own("park[5000]", "park", gamerole.Stats{Received: 2})
	s.EventLogger("eventlogger[:7197]", eventlogger.Stats{Written: 6, KernelDropped: 1})
	return s
}

// names are those of the families in a scrape's answer that are ours or Ardos'.
func names(scrape string) []string {
	var all []string
	for line := range strings.Lines(scrape) {
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ = strings.Cut(name, " ")
			if !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_") && !strings.HasPrefix(name, "promhttp_") {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return all
}

func scrape(t *testing.T, gather func() *Set) string {
	t.Helper()
	rec := httptest.NewRecorder()
	Handler(gather, slog.New(slog.DiscardHandler)).ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	body, err := io.ReadAll(rec.Body)
	if err != nil || rec.Code != 200 {
		t.Fatalf("%d, %v: %s", rec.Code, err, body)
	}
	return string(body)
}

// What is exported is what docs/metrics.md has, which is written from the
// catalogue, and nothing else.
func TestAllIsDocumented(t *testing.T) {
	var want []string
	for _, section := range Catalogue() {
		for _, d := range section.Metrics {
			want = append(want, d.Name)
			if d.Alias != "" {
				want = append(want, d.Alias)
			}
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, names(scrape(t, full))); diff != "" {
		t.Errorf("(-documented +exported)\n%s", diff)
	}
}

func TestScrape(t *testing.T) {
	got := scrape(t, full)
	for _, want := range []string{
		`astrond_ready 1`,
		`astrond_datagrams_sent_total 5`,
		`astrond_datagrams_unheard_total{kind="control",message="DBSERVER_CREATE_OBJECT"} 2`,
		`astrond_datagrams_unheard_total{kind="other",message="other"} 0`,
		`md_observed_datagrams_total 11`,
		`md_handled_datagrams_total 3`,
		`md_datagrams_bytes_size_bucket{le="64"} 0`,
		`md_datagrams_bytes_size_bucket{le="256"} 1`,
		`md_datagrams_bytes_size_bucket{le="65536"} 1`,
		`md_datagrams_bytes_size_bucket{le="+Inf"} 2`,
		`astrond_datagram_bytes_sum 70100`,
		`md_participants_size 2`,
		`astrond_stateserver_objects{dclass="Toon",role="stateserver[1002]"} 3`,
		`ss_objects_size{dclass="Estate",role="stateserver[1001]"} 1`,
		`astrond_stateserver_messages_total{message="STATESERVER_OBJECT_SET_FIELD",role="stateserver[1001]"} 9`,
		`astrond_stateserver_messages_total{message="other",role="stateserver[1001]"} 1`,
		`astrond_clientagent_ejects_total{code="107",role="clientagent[0]"} 2`,
		`astrond_clientagent_ejects_total{code="game",role="clientagent[0]"} 2`,
		`astrond_clientagent_interest_seconds_bucket{role="clientagent[0]",le="0.001"} 0`,
		`astrond_clientagent_interest_seconds_bucket{role="clientagent[0]",le="0.003"} 1`,
		`astrond_clientagent_interest_seconds_bucket{role="clientagent[0]",le="30"} 1`,
		`astrond_clientagent_interest_seconds_bucket{role="clientagent[0]",le="+Inf"} 2`,
		`astrond_clientagent_interest_seconds_sum{role="clientagent[0]"} 60.002`,
		`ca_interests_time_seconds_count{role="clientagent[0]"} 2`,
		`astrond_database_requests_total{message="DBSERVER_CREATE_OBJECT",result="done",role="database[4003]"} 5`,
		`astrond_database_index_usable{index="Account.name",role="database[4003]"} 1`,
		`astrond_database_index_usable{index="Account.email",role="database[4003]"} 0`,
		`astrond_database_request_seconds_bucket{message="DBSERVER_CREATE_OBJECT",role="database[4003]",le="0.3"} 1`,
		`db_ops_time_bucket{message="DBSERVER_CREATE_OBJECT",role="database[4003]",le="300"} 1`,
		`dbss_objects_size{dclass="Toon",role="dbss[4003]"} 6`,
		`dbss_activate_time_bucket{role="dbss[4003]",le="3"} 1`,
		`astrond_dbss_failed_total{reason="no_object",role="dbss[4003]"} 3`,
		`astrond_eventlogger_lost_total{reason="kernel",role="eventlogger[:7197]"} 1`,
		`astrond_log_warnings_total{level="error"} 3`,
		`# TYPE go_goroutines gauge`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("the scrape lacks %s", want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}

// Names are what docs.md promises of them.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, section := range Catalogue() {
		for _, d := range section.Metrics {
			total := strings.HasSuffix(d.Name, "_total")
			switch {
			case seen[d.Name] || seen[d.Alias]:
				t.Errorf("%s is there twice", d.Name)
			case !strings.HasPrefix(d.Name, "astrond_"):
				t.Errorf("%s does not begin with astrond_", d.Name)
			case total != (d.Kind.String() == "counter"):
				t.Errorf("%s is a %s", d.Name, d.Kind)
			case d.Help == "" || !strings.HasSuffix(d.Help, "."):
				t.Errorf("%s: the help %q is no sentence", d.Name, d.Help)
			}
			for _, l := range d.Labels {
				if l == "channel" || l == "do_id" || l == "client" {
					t.Errorf("%s has the label %s, which has no bound", d.Name, l)
				}
			}
			seen[d.Name] = true
			if d.Alias != "" {
				seen[d.Alias] = true
			}
		}
	}
}

func TestByName(t *testing.T) {
	got := full().ByName()
	if s := got["astrond_stateserver_objects"]; len(s) != 4 || s[0].Labels["dclass"] != "Estate" || s[0].Value != 1 {
		t.Errorf("the objects are %v", s)
	}
	if s := got["astrond_clientagent_interest_seconds"]; len(s) != 1 || s[0].Value != 2 || s[0].Sum != 60.002 {
		t.Errorf("the interests are %v", s)
	}
}

func TestResources(t *testing.T) {
	resident, cpu := Resources()
	if resident == 0 || cpu == 0 {
		t.Skip("this system does not tell") // Linux, macOS and Windows do
	}
}

func BenchmarkScrape(b *testing.B) {
	h := Handler(full, slog.New(slog.DiscardHandler))
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/metrics", nil))
	}
}
