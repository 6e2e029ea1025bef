// Package status is what a process tells of itself: one [Snapshot], which the web
// server gives out as JSON, the status page and astrond top show, and whose
// numbers become metrics.
//
// It holds types only, and the bounded list of [Warnings]. Who gathers a snapshot
// knows the roles; who shows one does not have to.
package status
