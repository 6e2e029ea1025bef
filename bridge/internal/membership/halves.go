package membership

// A Report is what was heard at a server.
type Report struct {
	Self  bool            // this node itself was heard there
	Nodes map[string]bool // by origin: whether it serves
}

// Better is the server to which a node should move, -1 for none. here says which nodes it
// knows, and whether they serve, itself included.
func Better(reports []Report, here map[string]bool) int {
	serving := func(nodes map[string]bool) (count int) {
		for _, serves := range nodes {
			if serves {
				count++
			}
		}
		return count
	}
	best, most := -1, serving(here)
	for i, s := range reports {
		if s.Self && best < 0 { // this half comes before the others of its size
			best = len(reports)
		}
		strangers := false
		for origin := range s.Nodes {
			if _, known := here[origin]; !known {
				strangers = true
			}
		}
		if s.Self || !strangers {
			continue
		}
		if theirs := serving(s.Nodes); theirs > most || (theirs == most && best < 0) {
			best, most = i, theirs
		}
	}
	if best == len(reports) {
		return -1
	}
	return best
}

// Here is the nodes that were heard on the present link, and whether they serve, this one
// included.
func (m *Members) Here() map[string]bool {
	here := map[string]bool{m.origin: m.config.Facts().Serving}
	for _, p := range m.peers {
		if p.met == m.origin {
			here[p.origin] = !p.joining
		}
	}
	return here
}
