// Command astrond is the Astron server suite on a NATS backbone: one process of
// a cluster, and the tools around it. All of it is in package astrond.
package main

import "natstron/astrond"

func main() { astrond.Main(nil) }
