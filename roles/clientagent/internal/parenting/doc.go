// Package parenting is what a parent object says of its zones: which of them a client is
// shown because of the place of its avatar, or because of an interest. DC files of the
// games that descend from Disney's declare it as a field of the parent:
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
// as Ardos reads them. CartesianStated, which Panda3D's grids know, is Cartesian: zones
// that are not of the grid are stated in both.
//
// A [Rule] is such a value. A [Table] knows the present rules of the parents that matter to
// somebody: it asks the parent for its class and its value, hears of changes, and falls
// back on the default in the DC files.
//
// # What must not be assumed
//
// An object tells those in its location of a new value. A parent that is in no location
// tells nobody: then the rule stays as it was until nobody needs it any more.
//
// # Where to look
//
//	rule.go    a value; parse.go: how it is written
//	area.go    zones of a rule, and the difference of two of them
//	table.go   the parents; entry.go: how one of them is found out about
package parenting
