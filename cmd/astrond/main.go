// Command astrond is the Astron server suite on a NATS backbone: one process of
// a cluster, and the tools around it. All of it is in package app.
package main

import "natstron/cmd/astrond/app"

func main() { app.Main(app.Extensions{}) }
