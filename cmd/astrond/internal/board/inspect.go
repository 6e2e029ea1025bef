package board

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/status"
	"natstron/roles/clientagent"
	"natstron/roles/dbss"
	"natstron/roles/inspect"
	"natstron/roles/stateserver"
)

// Ask asks every process of the cluster, this one included.
func (b *Board) Ask(ctx context.Context, request []byte, take func(answer []byte) bool) error {
	if a := b.Answer(request); a != nil && !take(a) {
		return nil
	}
	if node := b.view().Node; node != nil {
		node.Ask(ctx, inspect.Subject, request, take)
	}
	return nil
}

// Answer answers an [inspect.Question]; nil if it makes no sense.
func (b *Board) Answer(request []byte) []byte {
	var q inspect.Question
	if json.Unmarshal(request, &q) != nil {
		return nil
	}
	a := b.answer(q)
	text, err := json.Marshal(a)
	if err != nil || len(text) > wire.MaxLength {
		text, err = json.Marshal(inspect.Answer{From: a.From, Peers: a.Peers, Busy: true})
	}
	if err != nil {
		return nil // it is made of texts and numbers
	}
	return text
}

func (b *Board) answer(q inspect.Question) *inspect.Answer {
	v := b.view()
	d := b.Config.Daemon
	host, _ := os.Hostname() // only a name to tell processes apart
	a := &inspect.Answer{From: inspect.Process{Name: d.Name, Host: host, PID: os.Getpid(), URL: d.URL}}
	if v.Node == nil {
		a.From.Origin = "none"
		return a
	}
	a.From.Origin = v.Node.Origin()
	for _, peer := range v.Node.Peers() {
		a.Peers = append(a.Peers, inspect.Peer{Name: peer.Name, Origin: peer.Origin, Heard: peer.Heard})
	}
	if q.What == inspect.Processes {
		a.Summary = b.summary(v, q.History)
		return a
	}
	l := responder{v, q, a}
	if q.What == inspect.Object {
		l.object() // it is found at once
		return a
	}
	a.Busy = !b.budget.spend(l.answer)
	return a
}

// summary is the process in short.
func (b *Board) summary(v view, history bool) *inspect.Summary {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout/2)
	defer cancel()
	problems := v.problems(ctx)
	now := time.Now()
	s := &inspect.Summary{
		Process: b.process(), Time: now, NotReady: v.notReady(problems), Connected: v.Node.Stats().Connected,
		Roles: []status.Role{}, Point: b.latest(now),
	}
	s.Ready, s.Memory = len(s.NotReady) == 0, s.Resident
	for i, part := range v.parts {
		s.Roles = append(s.Roles, roleStatus(part, problems[i]))
		if agent, ok := part.role.(*clientagent.Role); ok && part.state == status.StateRunning {
			s.Established += agent.Stats().Established
		}
	}
	for _, c := range v.Node.Claims() {
		s.Claims = append(s.Claims, inspect.Claim{Service: string(c.Service), Lo: c.Lo, Hi: c.Hi})
	}
	for _, n := range b.Log.Warnings.Counts() {
		s.Warnings += n
	}
	if history {
		s.History = b.history.all()
	}
	return s
}

// responder answers one question.
type responder struct {
	view view
	q    inspect.Question
	to   *inspect.Answer
}

func (l responder) answer() {
	switch l.q.What {
	case inspect.Clients:
		l.to.Clients = &inspect.Page[inspect.Row]{Rows: []inspect.Row{}}
		l.agents(func(a *clientagent.Role) { l.to.Clients.Merge(a.List(l.q), l.q.Rows()) })
	case inspect.Client:
		l.agents(func(a *clientagent.Role) { l.to.Client = append(l.to.Client, a.Inspect(l.q.Client)...) })
	case inspect.Viewers:
		l.to.Viewers = &inspect.Page[inspect.Viewer]{Rows: []inspect.Viewer{}}
		l.agents(func(a *clientagent.Role) { l.to.Viewers.Merge(a.Viewers(l.q), l.q.Rows()) })
		if l.q.Client == 0 {
			l.hearers()
		}
	case inspect.Parents:
		l.parents()
	case inspect.Zones:
		l.to.Counts = &inspect.Page[inspect.Count]{Rows: []inspect.Count{}}
		l.spaces(func(s *stateserver.Space) { l.to.Counts.Merge(s.Zones(l.q), l.q.Rows()) })
	case inspect.Objects:
		l.objects()
	}
}

