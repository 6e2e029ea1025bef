package inspect

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"natstron/bridge/wire"
)

// Verdict is why a client sees an object, or does not.
type Verdict struct {
	Client wire.Channel `json:"client,string"`
	Object wire.DoID    `json:"object"`
	Sees   bool         `json:"sees"`
	// Because are sentences, the decisive one first.
	Because []string `json:"because"`
	// What it was judged by; nil where nobody has it.
	Session *Session `json:"session,omitempty"`
	Held    *Held    `json:"held,omitempty"`
	Viewer  *Viewer  `json:"viewer,omitempty"`
}

// Why finds out why a client sees an object, or does not.
func Why(ctx context.Context, ask Asker, client wire.Channel, object wire.DoID) (*Verdict, error) {
	found, err := Ask(ctx, ask, Question{What: Object, Object: object})
	if err != nil {
		return nil, err
	}
	clients, err := Ask(ctx, ask, Question{What: Client, Client: client})
	if err != nil {
		return nil, err
	}
	v := &Verdict{Client: client, Object: object}
	if len(clients.Client) > 0 {
		v.Session = &clients.Client[0]
	}
	active := slices.DeleteFunc(slices.Clone(found.Object), func(h Held) bool { return !h.Active })
	q := Question{What: Viewers, Object: object, Client: client}
	if len(active) > 0 {
		v.Held = &active[0]
		q.Parent, q.Zone = v.Held.Parent, &v.Held.Zone
	}
	seen, err := Ask(ctx, ask, q)
	if err != nil {
		return nil, err
	}
	if seen.Viewers != nil && len(seen.Viewers.Rows) > 0 {
		v.Viewer = &seen.Viewers.Rows[0]
	}
	var parent []Held
	if v.Held != nil && v.Held.Parent != 0 {
		above, err := Ask(ctx, ask, Question{What: Object, Object: v.Held.Parent})
		if err != nil {
			return nil, err
		}
		parent = above.Object
	}
	v.judge(found, parent)
	v.doubt(len(clients.Client), len(active), found, clients)
	return v, nil
}

func (v *Verdict) say(format string, args ...any) {
	v.Because = append(v.Because, fmt.Sprintf(format, args...))
}

// judge finds the decisive reason.
func (v *Verdict) judge(found *Result, parent []Held) {
	r := Relation{}
	if v.Viewer != nil {
		r = v.Viewer.Relation
	}
	v.Sees = r.Sees || r.Owns
	switch {
	case v.Session == nil:
		v.say("No client agent has a client with the channel %d.", v.Client)
	case r.Sees:
		v.say("The client has been shown the object%s.", v.through())
		v.stale()
	case r.Owns:
		v.say("The client owns the object, so it has been shown it as its owner, wherever it is.")
	case v.Held == nil && len(found.Object) > 0:
		v.say("The object is not active: %s is responsible for it, and nobody has activated it.", found.Object[0].Role)
	case v.Held == nil:
		v.say("No state server and no database-state server has object %d.", v.Object)
	case v.Session.State != "established":
		v.say("The client is not logged in (its state is %s), so it cannot have interests.", v.Session.State)
	case v.Held.Parent == 0:
		v.say("The object is nowhere: it has no parent and no zone, so only its owner and its AI can see it.")
	case v.Viewer == nil || !v.Viewer.looks():
		v.noInterest()
	case v.Viewer.Opening != nil:
		v.opening(parent)
	default:
		v.say("The client has an interest in %v (%s), and was not shown the object: it entered without announcing itself there, or the client agent missed that.",
			v.at(), v.Viewer.interests())
	}
	if v.Session != nil && !v.Sees && (r.Declared || r.Uberdog) {
		v.say("It may send to the object all the same, which was declared to it.")
	}
	if v.Held != nil && v.Sees && !r.Owns {
		v.hidden()
	}
	if v.Session != nil && !v.Sees && r.Knew {
		v.say("It was shown the object before, and then told that it left.")
	}
}

