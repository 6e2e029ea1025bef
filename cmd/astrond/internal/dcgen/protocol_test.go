package dcgen

import (
	"fmt"
	"strings"
	"testing"

	"natstron/bridge/wire"
	"natstron/internal/doctest"
)

// What the TypeScript client knows of the protocol is written from the wire tables: go test
// . -update does so.
func TestProtocol(t *testing.T) {
	doctest.Compare(t, project+"/clients/typescript/src/protocol.ts", protocol())
}

func protocol() string {
	var b strings.Builder
	b.WriteString("// Written from the tables of bridge/wire: go test ./cmd/astrond/internal/dcgen -update\n\n")
	b.WriteString("/** The numbers of the messages between a client and its client agent. */\nexport const Message = {\n")
	for _, m := range wire.ClientMsgTypes() {
		layout, _ := wire.ClientLayoutOf(m)
		fmt.Fprintf(&b, "  /** From %s: %v */\n  %s: %d,\n", layout.From, layout, constant(layout.Name), uint16(m))
	}
	b.WriteString("} as const;\n\n/** What the codes of CLIENT_EJECT mean. A game may have codes of its own. */\n")
	b.WriteString("export const ejectReasons: { readonly [code: number]: string } = {\n")
	for code := range 1 << 16 {
		if reason := wire.EjectCode(code).String(); reason != fmt.Sprint(code) {
			fmt.Fprintf(&b, "  %d: %q,\n", code, reason)
		}
	}
	b.WriteString("};\n")
	return b.String()
}

// constant turns CLIENT_HELLO_RESP into HelloResp.
func constant(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(strings.TrimPrefix(name, "CLIENT_"), "_") {
		b.WriteString(word[:1] + strings.ToLower(word[1:]))
	}
	return b.String()
}