// agents does something with each client agent that runs.
func (l responder) agents(do func(*clientagent.Role)) {
	for _, p := range l.view.parts {
		if a, ok := p.role.(*clientagent.Role); ok && p.state == status.StateRunning {
			do(a)
		}
	}
}

// spaces does something with the space of each role that has objects.
func (l responder) spaces(do func(*stateserver.Space)) {
	for _, p := range l.view.parts {
		if r, ok := p.role.(interface{ Space() *stateserver.Space }); ok && p.state == status.StateRunning {
			do(r.Space())
		}
	}
}

// maxCounted is how many parents are counted.
const maxCounted = 1_000_000

// parents are the objects that have children here.
func (l responder) parents() {
	children := map[wire.DoID]int{}
	roots := 0
	l.view.Node.Visit(func(_ bridge.Turn, p *bridge.Participant) {
		switch v := stateserver.Visit(p); {
		case v.Children > 0 && len(children) < maxCounted:
			children[v.Parent] += v.Children
		case v.Object != nil && v.Object.Location().Parent == 0:
			roots++
		}
	})
	if roots > 0 {
		children[0] = roots // those that are nowhere
	}
	c := inspect.Collector[inspect.Count]{From: l.q.From, Rows: l.q.Rows()}
	for parent, n := range children {
		c.Add(inspect.Count{ID: uint32(parent), Objects: n})
	}
	l.to.Counts = c.Page()
}

// objects are those at a location, or those whose class or doId have a text.
func (l responder) objects() {
	c := inspect.Collector[inspect.Thing]{From: l.q.From, Rows: l.q.Rows()}
	defer func() { l.to.Objects = c.Page() }()
	find, at := strings.ToLower(l.q.Find), l.q.Location()
	if l.q.Zone != nil && at.Parent != 0 {
		l.spaces(func(s *stateserver.Space) { s.At(at, c.Add) })
		return
	}
	l.view.Node.Visit(func(_ bridge.Turn, p *bridge.Participant) {
		o := stateserver.Visit(p).Object
		if o == nil || l.q.Zone != nil && o.Location().Parent != 0 {
			return
		}
		if t := stateserver.ThingOf(o); find == "" || t.Has(find) {
			c.Add(t)
		}
	})
}

// object is one object, as each role says that has it.
func (l responder) object() {
	for _, p := range l.view.parts {
		r, ok := p.role.(interface{ Space() *stateserver.Space })
		if !ok || p.state != status.StateRunning {
			continue
		}
		if held, ok := r.Space().Inspect(l.q.Object); ok {
			l.to.Object = append(l.to.Object, held)
		} else if d, ok := r.(*dbss.Role); ok && d.Has(l.q.Object) {
			l.to.Object = append(l.to.Object, inspect.Held{Thing: inspect.Thing{DoID: l.q.Object}, Role: p.role.Name()})
		}
	}
}

// maxHearers is how many participants an answer names.
const maxHearers = 100

// hearers are participants other than clients that receive what the object says.
func (l responder) hearers() {
	channels := map[string]wire.Channel{"owner": l.q.Owner, "AI": l.q.AI}
	if l.q.Parent != 0 {
		channels["location"] = l.q.Location().Channel()
	}
	l.view.Node.Visit(func(t bridge.Turn, p *bridge.Participant) {
		if len(l.to.Hearers) == maxHearers || p.Value != nil {
			return // a role's: an object, a client
		}
		var hears []string
		for _, name := range []string{"location", "AI", "owner"} {
			if c := channels[name]; c != 0 && t.Hears(p, c) {
				hears = append(hears, name)
			}
		}
		if len(hears) > 0 {
			info := t.Info(p)
			l.to.Hearers = append(l.to.Hearers, inspect.Hearer{Name: info.Name, Address: info.Address, Hears: hears})
		}
	})
}
