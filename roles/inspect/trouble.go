package inspect

import (
	"fmt"
	"slices"
	"strings"
)

// troubles is what is wrong with the cluster as a whole: what no process can tell alone.
func (r *Result) troubles() (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	hashes := map[string][]string{}
	for i, p := range r.Processes {
		at := r.From[i].Title()
		if !p.Ready {
			say("%s is not ready: %s.", at, strings.Join(p.NotReady, "; "))
		}
		if p.DCHash != "" {
			hashes[p.DCHash] = append(hashes[p.DCHash], at)
		}
		for j, other := range r.Processes[:i] {
			for _, clash := range clashes(p.Claims, other.Claims) {
				say("%s and %s both serve %s.", r.From[j].Title(), at, clash)
			}
		}
	}
	if len(hashes) > 1 {
		var parts []string
		for hash, names := range hashes {
			parts = append(parts, fmt.Sprintf("%s at %s", hash, strings.Join(names, ", ")))
		}
		slices.Sort(parts)
		say("The processes have different DC files, so they number classes and fields differently: %s.", strings.Join(parts, "; "))
	}
	return all
}

// clashes are the claims of one process that meet claims of another for the same service.
func clashes(a, b []Claim) (all []string) {
	for _, x := range a {
		for _, y := range b {
			lo, hi := max(x.Lo, y.Lo), min(x.Hi, y.Hi)
			if x.Service != y.Service || x.Service == "any object" || x.Service == "adopted clients" || lo > hi {
				continue
			}
			what := map[string]string{"clients": "clients", "control": "the control channel", "objects": "the objects"}[x.Service]
			if what == "" {
				what = x.Service
			}
			if lo == hi {
				all = append(all, fmt.Sprintf("%s %d", what, lo))
			} else {
				all = append(all, fmt.Sprintf("%s %d to %d", what, lo, hi))
			}
		}
	}
	return all
}
