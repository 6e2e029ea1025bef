// Package e2e tests whole daemons: the real binary, its configuration file, its
// log, real sockets and real signals. Nothing is imported from package app; what
// is known of a daemon is what an operator knows.
//
// Daemons listen on ports that the system chooses, and say in their log which.
package e2e
