// Package nonblock reads and writes sockets of a Unix system that do not block, as those
// of package net, without waiting for them.
package nonblock
