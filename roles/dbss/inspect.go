package dbss

import (
	"natstron/bridge/wire"
	"natstron/roles/stateserver"
)

// Space is where the active objects are.
func (r *Role) Space() *stateserver.Space { return r.space }

// Has reports whether an object is in the role's ranges, active or not. Any goroutine may
// call it.
func (r *Role) Has(id wire.DoID) bool { return r.ranges.has(id) }
