// Package roles defines a role, a part of the daemon that does one job on the backbone,
// such as a state server or a client agent, and runs the roles of a process together.
//
// A [Role] has three steps, which are called one after the other and once each. A [Group]
// takes a list of roles through these steps. If one of them ends, all end: the rest of the
// cluster must notice that a part is missing, instead of getting half of the answers.
//
// The packages below this one are the roles.
package roles
