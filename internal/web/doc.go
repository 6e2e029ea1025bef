// Package web is a process's HTTP server: the status page, the same data as JSON,
// metrics, health checks, and Go's profiler if it is asked for.
//
//	/              the status page
//	/api/status    a status.Snapshot of this process, as JSON
//	/api/cluster   what all processes say of themselves: an inspect.Result
//	/api/clients   and client, parents, zones, objects, object, viewers: likewise
//	/api/why       why a client sees an object, or does not: an inspect.Verdict
//	/metrics       for Prometheus
//	/healthz       200 while the process answers at all
//	/readyz        200 while it can do all of its work, else 503
//	/debug/pprof/  the profiler
//
// The package knows no roles: it shows what [Options] give it. It only ever reads,
// so all it answers to is GET and HEAD. With a password it asks everybody for it,
// but for the two health checks, which then say no more than yes or no.
package web
