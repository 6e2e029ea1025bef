package clientagent

import (
	"fmt"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
)

// An InterestRule says in which zones clients may open interests: under one parent, under
// the parents of a class, or, if it names neither, under all others. The most specific one
// counts: that of the parent, else that of its class or of the nearest of its base classes.
type InterestRule struct {
	Parent wire.DoID `key:"parent" unset:"any" doc:"The parent that the rule is for."`
	Class  string    `key:"class" unset:"any" doc:"The dclass of the parents that the rule is for, or a base class of theirs."`
	// Deny turns the list around.
	Deny  bool             `key:"mode" choices:"whitelist blacklist" doc:"Whether clients may open the zones in the list and no others, or all others and not these."`
	Zones []wire.ZoneRange `key:"zones,required" each:"zone" doc:"Zones, and ranges of them: 5, or 100-399."`
}

// check finds what is wrong with rules in a configuration.
func checkInterestRules(all []InterestRule, report func(problem, fix string, keys ...string)) {
	type subject struct {
		parent wire.DoID
		class  string
	}
	seen := map[subject]int{}
	for i, r := range all {
		at := fmt.Sprintf("client.interests[%d]", i)
		if r.Parent != wire.InvalidDoID && r.Class != "" {
			report("the rule names a parent and a class", "write two rules, or take one of the two out", at+".class", at+".parent")
		}
		s := subject{r.Parent, r.Class}
		if first, twice := seen[s]; twice {
			report(fmt.Sprintf("client.interests[%d] is for the same parents", first), "write one rule with all zones", at)
		} else {
			seen[s] = i
		}
		for j, z := range r.Zones {
			if z.Min > z.Max {
				report(fmt.Sprintf("the range is reversed: it begins with %d and ends with %d", z.Min, z.Max), "swap them", fmt.Sprintf("%s.zones[%d]", at, j))
			}
		}
	}
}

// interestRules are the rules of an agent.
type interestRules struct {
	parents map[wire.DoID]*InterestRule
	classes []classRule
	others  *InterestRule
}

type classRule struct {
	class *dc.Class
	*InterestRule
}

// newInterestRules finds the classes, which the DC files have.
func newInterestRules(all []InterestRule, file *dc.File) *interestRules {
	rules := &interestRules{parents: map[wire.DoID]*InterestRule{}}
	for i := range all {
		switch r := &all[i]; {
		case r.Parent != wire.InvalidDoID:
			rules.parents[r.Parent] = r
		case r.Class != "":
			class, _ := file.DClassByName(r.Class)
			rules.classes = append(rules.classes, classRule{class, r})
		default:
			rules.others = r
		}
	}
	return rules
}

// of is the rule for a parent whose class may be unknown; nil if there is none. ok is false
// if that depends on the class.
func (rules *interestRules) of(parent wire.DoID, class *dc.Class) (r *InterestRule, ok bool) {
	if r := rules.parents[parent]; r != nil {
		return r, true
	}
	if class == nil && len(rules.classes) > 0 {
		return nil, false
	}
	var nearest classRule
	for _, r := range rules.classes {
		if class.Inherits(r.class) && (nearest.class == nil || r.class.Inherits(nearest.class)) {
			nearest = r
		}
	}
	if nearest.class != nil {
		return nearest.InterestRule, true
	}
	return rules.others, true
}

// allows reports whether clients may open a zone.
func (r *InterestRule) allows(zone wire.Zone) bool {
	listed := slices.ContainsFunc(r.Zones, func(z wire.ZoneRange) bool { return z.Contains(zone) })
	return listed != r.Deny
}

// forbiddenZone is what becomes of a client that may not open one of the zones of an
// interest.
func forbiddenZone(s *session, parent wire.DoID, zones []wire.Zone) *ejection {
	r, ok := s.role.interestRules.of(parent, s.view.ClassOf(parent))
	switch {
	case !ok:
		return ejectf(wire.EjectForbiddenInterest, "The client does not know object %d, the parent of the interest, whose class decides which zones it may open.", parent)
	case r == nil:
		return nil
	}
	for _, z := range zones {
		if !r.allows(z) {
			return ejectf(wire.EjectForbiddenInterest, "Clients may not open interests in zone %d of object %d.", z, parent)
		}
	}
	return nil
}
