package status

import "time"

// Snapshot is a process at a moment. Its parts are taken one after the other, so
// sums over them may be off by what happened in between.
type Snapshot struct {
	Time    time.Time `json:"time"`
	Process Process   `json:"process"`

	// Ready says that the process can do all of its work; NotReady says why not.
	Ready    bool     `json:"ready"`
	NotReady []string `json:"not_ready,omitempty"`

	Roles    []Role   `json:"roles"`
	Backbone Backbone `json:"backbone"`

	// Connections are the participants of the message director port.
	Connections []Participant `json:"connections"`
	// Others are the participants within the process. Those of one name are one
	// entry: the objects of a class, say.
	Others []Participant `json:"others"`
	// Listed is when these lists were made: where there are very many participants,
	// that is not done for every snapshot.
	Listed time.Time `json:"listed,omitzero"`
	// Unlisted is how many participants are in neither list, for the lists have
	// their bounds.
	Unlisted int `json:"unlisted,omitempty"`

	// Metrics are all the numbers, by name.
	Metrics map[string][]Sample `json:"metrics"`
	// Warnings are the latest, the newest first.
	Warnings []Warning `json:"warnings"`
}

// Process is facts of the operating system's process.
type Process struct {
	Name       string    `json:"name,omitempty"` // daemon.name
	Host       string    `json:"host"`
	PID        int       `json:"pid"`
	Version    string    `json:"version"`
	Go         string    `json:"go"`
	Started    time.Time `json:"started"`
	DCHash     string    `json:"dc_hash,omitempty"` // of the DC files, as clients log in with it
	DCFiles    []string  `json:"dc_files,omitempty"`
	Goroutines int       `json:"goroutines"`
	Heap       uint64    `json:"heap_bytes"`     // objects in memory
	Resident   uint64    `json:"resident_bytes"` // 0 where the system does not tell
	CPU        float64   `json:"cpu_seconds"`    // since the start; 0 where the system does not tell
}

// States of a role.
const (
	StateStarting = "starting"
	StateRunning  = "running"
	StateNotReady = "not ready"
	StateStopped  = "stopped"
)

// Role is one of the process's roles.
type Role struct {
	Name      string   `json:"name"` // the label in logs and metrics
	Type      string   `json:"type"` // as in the configuration; "messagedirector" for its port
	State     string   `json:"state"`
	Problem   string   `json:"problem,omitempty"` // why it is not ready
	Addresses []string `json:"addresses,omitempty"`
}

// Backbone is the process's place among the others.
type Backbone struct {
	Connected bool   `json:"connected"`
	URL       string `json:"url,omitempty"`      // where others reach it; without passwords
	Subjects  string `json:"subjects,omitempty"` // of all datagrams
	Upstream  string `json:"upstream,omitempty"` // the classic message director above
	Peers     []Peer `json:"peers"`
	// Clashes are what this process and others cannot serve both, and DCMismatches which
	// others have other DC files.
	Clashes      []string `json:"clashes,omitempty"`
	DCMismatches []string `json:"dc_mismatches,omitempty"`
	// Unheard are the messages of this process that nobody received, the latest kinds
	// first, without those where it is common that nobody is there.
	Unheard []Unheard `json:"unheard,omitempty"`
}

// Unheard is messages of one type, to one kind of channel, that nobody received.
type Unheard struct {
	Message string    `json:"message"`
	Kind    string    `json:"kind"` // control, object, client, other
	Count   uint64    `json:"count"`
	Last    time.Time `json:"last"`        // about when
	To      uint64    `json:"to,string"`   // the last one's channel
	From    uint64    `json:"from,string"` // and its sender
	Severe  bool      `json:"severe"`      // a fault for sure
}

// Peer is another process of the cluster.
type Peer struct {
	Name         string    `json:"name"`
	Origin       string    `json:"origin"`
	Heard        time.Time `json:"heard"`
	Participants int       `json:"participants"`
	PostRemoves  int       `json:"post_removes"`
	Provable     bool      `json:"provable,omitempty"` // its death is known as soon as its connection to NATS ends

	Process string   `json:"process,omitempty"` // host:pid
	Version string   `json:"version,omitempty"`
	DCHash  string   `json:"dc_hash,omitempty"`
	Serves  []string `json:"serves,omitempty"`  // what it alone serves
	Waiting bool     `json:"waiting,omitempty"` // for another process to end: it serves nothing of it yet
}

// Participant is a participant of the process's node, or several of one name.
type Participant struct {
	Name        string `json:"name"`
	Count       int    `json:"count"`
	URL         string `json:"url,omitempty"`
	Address     string `json:"address,omitempty"`
	Dialect     string `json:"dialect,omitempty"` // where that is not Astron's protocol
	Channels    int    `json:"channels"`
	Ranges      int    `json:"ranges"`
	PostRemoves int    `json:"post_removes"`
	Queued      int    `json:"queued_bytes"`
}

// Warning is a line of the log at level warning or above.
type Warning struct {
	Time  time.Time `json:"time"`
	Level string    `json:"level"`
	Text  string    `json:"text"`
}
