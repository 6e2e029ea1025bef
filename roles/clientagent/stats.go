package clientagent

import (
	"maps"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/latency"
	"natstron/internal/sizes"
	"natstron/internal/stream"
)

// Stats are a client agent's counters since its start, and, from Clients on, its
// present state.
type Stats struct {
	Connections uint64 // accepted, handshake included
	Refused     uint64 // of these, refused before they had a session, or because they speak another protocol
	Hellos      uint64 // good ones
	Logins      uint64 // times that a client became established
	Ejects      map[wire.EjectCode]uint64
	Dropped     uint64 // by CLIENTAGENT_DROP
	Lost        uint64 // ended by the client without CLIENT_DISCONNECT

	DatagramsIn, BytesIn   uint64 // from clients
	SizesIn                sizes.Counts
	DatagramsOut, BytesOut uint64 // to clients
	Received               uint64 // datagrams from the cluster, each counted once
	Malformed              uint64 // of these, refused by a session

	Interests       uint64           // opened or altered
	InterestTime    latency.Snapshot // of these, how long those took whose objects answered in time
	InterestTimeout uint64           // that the client was told of before all objects had answered
	LateEntries     uint64           // objects shown after that
	Shifts          uint64           // times that the rules of parents opened or closed zones
	RulesRefused    uint64           // rules of parents that make no sense

	Questions        uint64 // of the client class, timers and work included
	Unanswered       uint64 // of these, those that were not answered in time
	QuestionsRefused uint64 // of these, those that could not be asked

	Tokens      uint64 // given to clients that asked for one
	Waits       uint64 // times that a session lost its connection and waited for its client
	Resumed     uint64 // times that a client came back
	Expired     uint64 // sessions that waited and ended
	HandedOver  uint64 // sessions that another agent took over
	Checkpoints uint64 // times that what a session is was told to the other processes
	Recovered   uint64 // sessions of processes that died or lost the backbone, which went on here
	TakenOver   uint64 // sessions of other agents
	Void        uint64 // tickets that ended because too much was kept for the client

	Clients     int
	Established int
	Waiting     int // of the clients, those whose session waits
	Kept        int // bytes kept for clients that may come back
	// OpenQuestions are those of the client class that have not ended.
	OpenQuestions int
	Queued        int // bytes that wait for clients
	// DrainsUntil is when the clients that are left are ejected; zero, the agent
	// does not drain.
	DrainsUntil time.Time
	// FreeChannels is how many more clients there are channels for.
	FreeChannels uint64
}

// Stats may be called by any goroutine at any time.
func (r *Role) Stats() Stats {
	r.enter()
	s := r.stats
	s.Ejects = maps.Clone(r.stats.Ejects)
	s.Interests, s.InterestTimeout, s.LateEntries = r.views.Stats.Interests, r.views.Stats.Timeouts, r.views.Stats.LateEntries
	s.Shifts = r.views.Stats.Shifts
	if r.views.Rules != nil {
		s.RulesRefused += r.views.Rules.Refused
	}
	s.InterestTime = r.interestTime.Snapshot()
	asked := r.askers.Stats()
	s.Questions, s.Unanswered, s.QuestionsRefused, s.OpenQuestions = asked.Asked, asked.Unanswered, asked.Refused, asked.Open
	s.Clients = len(r.sessions)
	s.Waiting, s.Kept = r.resumes.waiting, r.resumes.memory.Used
	s.DrainsUntil = r.draining
	s.FreeChannels = r.o.Pool.left()
	all := make([]*stream.Stream, 0, len(r.sessions)) // a session may have another one when the turn has ended
	for session := range r.sessions {
		if session.state == StateEstablished {
			s.Established++
		}
		all = append(all, session.stream)
	}
	r.leave()
	for _, waiting := range all {
		s.Queued += waiting.Waiting()
	}
	return s
}
