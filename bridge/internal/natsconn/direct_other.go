//go:build !unix

package natsconn

import "net"

func ready(nc net.Conn) socket { return stream{nc} }
