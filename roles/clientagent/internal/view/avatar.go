package view

import (
	"slices"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/parenting"
)

// avatar is the object of [Views.Avatar]'s class that the client came to own last. The rule
// of its parent opens and closes zones as it moves.
type avatar struct {
	do wire.DoID // 0: none
	// at is where it is by the last that was heard of it, though what the client is told
	// may wait.
	at       wire.Location
	area     parenting.Area // whose zones are open because of it
	parent   *operation     // waits for the parent to say its rule; nil: it has, or need not
	byClient bool           // the client moved it there
}

// ownsAvatar: the client owns an object from now on, which may be its avatar.
func (v *View) ownsAvatar(do wire.DoID, at wire.Location) {
	if v.views.Rules == nil || v.closed || !v.objects[do].class.Inherits(v.views.Avatar) {
		return
	}
	v.avatar.do, v.avatar.byClient = do, false
	v.avatarIsAt(at)
	v.follow()
}

// losesAvatar: the client has lost an object that it owned. If it owns another one that
// can be its avatar, that one is it.
func (v *View) losesAvatar(do wire.DoID) {
	if v.avatar.do != do || do == wire.InvalidDoID || v.closed {
		return
	}
	var others []wire.DoID
	for do, o := range v.objects {
		if o.known&owned != 0 && o.class.Inherits(v.views.Avatar) {
			others = append(others, do)
		}
	}
	v.avatar.do = wire.InvalidDoID
	at := wire.Location{}
	if len(others) > 0 {
		v.avatar.do = slices.Min(others)
		at = v.objects[v.avatar.do].location
	}
	v.avatar.byClient = false
	v.avatarIsAt(at)
	v.follow()
}

// movesAvatar notes where the avatar goes, if it is what a datagram says to move. It need
// not wait for what the client is told.
func (v *View) movesAvatar(d *Datagram) bool {
	if v.avatar.do == wire.InvalidDoID {
		return false
	}
	r := wire.NewReader(d.Payload)
	do, to, _ := r.DoID(), r.Location(), r.Location()
	if r.Err() != nil || do != v.avatar.do {
		return false
	}
	v.avatar.byClient = d.Sender == v.session.Channel()
	v.avatarIsAt(to)
	return true
}

// avatarIsAt notes where the avatar is, and watches the parent's rule.
func (v *View) avatarIsAt(at wire.Location) {
	old := v.avatar.at.Parent
	v.avatar.at = at
	if at.Parent == old {
		return
	}
	if at.Parent != wire.InvalidDoID {
		v.views.Rules.Watch(at.Parent, v)
	}
	if old != wire.InvalidDoID {
		v.views.Rules.Unwatch(old, v)
	}
	v.awaitRule()
}

// awaitRule waits for the rule of the avatar's parent, if it is not known yet. Until then, or
// until the time is up, the avatar does not leave: it would only come back.
func (v *View) awaitRule() {
	v.ruleKnown()
	if v.avatar.at.Parent > wire.LastReservedDoID && !v.views.Rules.Settled(v.avatar.at.Parent) {
		v.avatar.parent = &operation{view: v, began: v.views.Now(), late: true, then: func() {
			v.ruleKnown()
			v.leavesIfUnseen()
		}}
		v.views.expect(v.avatar.parent)
	}
}

// ruleKnown ends that wait.
func (v *View) ruleKnown() {
	if v.avatar.parent != nil {
		v.avatar.parent.done = true
		v.avatar.parent = nil
	}
}

// leavesIfUnseen hides the avatar if it only stayed until the rule of its parent was known,
// and not because the client took it there itself.
func (v *View) leavesIfUnseen() {
	do := v.avatar.do
	o := v.objects[do]
	if v.closed || v.avatar.byClient || o.known&visible == 0 || v.pending[do] != nil || v.isSessionObject(do) || v.shownByRule(do) {
		return
	}
	if v.zones[o.location] == nil && !v.session.Opened(o.location.Channel()) {
		v.hide(do)
	}
}

