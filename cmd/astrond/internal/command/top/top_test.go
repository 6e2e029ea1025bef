package top

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/internal/status"
)

// at is a snapshot of a busy process, so many seconds after its start.
func at(seconds int, sent, cpu float64) *status.Snapshot {
	began := time.Unix(1_000_000, 0)
	now := began.Add(time.Duration(seconds) * time.Second)
	one := func(v float64, labels ...string) []status.Sample {
		s := status.Sample{Value: v, Labels: map[string]string{}}
		for i := 0; i < len(labels); i += 2 {
			s.Labels[labels[i]] = labels[i+1]
		}
		return []status.Sample{s}
	}
	interest := one(4, "role", "clientagent[:7198]")
	interest[0].Sum = 0.01
	return &status.Snapshot{
		Time: now,
		Process: status.Process{
			Name: "Toon Valley", Host: "host", PID: 7, Version: "1.0", Started: began,
			Resident: 50 << 20, CPU: cpu, DCHash: "0x12345678",
		},
		NotReady: []string{"database[4003]: its storage does not answer"},
		Roles: []status.Role{
			{Name: "clientagent[:7198]", Type: "clientagent", State: status.StateRunning},
			{Name: "database[4003]", Type: "database", State: status.StateNotReady, Problem: "its storage does not answer"},
		},
		Backbone: status.Backbone{
			Peers:        []status.Peer{{Name: "other", Origin: "XYZ", Heard: now.Add(-time.Second), Participants: 3}},
			DCMismatches: []string{"the process hall has other DC files"},
			Clashes:      []string{"control channel 5 clashes"},
			Unheard:      []status.Unheard{{Message: "DBSERVER_OBJECT_GET_ALL", Kind: "control", Count: 7, Last: now.Add(-time.Second), To: 4003, From: 5000, Severe: true}},
		},
		Connections: []status.Participant{
			{Name: "AI \x1b[2J", Address: "192.0.2.1:5", Channels: 12, Ranges: 1, Queued: 3 << 20},
		},
		Warnings: []status.Warning{{Time: now.Add(-90 * time.Second), Level: "warning", Text: "something long is wrong"}},
		Metrics: map[string][]status.Sample{
			"astrond_clientagent_clients":          one(40, "role", "clientagent[:7198]"),
			"astrond_clientagent_interest_seconds": interest,
			"astrond_stateserver_objects":          append(one(12_000, "dclass", "Toon", "role", "stateserver[1]"), one(0, "dclass", "Gone", "role", "stateserver[1]")...),
			"astrond_datagrams_sent_total":         one(sent),
		},
	}
}

func TestTopView(t *testing.T) {
	got := topView(at(62, 50_000, 2.5), at(60, 10_000, 2), 40)
	want := `Toon Valley: NOT READY   host, process 7, up 1 min, astrond 1.0
  database[4003]: its storage does not answer
DC hash 0x12345678
ERROR: the process hall has other DC files
ERROR: control channel 5 clashes

clients 40    objects 12.0k    sent 20.0k/s    NATS out 0/s   processor 25 %
logged in 0   participants 0   delivered 0/s   NATS in 0/s    memory 50.0 MiB

ROLE                 STATE       
clientagent[:7198]   running     clients 40, in 0/s, out 0/s, queued 0 B, interest 2.5ms, ejected 0
database[4003]       not ready   requests 0/s, each -, waiting 0  its storage does not answer

WARNINGS
1 min ago  warning: something long is w…

NOBODY RECEIVED           KIND      TIMES   LAST TO   FROM   WHEN
DBSERVER_OBJECT_GET_ALL   control   7       4003      5000   1 s ago

OTHER PROCESS   PARTICIPANTS   HEARD     ORIGIN
other           3              1 s ago   XYZ

CLASS   OBJECTS   WHERE
Toon    12.0k     stateserver[1]

CONNECTED    ADDRESS       CHANNELS   RANGES   QUEUED
AI \x1b[2J   192.0.2.1:5   12         1        3.0 MiB
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if first := topView(at(62, 1, 1), nil, 0); !strings.Contains(first, "sent …") || !strings.Contains(first, "processor …") {
		t.Errorf("the first look makes up rates:\n%s", first)
	}
}

// What is drawn fits the window, and covers what was there.
func TestScreen(t *testing.T) {
	got := screen("abcdef\nb\nc\nd\n", 3, 3)
	if want := "abc\x1b[K\r\nb\x1b[K\x1b[J"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0", 7: "7", 0.25: "0.2", 9.96: "10.0", 123.4: "123", 9_999: "9999", 10_000: "10.0k", 99_940: "99.9k",
		123_456: "123k", 9_999_000: "9999k", 10_000_000: "10.0M", 2.5e10: "25.0G",
	} {
		if got := cmdline.Count(n); got != want {
			t.Errorf("count(%v) is %q, want %q", n, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min",
		3 * time.Hour: "3 h 0 min", 49*time.Hour + time.Minute: "2 d 1 h",
	} {
		if got := cmdline.Span(d); got != want {
			t.Errorf("span(%v) is %q, want %q", d, got, want)
		}
	}
}
