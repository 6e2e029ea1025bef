// Package parenting reads the rules of parents: which zones of a parent a client sees because of
// the place of its avatar, or because of an interest. In DC files of the games that descend from
// Disney's, a rule is a field of the parent:
//
//	setParentingRules(string type, string rule) required broadcast ram;
//
// The types are
//
//	Stated                          none: clients and AIs open interests themselves
//	Follow                          the avatar's zone
//	Cartesian  start:size:radius    the cells of a grid around the avatar's. Zone start is
//	                                the first cell; size cells make a row, and size rows the
//	                                grid
//	Auto       origin:zone|zone|…   an interest in zone origin also shows the others
//
// as in Ardos. CartesianStated, a type of Panda3D's grids, is the same as Cartesian here: clients
// and AIs may always open interests in zones that are not cells of the grid.
//
// A [Rule] is such a value. A [Table] knows the present rules of the parents that are in use: it
// asks a parent for its class and its rule, and receives changes. If the parent has no value, the
// default of the DC files holds.
//
// # What must not be assumed
//
// An object sends a new value to its location. If a parent has no location, nobody receives it,
// and the old rule holds as long as the table has the parent.
//
// # Where to look
//
//	rule.go    a value; parse.go: how it is written
//	area.go    zones of a rule, and the difference of two of them
//	table.go   the parents; entry.go: how one of them is found out about
package parenting
