package configfile

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// address is a host, or an IP address, with a port. The zero address means that
// none is configured. The host is a name, or an IP address without brackets.
type address struct {
	host string
	port uint16
}

// isZero reports whether no address is configured.
func (a address) isZero() bool { return a == address{} }

// String is host:port, as package net takes it, with brackets around IPv6; it is
// empty for the zero address.
func (a address) String() string {
	if a.isZero() {
		return ""
	}
	return net.JoinHostPort(a.host, strconv.Itoa(int(a.port)))
}

// parseAddress reads host, host:port, an IPv6 address, or [IPv6]:port. A text with
// several colons is an IPv6 address without a port, unless its last colon follows a
// bracket: that is how the reference tells them apart. A number alone is a port of the
// default host, if there is one. Port 0 lets the system choose, which makes sense only for an address to listen on.
func parseAddress(text, defaultHost string, defaultPort uint16, listen bool) (address, *wrong) {
	if allDigits(text) && defaultHost != "" {
		text = defaultHost + ":" + text
	}
	host, port := text, defaultPort
	if i := strings.LastIndexByte(text, ':'); i >= 0 && (strings.Count(text, ":") == 1 || text[i-1] == ']') {
		n, w := parseNumber(text[i+1:], 65535)
		if w != nil || strings.HasPrefix(text[i+1:], "0x") {
			return address{}, &wrong{show(text[i+1:]) + " is not a port", "write a number from 1 to 65535"}
		}
		host, port = text[:i], uint16(n)
	}
	if port == 0 && !listen {
		return address{}, &wrong{"port 0 cannot be connected to", "write the port that the other side listens on"}
	}
	host, w := parseHost(host)
	if w != nil {
		return address{}, w
	}
	return address{host, port}, nil
}

const addressFix = `write host:port, such as 127.0.0.1:7199, or "[::1]:7199" in quotes`

// parseHost reads an IP address or a name, and takes the brackets off.
func parseHost(text string) (string, *wrong) {
	opened, closed := strings.Contains(text, "["), strings.Contains(text, "]")
	if opened != closed {
		return "", &wrong{show(text) + " has unbalanced brackets", addressFix}
	}
	if opened || strings.Contains(text, ":") {
		bare := text
		if opened && strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
			bare = text[1 : len(text)-1]
		}
		ip, err := netip.ParseAddr(bare)
		if err != nil || !ip.Is6() {
			return "", &wrong{show(text) + " is not an IPv6 address", addressFix}
		}
		return bare, nil
	}
	return text, checkHostName(text)
}

// checkHostName holds a name to the reference's rules: letters, digits, dots and
// dashes; no empty part, and none that begins or ends with a dash.
func checkHostName(name string) *wrong {
	if name == "" {
		return &wrong{"has no host", addressFix + "; 0.0.0.0 means all interfaces"}
	}
	if len(name) > 253 {
		return &wrong{show(name) + " is too long for a host name", addressFix}
	}
	for _, c := range name {
		if !isAlphanumeric(c) && c != '.' && c != '-' {
			return &wrong{fmt.Sprintf("%s is not a host name: it has the character %s", show(name), show(string(c))), addressFix}
		}
	}
	if strings.Contains(name, "..") || strings.Contains(name, "-.") || strings.Contains(name, ".-") ||
		strings.HasPrefix(name, "-") || strings.HasPrefix(name, ".") || strings.HasSuffix(name, "-") {
		return &wrong{show(name) + " is not a host name: a part of it is empty, or begins or ends with a dash", addressFix}
	}
	return nil
}

func isAlphanumeric(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// clash reports whether listening on both addresses with one protocol must fail.
// Names are compared as they are written, except localhost.
func (a address) clash(b address) bool {
	if a.isZero() || b.isZero() || a.port != b.port || a.port == 0 {
		return false
	}
	if strings.EqualFold(a.host, b.host) {
		return true
	}
	x, xOK := a.ip()
	y, yOK := b.ip()
	if !xOK || !yOK {
		return false
	}
	return x == y || covers(x, y) || covers(y, x)
}

// ip is the address as a number, where the text tells it.
func (a address) ip() (netip.Addr, bool) {
	if strings.EqualFold(a.host, "localhost") {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), true
	}
	ip, err := netip.ParseAddr(a.host)
	return ip.Unmap(), err == nil
}

// covers reports whether any is "all interfaces" in a way that takes in one. The IPv6
// form takes in IPv4 too.
func covers(any, one netip.Addr) bool {
	return any.IsUnspecified() && (any.Is6() || one.Is4())
}
