// Package metrics is the one place that gives the numbers of roles and of the
// backbone their names.
//
// A [Set] takes the Stats of whatever runs in a process, and holds them as
// families of samples: for the snapshot that people look at ([Set.ByName]), and
// for Prometheus ([Handler]). Each kind of Stats has a table, with a row for each metric:
// its name, its value, and what it means. docs/metrics.md is written from the same tables
// ([Catalogue]).
//
// A name is astrond_<part>_<what>, with _total where it only grows. The label role
// is a role's Name. No metric has a label whose values are channels, doIds or
// whatever else players could make many of.
package metrics