// around is what the parent's rule shows because of the avatar.
func (v *View) around() parenting.Area {
	return v.views.Rules.Rule(v.avatar.at.Parent).Around(v.avatar.at)
}

// shownByRule reports whether an object is the avatar, and the parent's rule shows the place
// where it is, or may do so. Then it does not leave, whatever the client was told of its way
// there.
func (v *View) shownByRule(do wire.DoID) bool {
	return do == v.avatar.do && do != wire.InvalidDoID && (v.avatar.parent != nil || v.around().Has(v.avatar.at))
}

// follow opens the zones that the parent's rule shows, and closes those that it does not
// show any more.
func (v *View) follow() {
	if v.closed {
		return
	}
	from, to := v.avatar.area, v.around()
	if from == to {
		return
	}
	v.views.Stats.Shifts++
	v.avatar.area = to
	fresh := v.hold(to.Minus(from))
	v.release(from.Minus(to), true)
	if v.avatar.byClient {
		v.openedByRules += len(fresh)
	}
	v.showByRule(to.Parent(), fresh)
}

// showByRule asks for the objects of new zones that a rule opens.
func (v *View) showByRule(parent wire.DoID, fresh []wire.Zone) {
	if v.closed || len(fresh) == 0 {
		return
	}
	if err := v.openByRule(parent, fresh); err != nil {
		v.session.Deaf(err)
	}
}

// OpenedByRules is how many zones rules have opened because of what the client did, since the
// last call: it moved its avatar, or opened an interest.
func (v *View) OpenedByRules() int {
	n := v.openedByRules
	v.openedByRules = 0
	return n
}

// merge watches the rule of an interest's parent, and adds the zones that it shows with
// those of the interest. Of an interest that the client opens, the parent must be known
// to it, so that it cannot have any object asked.
func (v *View) merge(i *Interest, trusted bool) {
	if v.views.Rules == nil || v.closed || i.Parent <= wire.LastReservedDoID {
		return
	}
	if !trusted {
		class := v.ClassOf(i.Parent)
		if class == nil {
			return
		}
		if _, ok := class.FieldByName(parenting.FieldName); !ok {
			return
		}
	}
	i.named, i.watched = i.Zones, true
	i.Zones = v.views.Rules.Watch(i.Parent, v).Merge(i.named)
	if trusted {
		return
	}
	i.early = !v.views.Rules.Settled(i.Parent)
	for _, z := range i.Zones {
		if _, named := slices.BinarySearch(i.named, z); !named && v.zones[i.at(z)] == nil {
			v.openedByRules++
		}
	}
}

// unwatch takes back what merge has done.
func (v *View) unwatch(i *Interest) {
	if i.watched {
		v.views.Rules.Unwatch(i.Parent, v)
	}
}

func (v *View) unwatchAll() {
	if v.views.Rules == nil {
		return
	}
	for _, i := range v.interests {
		v.unwatch(i)
	}
	if v.avatar.at.Parent != wire.InvalidDoID {
		v.views.Rules.Unwatch(v.avatar.at.Parent, v)
	}
}

// RuleChanged implements [parenting.Watcher].
func (v *View) RuleChanged(parent wire.DoID) {
	if parent == v.avatar.at.Parent {
		v.ruleKnown()
		v.follow()
		v.leavesIfUnseen()
	}
	var ids []uint16
	for id, i := range v.interests {
		if i.Parent == parent && i.watched {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		if i := v.interests[id]; i != nil && i.watched {
			v.remerge(i)
		}
	}
}

// remerge alters an interest because its parent's rule is another one.
func (v *View) remerge(old *Interest) {
	zones := v.views.Rules.Rule(old.Parent).Merge(old.named)
	early := old.early
	old.early = false
	if slices.Equal(zones, old.Zones) {
		return
	}
	i := *old
	i.Zones = zones
	v.views.Stats.Shifts++
	v.views.Rules.Watch(i.Parent, v) // replace takes that of the old one back
	fresh := v.replace(&i, true)
	if early {
		v.openedByRules += len(fresh)
	}
	v.showByRule(i.Parent, fresh)
}
