package daemon

import "natstron/bridge"

// statsAttrs is the counters as log attributes, those that count troubles only
// where there were some.
func statsAttrs(s bridge.Stats) []any {
	attrs := []any{
		"participants", s.Participants, "channels", s.Channels, "ranges", s.Ranges, "peers", s.Peers,
		"sent", s.Sent, "delivered", s.Delivered, "published", s.Published, "received", s.Received,
		"post_removes", s.PostRemoves,
	}
	severe := uint64(0)
	for _, u := range s.Unheard {
		if u.Severe() {
			severe += u.Count
		}
	}
	for _, trouble := range []struct {
		name  string
		count uint64
	}{
		{"unheard", severe}, {"malformed", s.Malformed}, {"overflows", s.Overflows}, {"gaps", s.Gaps}, {"unpublished", s.Unpublished}, {"too_long", s.TooLong},
		{"dead_nodes", s.DeadNodes}, {"zombies", s.Zombies}, {"bad_notes", s.BadNotes}, {"backbone_errors", s.BackboneErrors},
	} {
		if trouble.count > 0 {
			attrs = append(attrs, trouble.name, trouble.count)
		}
	}
	return attrs
}
