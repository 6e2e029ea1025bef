// Package roles is the life of a role: a part of the daemon that does one job
// on the backbone, such as a state server or a client agent.
//
// A [Role] has three steps, called one after the other and once each. A [Group]
// takes a list of them through these steps together: if one of them ends, all
// do, because a cluster that lost a part must hear of it rather than go on
// half.
//
// The roles themselves are the packages below this one.
package roles
