// Package bridgetest holds the guarantees of package bridge against the ways in
// which nodes can be joined. [Run] is the suite; a [Topology] is one of the
// ways. Another way to join nodes can run the same suite.
//
//	func TestOurs(t *testing.T) { bridgetest.Run(t, ours) }
//
// Each guarantee is tested quiet, and with subscriptions churning: on every node
// somebody adds and removes channels, and ranges over those in use, all the
// time.
package bridgetest
