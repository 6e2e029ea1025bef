// Package status is what a process tells of itself: one [Snapshot], which the web
// server gives out as JSON, the status page and astrond top show, and whose
// numbers become metrics.
//
// It holds types only, and the bounded list of [Warnings]. The code that gathers a
// snapshot knows the roles; the code that shows one need not.
package status