func (v *Verdict) at() wire.Location { return wire.Location{Parent: v.Held.Parent, Zone: v.Held.Zone} }

// looks reports whether the client looks at the location.
func (v *Viewer) looks() bool { return len(v.Interests) > 0 || v.Rule }

// interests are the interests in the location, for people.
func (v *Viewer) interests() string {
	var texts []string
	for _, id := range v.Interests {
		texts = append(texts, fmt.Sprint(id))
	}
	text := "interest " + strings.Join(texts, ", ")
	switch {
	case v.Rule && len(texts) == 0:
		return "by the rule of its avatar's parent"
	case v.Rule:
		text += ", and by the rule of its avatar's parent"
	}
	return text
}

func (v *Verdict) through() string {
	if v.Held == nil || !v.Viewer.looks() {
		return ""
	}
	return fmt.Sprintf(", through its interest in %v (%s)", v.at(), v.Viewer.interests())
}

// stale finds a client that was shown what is not there any more.
func (v *Verdict) stale() {
	if v.Held == nil {
		v.say("But nobody has the object any more, and the client was not told.")
	}
}

func (v *Verdict) noInterest() {
	v.say("The client has no interest in %v, where the object is.", v.at())
	switch near := v.Viewer; {
	case near != nil && len(near.Near) > 0:
		for _, i := range near.Near {
			if i.Rule {
				v.say("The rule of its avatar's parent shows it %s.", i.zones())
				continue
			}
			v.say("Its interest %d is in the same parent, in %s.", i.ID, i.zones())
		}
	case len(v.Session.Open) == 0:
		v.say("It has no interests at all.")
	default:
		v.say("None of its %d interests is in parent %d.", len(v.Session.Open), v.Held.Parent)
	}
}

// zones are the interest's, for people.
func (i Interest) zones() string {
	var texts []string
	for _, z := range i.Zones {
		texts = append(texts, fmt.Sprint(z))
	}
	text := "zone " + strings.Join(texts, ", ")
	if i.Unlisted > 0 {
		text += fmt.Sprintf(" and %d more", i.Unlisted)
	}
	return text
}

// opening says what the interest waits for.
func (v *Verdict) opening(parent []Held) {
	o := v.Viewer.Opening
	switch {
	case !o.Counted:
		v.say("The client's interest in %v is still being opened: parent %d has not answered for %v.", v.at(), v.Held.Parent, o.For.Round(1e6))
		if len(parent) == 0 {
			v.say("Nobody has object %d, so nobody can answer.", v.Held.Parent)
		}
	default:
		v.say("The client's interest in %v is still being opened: %d of its %d objects have answered in %v.", v.at(), o.Answered, o.Total, o.For.Round(1e6))
	}
	if o.Late {
		v.say("Its time was up: the client was told that the interest is open, and is shown objects as they answer.")
	}
}

// hidden names the fields that the client does not see.
func (v *Verdict) hidden() {
	var names []string
	for _, f := range v.Held.Fields {
		if f.Hidden || f.Owner {
			names = append(names, f.Name)
		}
	}
	if len(names) > 0 {
		v.say("It is not told of these fields, which are not broadcast: %s.", strings.Join(names, ", "))
	}
}

// doubt says what is odd about the answers.
func (v *Verdict) doubt(clients, active int, all ...*Result) {
	if clients > 1 {
		v.say("%d client agents have a client with this channel: their ranges overlap.", clients)
	}
	if active > 1 {
		v.say("%d state servers have this object.", active)
	}
	told := map[string]bool{}
	for _, r := range all {
		for _, p := range r.Busy {
			if !told[p.Origin] {
				v.say("%s was too busy to answer.", p.Title())
				told[p.Origin] = true
			}
		}
		for _, p := range r.Silent {
			if !told[p.Origin] {
				v.say("%s did not answer.", p.Name)
				told[p.Origin] = true
			}
		}
	}
}
