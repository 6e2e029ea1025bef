package inspect

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Asker asks all processes of a cluster, and hands each answer to take until that says no,
// or until the context is done.
type Asker func(ctx context.Context, request []byte, take func(answer []byte) bool) error

// Patience is how long the processes have to answer.
const Patience = time.Second

// Result is what all processes say.
type Result struct {
	Time time.Time `json:"time"`
	// Answered are the processes that did, and Silent the nodes that they know and that
	// did not: older processes, and tools, for a moment.
	Answered []Process `json:"answered"`
	Silent   []Peer    `json:"silent,omitempty"`
	Busy     []Process `json:"busy,omitempty"`

	Processes []Summary     `json:"processes,omitempty"` // by name; From says where each is
	From      []Process     `json:"from,omitempty"`      // of Processes
	Troubles  []string      `json:"troubles,omitempty"`  // of the cluster as a whole, in sentences
	Clients   *Page[Row]    `json:"clients,omitempty"`
	Client    []Session     `json:"client,omitempty"`
	Counts    *Page[Count]  `json:"counts,omitempty"`
	Objects   *Page[Thing]  `json:"objects,omitempty"`
	Object    []Held        `json:"object,omitempty"`
	Viewers   *Page[Viewer] `json:"viewers,omitempty"`
	Hearers   []Hearer      `json:"hearers,omitempty"`
}

// Title names a process for people.
func (p Process) Title() string { return cmp.Or(p.Name, fmt.Sprintf("%s:%d", p.Host, p.PID)) }

// compare puts processes in the order in which people find them.
func (p Process) compare(q Process) int {
	return cmp.Or(strings.Compare(p.Name, q.Name), strings.Compare(p.Host, q.Host), cmp.Compare(p.PID, q.PID), strings.Compare(p.Origin, q.Origin))
}

// Ask asks every process. It returns as soon as all that any of them knows have answered,
// and at the latest after [Patience]. That somebody did not answer is no error.
func Ask(ctx context.Context, ask Asker, q Question) (*Result, error) {
	request, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	heard, known := map[string]Answer{}, map[string]Peer{}
	err = ask(ctx, request, func(text []byte) bool {
		var a Answer
		if json.Unmarshal(text, &a) != nil || a.From.Origin == "" {
			return true // of another version, perhaps
		}
		heard[a.From.Origin] = a
		for _, p := range a.Peers {
			known[p.Origin] = p
		}
		for origin := range known {
			if _, ok := heard[origin]; !ok {
				return true
			}
		}
		return false
	})
	if err != nil {
		return nil, err
	}
	r := &Result{Time: time.Now(), Answered: []Process{}}
	for _, a := range slices.SortedFunc(maps.Values(heard), func(a, b Answer) int { return a.From.compare(b.From) }) {
		r.add(a)
	}
	for origin, p := range known {
		if _, ok := heard[origin]; !ok {
			r.Silent = append(r.Silent, p)
		}
	}
	r.order(q.Rows())
	r.Troubles = r.troubles()
	return r, nil
}

// add adds what a process says. They come in their order.
func (r *Result) add(a Answer) {
	r.Answered = append(r.Answered, a.From)
	if a.Busy {
		r.Busy = append(r.Busy, a.From)
	}
	if a.Summary != nil {
		r.Processes = append(r.Processes, *a.Summary)
		r.From = append(r.From, a.From)
	}
	at := a.From.Title()
	merge(&r.Clients, a.Clients, func(row *Row) { row.Process = at })
	merge(&r.Counts, a.Counts, func(*Count) {})
	merge(&r.Objects, a.Objects, func(row *Thing) { row.Process = at })
	merge(&r.Viewers, a.Viewers, func(row *Viewer) { row.Process = at })
	for _, s := range a.Client {
		s.Process = at
		r.Client = append(r.Client, s)
	}
	for _, o := range a.Object {
		o.Process = at
		r.Object = append(r.Object, o)
	}
	for _, h := range a.Hearers {
		h.Process = at
		r.Hearers = append(r.Hearers, h)
	}
}

// order puts what the processes say in an order that does not depend on who answered first.
func (r *Result) order(rows int) {
	slices.SortFunc(r.Silent, func(a, b Peer) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Origin, b.Origin))
	})
	slices.SortFunc(r.Client, func(a, b Session) int { return strings.Compare(a.Process+a.Agent, b.Process+b.Agent) })
	slices.SortFunc(r.Object, func(a, b Held) int { return strings.Compare(a.Process+a.Role, b.Process+b.Role) })
	slices.SortFunc(r.Hearers, func(a, b Hearer) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Process+a.Address, b.Process+b.Address))
	})
	if p := r.Counts; p != nil {
		p.cut(len(p.Rows))
		sum := p.Rows[:0]
		for _, c := range p.Rows {
			if n := len(sum); n > 0 && sum[n-1].ID == c.ID {
				sum[n-1].Objects += c.Objects
				p.Total--
				continue
			}
			sum = append(sum, c)
		}
		p.Rows = sum
		p.cut(rows)
	}
	cut(r.Clients, rows)
	cut(r.Objects, rows)
	cut(r.Viewers, rows)
}

func cut[T keyed](p *Page[T], rows int) {
	if p != nil {
		p.cut(rows)
	}
}

func merge[T keyed](to **Page[T], page *Page[T], name func(*T)) {
	if page == nil {
		return
	}
	if *to == nil {
		*to = &Page[T]{}
	}
	for i := range page.Rows {
		name(&page.Rows[i])
	}
	(*to).Rows = append((*to).Rows, page.Rows...)
	(*to).Total += page.Total
	(*to).More = (*to).More || page.More
}
