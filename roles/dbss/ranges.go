package dbss

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"natstron/bridge/wire"
	"natstron/roles/stateserver"
)

// ranges are in ascending order, and apart.
type ranges []wire.DoIDRange

func newRanges(all []wire.DoIDRange) (ranges, error) {
	if len(all) == 0 {
		return nil, errors.New("no range of doIds")
	}
	if len(all) > stateserver.MaxRanges {
		return nil, fmt.Errorf("%d ranges of doIds, at most %d", len(all), stateserver.MaxRanges)
	}
	own := slices.SortedFunc(slices.Values(all), func(a, b wire.DoIDRange) int { return cmp.Compare(a.Min, b.Min) })
	for i, o := range own {
		switch {
		case o.Min <= wire.LastReservedDoID:
			return nil, fmt.Errorf("range %d to %d: doIds up to %d are reserved", o.Min, o.Max, wire.LastReservedDoID)
		case o.Min > o.Max:
			return nil, fmt.Errorf("range %d to %d is reversed", o.Min, o.Max)
		case i > 0 && own[i-1].Max >= o.Min:
			return nil, fmt.Errorf("range %d to %d overlaps %d to %d", o.Min, o.Max, own[i-1].Min, own[i-1].Max)
		}
	}
	return own, nil
}

// has reports whether a doId is in one of the ranges.
func (all ranges) has(id wire.DoID) bool {
	i, _ := slices.BinarySearchFunc(all, id, func(o wire.DoIDRange, id wire.DoID) int { return cmp.Compare(o.Max, id) })
	return i < len(all) && all[i].Min <= id
}
